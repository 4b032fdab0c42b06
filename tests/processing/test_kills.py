"""The promise under kills, on a real Kafka: every number equals the naive recount.

Each test ends the same way: all of the topic is committed, and what the workers show is what a
slow recount of all events sent gives, digit by digit.
"""

import asyncio
import json
import random
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamer.embedded.kafka import EmbeddedKafka
from streamer.transport import deadletters
from tests.processing.cluster import (
    PARTITIONS,
    Worker,
    all_committed,
    read_letters,
    send,
    send_raw,
    until,
)
from tests.recount.recount import compare, recount
from tests.recount.stream import stream

pytestmark = pytest.mark.kafka

Event = dict[str, Any]


def events_of(prefix: str, seed: int, count: int) -> list[Event]:
    """A stream with every rule in play, duplicates and disorder included, in campaigns of ours."""
    return [
        {**event, "campaign": f"{prefix}-{event['campaign']}"}
        if isinstance(event.get("campaign"), str) and event["campaign"]
        else {**event, "campaign": f"{prefix}-0"}
        for event in stream(seed, count)
    ]


def by_campaign(events: Iterable[Event]) -> dict[str, list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event["campaign"], []).append(event)
    return groups


def differences(events: Sequence[Event], workers: Sequence[Worker]) -> list[str]:
    """What the workers show that a recount does not give, or the other way round."""
    shown: dict[str, Any] = {}
    for worker in workers:
        shown |= worker.shown()
    found: list[str] = []
    for campaign, sent in by_campaign(events).items():
        actual = shown.get(campaign)
        if actual is None:
            found.append(f"{campaign} is not shown")
            continue
        expected = recount(sent, actual["as_of"], campaign=campaign)
        found += [f"{campaign}: {difference}" for difference in compare(expected, actual)]
    return found


async def settled(kafka: str, events: Sequence[Event], workers: Sequence[Worker]) -> None:
    """All is committed, and every number is the recount's."""
    await until(lambda: all(worker.ready() for worker in workers), "the workers to be ready")
    await until(lambda: all_committed(kafka), "everything to be committed")
    # What is committed is exported within a second; then nothing may differ.
    await asyncio.sleep(1.0)
    assert differences(events, workers) == []


async def test_every_number_is_the_recounts(kafka: str, tmp_path: Path, prefix: str) -> None:
    events = events_of(prefix, 1, 3_000)
    with Worker(kafka, tmp_path, "one") as worker:
        await send(kafka, events)
        await settled(kafka, events, [worker])


async def test_a_restart_recovers_and_goes_on(kafka: str, tmp_path: Path, prefix: str) -> None:
    events = events_of(prefix, 2, 3_000)
    with Worker(kafka, tmp_path, "one") as worker:
        await send(kafka, events[:2_000])
        await settled(kafka, events[:2_000], [worker])
        started = time.monotonic()
        assert worker.end(signal.SIGTERM) == 0
        assert time.monotonic() - started < 5.0
        await send(kafka, events[2_000:])
        worker.start()
        await settled(kafka, events, [worker])


async def test_a_kill_at_any_moment_loses_and_doubles_nothing(
    kafka: str, tmp_path: Path, prefix: str, kill_seed: int
) -> None:
    chance = random.Random(kill_seed)
    events = events_of(prefix, 100 + kill_seed, 2_000)
    with Worker(kafka, tmp_path, "one") as worker:
        sending = asyncio.create_task(send(kafka, events, chance.choice([1, 5, 40]), 0.004))
        for _ in range(3):
            await until(worker.ready, "the worker to be ready")
            await asyncio.sleep(chance.uniform(0.0, 1.2))
            worker.end(signal.SIGKILL)
            worker.start()
        await sending
        await settled(kafka, events, [worker])


async def test_another_worker_takes_over_from_a_killed_one(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 3, 3_000)
    with Worker(kafka, tmp_path, "one") as one, Worker(kafka, tmp_path, "two") as two:
        await until(lambda: one.ready() and two.ready(), "both to be ready")
        sending = asyncio.create_task(send(kafka, events, 5, 0.004))
        await asyncio.sleep(1.0)
        one.end(signal.SIGKILL)
        await sending
        await settled(kafka, events, [two])


async def test_a_worker_that_leaves_hands_over_at_once(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 4, 3_000)
    with Worker(kafka, tmp_path, "one") as one, Worker(kafka, tmp_path, "two") as two:
        await until(lambda: one.ready() and two.ready(), "both to be ready")
        await send(kafka, events)
        started = time.monotonic()
        assert one.end(signal.SIGTERM) == 0
        assert time.monotonic() - started < 5.0
        one.out.unlink(missing_ok=True)
        await settled(kafka, events, [two])


async def put_one_to_sleep(
    kafka: str, tmp_path: Path, events: Sequence[Event], *arguments: str
) -> list[Worker]:
    """A worker sleeps beyond its session with work in hand, another goes on, it wakes up.

    All workers are then ended hard and one starts anew: only what was stored counts.
    """
    third = len(events) // 3
    one = Worker(kafka, tmp_path, "sleeper", *arguments).start()
    await until(one.ready, "the sleeper to be ready")
    await send(kafka, events[:third])
    await until(lambda: all_committed(kafka), "the first part to be committed")
    sending = asyncio.create_task(send(kafka, events[third : 2 * third], 1, 0.002))
    await asyncio.sleep(0.7)
    one.signal(signal.SIGSTOP)
    await sending
    two = Worker(kafka, tmp_path, "other", *arguments).start()
    await until(two.ready, "the other to be ready")
    await send(kafka, events[2 * third :])
    await until(lambda: all_committed(kafka), "the other to commit all")
    one.signal(signal.SIGCONT)
    await asyncio.sleep(3.0)
    return [one, two]


async def test_a_sleeper_that_wakes_up_pushes_nothing_aside(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 5, 3_000)
    workers = await put_one_to_sleep(kafka, tmp_path, events)
    for worker in workers:
        worker.end(signal.SIGKILL)
    with Worker(kafka, tmp_path, "last") as last:
        await settled(kafka, events, [last])


async def test_an_outage_of_the_broker_costs_nothing(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 6, 2_000)
    broker = private_kafka()
    with Worker(broker.bootstrap, tmp_path, "one") as worker:
        await send(broker.bootstrap, events[:1_000])
        await until(lambda: all_committed(broker.bootstrap), "the first part to be committed")
        broker.kill()
        await asyncio.sleep(2.0)
        broker.start()
        await send(broker.bootstrap, events[1_000:])
        await settled(broker.bootstrap, events, [worker])


async def test_what_is_not_taken_is_kept_sealed_and_passed_by(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, prefix: str
) -> None:
    kafka = private_kafka().bootstrap
    good = {"specversion": "1.0", "source": "/s", "time": "2026-03-02T10:00:00Z", "message": "m"}
    events: list[Event] = [
        {**good, "id": "1", "type": "email.sent", "campaign": prefix},
        {**good, "id": "2", "type": "email.sent", "campaign": prefix, "subject": 7},
    ]
    await send(kafka, events)
    await send_raw(kafka, prefix.encode(), b"no JSON at all")
    with Worker(kafka, tmp_path, "one") as worker:
        await settled(kafka, events, [worker])
    letters = [deadletters.read(b"test", key, value) for key, value in await read_letters(kafka)]
    assert sorted((letter.position is None, letter.reason[:8]) for letter in letters) == [
        (False, "subject:"),
        (True, "its valu"),
    ]
    assert {letter.value for letter in letters if letter.position is None} == {b"no JSON at all"}


# The guards, taken away one by one: each test shows that its absence is noticed.


async def test_a_commit_before_the_state_is_stored_is_noticed(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 7, 1_000)
    sabotage = ("--sabotage", "commit_before_the_state_is_stored")
    with Worker(kafka, tmp_path, "one", *sabotage) as worker:
        await send(kafka, events)
        await until(lambda: all_committed(kafka), "everything to be committed")
        worker.end(signal.SIGKILL)
    with Worker(kafka, tmp_path, "two") as worker:
        await until(worker.ready, "the second worker to be ready")
        assert differences(events, [worker])


async def test_a_sleeper_that_writes_over_others_is_noticed(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 8, 3_000)
    sabotage = ("--sabotage", "write_under_shared_keys")
    workers = await put_one_to_sleep(kafka, tmp_path, events, *sabotage)
    for worker in workers:
        worker.end(signal.SIGKILL)
    with Worker(kafka, tmp_path, "last") as last:
        await until(last.ready, "the last worker to be ready")
        assert differences(events, [last])


async def test_a_skipped_record_stops_the_worker_before_anything_is_applied(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 9, 500)
    await send(kafka, events, per_record=1)
    with Worker(kafka, tmp_path, "one", "--sabotage", "skip_a_record") as worker:
        assert worker.process.wait(timeout=30) == 70
        assert "are missing" in worker.log.read_text()
    with Worker(kafka, tmp_path, "two") as worker:
        await settled(kafka, events, [worker])


async def test_a_skipped_record_that_nothing_checks_is_noticed(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 10, 500)
    await send(kafka, events, per_record=1)
    with Worker(kafka, tmp_path, "one", "--sabotage", "skip_a_record_unchecked") as worker:
        await until(lambda: all_committed(kafka), "everything to be committed")
        assert differences(events, [worker])


async def test_a_crash_inside_of_faust_ends_the_worker(kafka: str, tmp_path: Path) -> None:
    with Worker(kafka, tmp_path, "one", "--sabotage", "fail_to_seek") as worker:
        assert worker.process.wait(timeout=30) == 1
        assert "no seeking today" in worker.log.read_text()


async def test_a_defect_ends_the_worker_and_quarantine_gets_past_it(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, prefix: str
) -> None:
    kafka = private_kafka().bootstrap
    event = {"specversion": "1.0", "source": "/s", "time": "2026-03-02T10:00:00Z", "message": "m"}
    poison = {**event, "id": "1", "type": "email.sent", "campaign": f"{prefix}-poison"}
    events = events_of(prefix, 11, 300)
    await send(kafka, [poison])
    sabotage = ("--sabotage", "raise_on_a_word")
    with Worker(kafka, tmp_path, "one", *sabotage) as worker:
        assert worker.process.wait(timeout=30) == 1
        assert "tripped" in worker.log.read_text()
        assert not await all_committed(kafka)
    places = [["touchpoints", partition, 0] for partition in range(PARTITIONS)]
    with Worker(kafka, tmp_path, "two", *sabotage, "--quarantine", json.dumps(places)) as worker:
        await until(lambda: all_committed(kafka), "the worker to get past it")
        await until(lambda: poison["campaign"] in worker.shown(), "the campaign to be marked")
        assert worker.shown()[poison["campaign"]]["incomplete"] is True
    with Worker(kafka, tmp_path, "three", *sabotage) as worker:
        await send(kafka, events)
        await until(lambda: poison["campaign"] in worker.shown(), "the mark to be recovered")
        assert worker.shown()[poison["campaign"]]["incomplete"] is True
        await settled(kafka, events, [worker])
