"""What `streamer doctor` reads in the metrics of the worker that STREAMER_METRICS names.

Changes nothing there.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from streamer.commands.checks import Finding, beside, fault, well
from streamer.commands.watch_checks import ask
from streamer.settings import Settings

# Every campaign is brought up to date each minute, traffic or not.
_OLDEST_SECONDS: Final = 130
_MOST_LAG: Final = 100_000

Samples = Mapping[str, Sequence[float]]


async def check_numbers(settings: Settings) -> Finding:
    """The worker keeps up, its numbers are of now, and Redis gets them."""
    if not settings.kafka:
        return beside("nothing runs on this folder; `streamer up` starts all of it")
    url = f"http://{settings.metrics}/metrics"
    try:
        text = ask(url)[1].decode()
    except OSError as error:
        return beside(f"no metrics at {url}: {error}")
    found: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.value)
    return judged(found, time.time())


def judged(samples: Samples, now: float) -> Finding:
    """What the samples of a worker say at `now`, seconds since 1970."""
    as_of = samples.get("prospecting_as_of_seconds", ())
    lag = sum(samples.get("streamer_consumer_lag_records", ()))
    incomplete = sum(samples.get("prospecting_incomplete", ()))
    if 0.0 in samples.get("streamer_redis_up", ()):
        return fault(
            "the worker does not reach Redis: the API shows old numbers, Prometheus the right ones",
            "see whether Redis runs, and whether STREAMER_REDIS is right where the worker runs",
        )
    if as_of and now - min(as_of) > _OLDEST_SECONDS:
        return fault(
            f"numbers are {now - min(as_of):.0f} s old",
            "see the worker's log: it withholds or delays exports while Kafka does not answer",
        )
    if lag > _MOST_LAG:
        return fault(
            f"{lag:.0f} records of touchpoints are still to be read",
            "wait if it has just started; else start more workers, see streamer/docs/scale.md",
        )
    if incomplete:
        return fault(
            f"{incomplete:.0f} campaign(s) lack a record that was set aside by --quarantine",
            "replay it once the defect is mended: `streamer deadletters list --state open`",
        )
    return well(f"{len(as_of)} campaign(s) here, {lag:.0f} record(s) to be read")
