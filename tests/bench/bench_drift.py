"""How seldom the sequential detection cries wolf, and how soon it notices: by simulation.

    python -m tests.bench.bench_drift [--trials 400]

Campaigns of 2,000 sends go through the state as events do, at ten a minute. Beside it the plain
rules that the market ships: « pause at 2 % bounces after 20 sends », « 5 % of all leads ».
"""

import argparse
import json
import random
from collections.abc import Callable, Sequence
from statistics import median

from streamer.events import decode_record
from streamer.kpis.drift import WATCHES, Watch
from streamer.state import Epoch, Partition
from tests.bench.profiles import rfc3339
from tests.bench.table import line, title

START = 1_772_438_400
SENDS = 2_000
PER_MINUTE = 10
KINDS = {
    "hard_bounced": "email.bounced",
    "complained": "email.complained",
    "unsubscribed": "email.unsubscribed",
    "failed": "sms.failed",
    "opted_out": "sms.opted_out",
    "returned": "postal.returned",
}
Rule = Callable[[Sequence[bool]], int | None]


def chances(seed: int, healthy: float, drifted: float, change: int, sends: int) -> list[bool]:
    """Which sends fail: at the healthy rate up to `change`, at the other from there on."""
    dice = random.Random(seed)
    return [dice.random() < (healthy if n < change else drifted) for n in range(sends)]


def cusum(watch: Watch) -> Rule:
    """The send at which the product's own state is at the bound, None if it never is."""

    def judge(failed: Sequence[bool]) -> int | None:
        partition = Partition(Epoch(1, 1), watches=(watch,))
        for first in range(0, len(failed), PER_MINUTE):
            told = []
            for number in range(first, min(first + PER_MINUTE, len(failed))):
                told.append(_event(f"{watch.channel}.sent", number, first))
                if failed[number]:
                    told.append(_event(KINDS[watch.failure], number, first))
            partition.apply(decode_record(b"c", json.dumps(told).encode()))
            partition.refresh()
            (drift,) = partition.snapshot("c", START + first * 60 // PER_MINUTE).drift
            if drift.level >= 1:
                return first + PER_MINUTE
        return None

    return judge


def _event(kind: str, number: int, first: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"{kind}-{number}",
        "source": "/bench",
        "type": kind,
        "time": rfc3339(START + first * 60 // PER_MINUTE),
        "campaign": "c",
        "message": f"m{number}",
        "data": {"bounce": "hard"},
    }


def share(limit: float, after: int, of: int | None = None) -> Rule:
    """Alarm when failures are this share of the sends so far (or of all that are planned)."""

    def judge(failed: Sequence[bool]) -> int | None:
        found = 0
        for number, bad in enumerate(failed, 1):
            found += bad
            if number >= after and found >= limit * (of or number):
                return number
        return None

    return judge


def measure(name: str, rule: Rule, watch: Watch, trials: int, change: int) -> None:
    """False alarms of a healthy campaign, and the sends until a jump is noticed."""
    healthy = [rule(chances(n, watch.healthy, watch.healthy, 0, SENDS)) for n in range(trials)]
    false = sum(each is not None for each in healthy) / trials
    found = []
    for number in range(trials):
        seen = rule(chances(number, watch.healthy, watch.drifted, change, change + 3 * SENDS))
        if seen is not None and seen > change:
            found.append(seen - change)
    line(f"{name}: false alarms in {SENDS:,} sends", 100 * false, "%")
    if found:
        line(f"{name}: sends until it notices", median(found), "sends")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--change", type=int, default=500)
    options = parser.parse_args()
    bounce = WATCHES[0]
    title(f"Drift: {bounce.healthy:.0%} → {bounce.drifted:.0%} after {options.change} sends")
    measure("CUSUM, mail.hard_bounce", cusum(bounce), bounce, options.trials, options.change)
    measure("pause at 2 % after 20", share(0.02, 20), bounce, options.trials, options.change)
    measure("5 % of all leads", share(0.05, 1, SENDS), bounce, options.trials, options.change)
    title("Drift: the other watches")
    for watch in WATCHES[1:]:
        measure(f"CUSUM, {watch.key}", cusum(watch), watch, options.trials // 4, 0)


if __name__ == "__main__":
    main()
