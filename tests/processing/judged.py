"""What the tests of the engine send, and the judgement of what its workers show."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.processing.cluster import Worker, all_committed, until
from tests.recount.recount import compare, recount
from tests.recount.stream import stream

Event = dict[str, Any]

CAMPAIGNS = 6
TOUCHES = 60
RATE = 10.0


def events_of(prefix: str, seed: int, count: int) -> list[Event]:
    """A stream with every rule in play, duplicates and disorder included, in campaigns of ours.

    It ends about now, so that the windows that slide by the clock are not empty.
    """
    start = int(time.time() - count / RATE)
    return [
        {**event, "campaign": f"{prefix}-{event['campaign']}"}
        if isinstance(event.get("campaign"), str) and event["campaign"]
        else {**event, "campaign": f"{prefix}-0"}
        for event in stream(seed, count, CAMPAIGNS, TOUCHES, rate=RATE, start=start)
    ]


def by_campaign(events: Iterable[Event]) -> dict[str, list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event["campaign"], []).append(event)
    return groups


def differences_in(events: Sequence[Event], shown: Mapping[str, Any]) -> list[str]:
    """What is shown that a recount does not give, or the other way round."""
    found: list[str] = []
    for campaign, sent in by_campaign(events).items():
        actual = shown.get(campaign)
        if actual is None:
            found.append(f"{campaign} is not shown")
            continue
        expected = recount(sent, actual["as_of"], campaign=campaign)
        found += [f"{campaign}: {difference}" for difference in compare(expected, actual)]
    return found


def differences(events: Sequence[Event], workers: Sequence[Worker]) -> list[str]:
    """Likewise, for all that these workers show."""
    shown: dict[str, Any] = {}
    for worker in workers:
        shown |= worker.shown()
    return differences_in(events, shown)


async def settled(kafka: str, events: Sequence[Event], workers: Sequence[Worker]) -> None:
    """All is committed, and every number is the recount's."""
    await until(lambda: all(worker.ready() for worker in workers), "the workers to be ready")
    await until(lambda: all_committed(kafka), "everything to be committed")
    # What is committed is exported within a second; then nothing may differ.
    await asyncio.sleep(1.0)
    assert differences(events, workers) == []
