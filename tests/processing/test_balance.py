"""Many campaigns on several workers: shared out, each shown once, taken over when one is killed."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.processing.cluster import (
    PARTITIONS,
    Worker,
    all_committed,
    send,
    until,
)
from tests.recount.recount import compare, recount
from tests.recount.stream import stream

pytestmark = pytest.mark.kafka

Event = dict[str, Any]
CAMPAIGNS = 200


def differences(events: Iterable[Event], workers: Sequence[Worker]) -> list[str]:
    """What is not as a recount gives it, and what none or several show."""
    sent: dict[str, list[Event]] = {}
    for event in events:
        sent.setdefault(event["campaign"], []).append(event)
    shown = [(name, numbers) for worker in workers for name, numbers in worker.shown().items()]
    times = Counter(name for name, _ in shown)
    found = [f"{name} is shown {times[name]} times" for name in sent if times[name] != 1]
    for name, numbers in shown:
        if name in sent:
            expected = recount(sent[name], numbers["as_of"], campaign=name)
            found += [f"{name}: {difference}" for difference in compare(expected, numbers)]
    return found


async def settled(kafka: str, events: Iterable[Event], workers: Sequence[Worker]) -> None:
    await until(lambda: all(worker.ready() for worker in workers), "the workers to be ready")
    await until(lambda: all_committed(kafka), "everything to be committed")
    await asyncio.sleep(1.5)
    assert differences(events, workers) == []


def shares(prefix: str, workers: Sequence[Worker]) -> list[int]:
    """How many of our campaigns each of them shows."""
    return [sum(name.startswith(prefix) for name in worker.shown()) for worker in workers]


async def test_three_workers_share_two_hundred_campaigns_and_survive_the_loss_of_one(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    # Its own: so many campaigns would burden every test after this one.
    kafka = own_kafka
    events = [
        {**event, "campaign": f"{prefix}-{event.get('campaign') or 'c0'}"}
        for event in stream(11, 8_000, CAMPAIGNS, 20)
    ]
    assert len({event["campaign"] for event in events}) >= CAMPAIGNS
    one, two, three = (Worker(kafka, tmp_path, name) for name in ("one", "two", "three"))
    with one, two, three:
        await send(kafka, events[:5_000])
        await settled(kafka, events[:5_000], [one, two, three])
        # Eight partitions: two or three for each, so that none has more than about three eighths.
        each = shares(prefix, [one, two, three])
        assert min(each) > CAMPAIGNS / PARTITIONS
        assert max(each) < CAMPAIGNS / 2

        sending = asyncio.create_task(send(kafka, events[5_000:], 5, 0.002))
        await asyncio.sleep(0.5)
        two.end(signal.SIGKILL)
        two.out.unlink(missing_ok=True)
        await sending
        await settled(kafka, events, [one, three])
        assert sum(shares(prefix, [one, three])) == len({event["campaign"] for event in events})

        two.start()
        await until(lambda: min(shares(prefix, [one, two, three])) > 0, "the campaigns to move")
        await settled(kafka, events, [one, two, three])


def test_a_campaign_that_two_workers_show_is_noticed(tmp_path: Path) -> None:
    workers = [Worker("nowhere", tmp_path, name) for name in ("one", "two")]
    for worker in workers:
        worker.out.write_text('{"ready": true, "campaigns": {"c": {"as_of": 0}}}')
    event = {"campaign": "c"}
    assert differences([event], workers)[0] == "c is shown 2 times"
    workers[1].out.write_text('{"ready": true, "campaigns": {}}')
    assert not any("times" in said for said in differences([event], workers))
