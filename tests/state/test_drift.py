"""The CUSUM over sends against one that is summed up from the definition, send minute by minute."""

import math
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.events.times import parse_seconds
from streamer.kpis.drift import WATCHES, watches
from streamer.state import Drift, Epoch, Partition
from streamer.state.layout import LAYOUTS
from tests.state.stored import Stored, apply

START = parse_seconds("2026-03-02T10:00:00Z")
NOW = START + 4 * 3600
KINDS = {
    "email": ["email.sent", "email.bounced", "email.complained", "email.unsubscribed"],
    "sms": ["sms.sent", "sms.failed", "sms.opted_out"],
    "postal": ["postal.sent", "postal.returned"],
}
# What proves which failure; each proves the sending as well.
FAILURES = {
    "email.bounced": "hard_bounced",
    "email.complained": "complained",
    "email.unsubscribed": "unsubscribed",
    "sms.failed": "failed",
    "sms.opted_out": "opted_out",
    "postal.returned": "returned",
}
happenings = st.sampled_from(sorted(KINDS)).flatmap(
    lambda channel: st.tuples(
        st.just(channel),
        st.integers(0, 25),
        st.sampled_from(KINDS[channel]),
        st.integers(0, 5 * 3600),
    )
)


def event(happening: tuple[str, int, str, int]) -> dict[str, Any]:
    _, message, kind, at = happening
    second = START + at
    return {
        "specversion": "1.0",
        "id": f"{happening}",
        "source": "/s",
        "type": kind,
        "time": f"2026-03-02T{10 + at // 3600:02}:{at % 3600 // 60:02}:{second % 60:02}Z",
        "campaign": "c",
        "message": f"m{message}",
        "data": {"bounce": "hard"} if kind == "email.bounced" else {},
    }


def naive(told: list[tuple[str, int, str, int]], now: int) -> list[Drift]:
    found = []
    for watch in WATCHES:
        ours = [each for each in told if each[0] == watch.channel]
        sent = {each[1]: min(o[3] for o in ours if o[1] == each[1]) // 60 for each in ours}
        bad = {each[1] for each in ours if FAILURES.get(each[2]) == watch.failure}
        sends, failures = Counter(sent.values()), Counter(sent[message] for message in bad)
        up_to = (now - START) // 60
        if not any(minute // 60 <= up_to // 60 for minute in sends):
            continue
        value, since = 0.0, None
        for minute in sorted(minute for minute in sends if minute <= up_to):
            for is_bad, count in (
                (True, failures[minute]),
                (False, sends[minute] - failures[minute]),
            ):
                share = (watch.drifted, watch.healthy)
                ratio = share[0] / share[1] if is_bad else (1 - share[0]) / (1 - share[1])
                value += count * math.log(ratio)
            if value <= 0:
                value, since = 0.0, None
            else:
                since = START + minute * 60 if since is None else since
                value = min(value, watch.bound)
        found.append(Drift(watch.channel, watch.kpi, value / watch.bound, since))
    return found


def same(found: list[Drift], wanted: list[Drift]) -> bool:
    return [(d.channel, d.kpi, d.since) for d in found] == [
        (d.channel, d.kpi, d.since) for d in wanted
    ] and all(
        math.isclose(a.level, b.level, abs_tol=1e-9) for a, b in zip(found, wanted, strict=True)
    )


@given(
    st.lists(happenings, min_size=1, max_size=60),
    st.randoms(use_true_random=False),
    st.lists(st.integers(START - 60, NOW + 3600), min_size=1, max_size=4),
)
def test_any_order_repetition_split_and_restart_give_the_sum_from_the_definition(
    told: list[tuple[str, int, str, int]], chance: Random, moments: list[int]
) -> None:
    sent = [event(each) for each in told + chance.sample(told, len(told) // 2)]
    chance.shuffle(sent)
    partition, stored = Partition(Epoch(1, 1)), Stored(chance)
    while sent:
        cut = chance.randint(1, len(sent))
        apply(partition, list(sent[:cut]))
        sent = sent[cut:]
        partition.refresh()
        # A snapshot in between, later or earlier than the others, must leave nothing behind.
        partition.snapshot("c", chance.choice(moments))
        if chance.random() < 0.2:
            stored.write(partition.checkpoint())
            partition.written()
            partition = stored.recover(256)
    partition.refresh()
    for now in moments:
        assert same(partition.snapshot("c", now).drift, naive(told, now))


def campaign(sends: int, bad: int) -> Partition:
    """So many mails at ten a minute, the last of which bounced."""
    told = [("email", number, "email.sent", number * 6) for number in range(sends)]
    told += [("email", n, "email.bounced", n * 6 + 3) for n in range(sends - bad, sends)]
    partition = Partition(Epoch(1, 1))
    apply(partition, [event(each) for each in told])
    partition.refresh()
    return partition


def test_a_healthy_campaign_is_at_zero_and_one_gone_bad_is_an_alarm_since_it_went_bad() -> None:
    bounce, *_ = campaign(200, 0).snapshot("c", NOW).drift
    assert (bounce.kpi, bounce.level, bounce.since) == ("hard_bounce", 0.0, None)
    bounce, *_ = campaign(200, 10).snapshot("c", NOW).drift
    assert (bounce.level, bounce.since) == (1.0, START + 19 * 60)


def test_a_campaign_that_recovers_falls_back_to_zero() -> None:
    partition = campaign(200, 10)
    apply(partition, [event(("email", n, "email.sent", n * 6)) for n in range(200, 400)])
    partition.refresh()
    bounce, *_ = partition.snapshot("c", NOW).drift
    assert bounce.level == 0.0


def test_every_watch_is_of_a_milestone_and_of_a_kpi_that_there_is() -> None:
    layouts = {layout.channel: layout for layout in LAYOUTS}
    for watch in WATCHES:
        assert watch.failure in layouts[watch.channel].column
        assert 0 < watch.healthy < watch.drifted < 1
        assert watch.why


def test_rates_may_be_chosen_and_wrong_ones_are_told() -> None:
    (chosen,) = [w for w in watches({"sms.failed": (0.1, 0.3, 5)}) if w.key == "sms.failed"]
    assert (chosen.healthy, chosen.drifted, chosen.bound) == (0.1, 0.3, 5)
    with pytest.raises(ValueError, match=r"names fax\.failed, and there are email\.hard_bounce"):
        watches({"fax.failed": (0.1, 0.3, 5)})
    with pytest.raises(ValueError, match="rates that are not"):
        watches({"sms.failed": (0.3, 0.1, 5)})
