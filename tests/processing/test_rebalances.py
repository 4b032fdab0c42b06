"""Workers come, leave, are killed and sleep while events flow: every number is the recount's."""

import asyncio
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from streamer.state import COUNTING_TABLES
from streamer.transport.topics import changelog
from tests.processing.cluster import (
    Stored,
    Worker,
    all_committed,
    ended,
    read_stored,
    send,
    until,
)
from tests.processing.judged import Event, differences, events_of, settled

pytestmark = pytest.mark.kafka

EVIDENCE = {changelog(table) for table in COUNTING_TABLES} - {changelog("counters")}
# Longer than what comes between the end of one and the sleep may take.
RARE_CHECKPOINT_SECONDS = 15.0

# Partition, epoch, writer.
Writer = tuple[int, int, int] | None


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


async def test_a_worker_that_leaves_under_traffic_hands_over_at_once(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 4, 3_000)
    # A session so long that only a leave can be the reason why the other goes on.
    session = ("--session", "20")
    with (
        Worker(kafka, tmp_path, "one", *session) as one,
        Worker(kafka, tmp_path, "two", *session) as two,
    ):
        await until(lambda: one.ready() and two.ready(), "both to be ready")
        sending = asyncio.create_task(send(kafka, events, 5, 0.004))
        await asyncio.sleep(1.0)
        started = time.monotonic()
        assert one.end(signal.SIGTERM) == 0
        assert time.monotonic() - started < 5.0
        await sending
        await until(lambda: all_committed(kafka), "the other to go on", 10.0)
        await settled(kafka, events, [two])
        two.end(signal.SIGTERM)


@pytest.mark.parametrize("seed", range(2))
async def test_workers_that_come_and_go_under_traffic_lose_and_double_nothing(
    kafka: str, tmp_path: Path, prefix: str, seed: int
) -> None:
    chance = random.Random(seed)
    events = events_of(prefix, 200 + seed, 3_000)
    with Worker(kafka, tmp_path, "stays") as stays, Worker(kafka, tmp_path, "guest") as guest:
        sending = asyncio.create_task(send(kafka, events, 1, 0.004))
        ways = [signal.SIGTERM, signal.SIGTERM, signal.SIGKILL]
        chance.shuffle(ways)
        for way in ways:
            await until(guest.ready, "the guest to be ready")
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            started = time.monotonic()
            code = guest.end(way)
            if way == signal.SIGTERM:
                assert code == 0
                assert time.monotonic() - started < 5.0
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            guest.start()
        await sending
        await settled(kafka, events, [stays, guest])
        assert stays.process.poll() is None


async def test_what_goes_to_another_worker_is_stored_and_committed_before(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 13, 1_000)
    # No checkpoint comes by itself.
    never = ("--checkpoint", "1000")
    one, two = (Worker(kafka, tmp_path, name, *never) for name in ("one", "two"))
    with ended(one, two):
        one.start()
        await until(one.ready, "the first to be ready")
        await send(kafka, events)
        await until(lambda: differences(events, [one]) == [], "all to be applied")
        assert not await all_committed(kafka)
        two.start()
        await until(lambda: all_committed(kafka), "the revocation to commit everything", 20.0)
        await settled(kafka, events, [one, two])


async def put_one_to_sleep(
    kafka: str, events: Sequence[Event], one: Worker, two: Worker, held: Path | None = None
) -> set[Writer]:
    """A worker sleeps beyond its session with work in hand; another takes over and stores it all.

    It is left asleep. With `held` the records of a checkpoint are on their way by then, and stay
    so for as long as that file is there. Given are those who had written before the other came.
    """
    third = len(events) // 3
    one.start()
    await until(one.ready, "the sleeper to be ready")
    await send(kafka, events[:third])
    await until(lambda: all_committed(kafka), "the first part to be committed")
    if held:
        held.touch()  # noqa: ASYNC240 - a moment
    await send(kafka, events[third : 2 * third])
    await until(lambda: differences(events[: 2 * third], [one]) == [], "the second to be applied")
    if held:
        await until(held.with_suffix(".holds").exists, "a checkpoint to be on its way")
    one.signal(signal.SIGSTOP)
    assert not await all_committed(kafka), "the sleeper has nothing in hand"
    writers = {writer_of(record) for record in await read_stored(kafka)}
    two.start()
    await until(two.ready, "the other to be ready")
    await send(kafka, events[2 * third :])
    await until(lambda: all_committed(kafka), "the other to commit all")
    return writers


def writer_of(record: Stored) -> Writer:
    """Who wrote a record of evidence; others do not tell."""
    if record.topic not in EVIDENCE:
        return None
    epoch, writer, *_ = json.loads(record.key)
    return record.partition, epoch, writer


async def wake_up(kafka: str, folder: Path, prefix: str, *both: str) -> tuple[int, int]:
    """How many campaigns a sleeper shows when it wakes up, and how many records it still stores."""
    events = events_of(prefix, 5, 1_500)
    # No checkpoint is under way when it falls asleep, and one is due when it wakes up.
    one = Worker(kafka, folder, "sleeper", "--checkpoint", str(RARE_CHECKPOINT_SECONDS), *both)
    two = Worker(kafka, folder, "other", *both)
    with ended(one, two):
        writers = await put_one_to_sleep(kafka, events, one, two)
        await asyncio.sleep(RARE_CHECKPOINT_SECONDS)
        before = Counter(await read_stored(kafka))
        woken = time.time()
        one.signal(signal.SIGCONT)
        await until(lambda: len(one.seen_after(woken)) > 40, "the sleeper to be up for a while")
        new = Counter(await read_stored(kafka)) - before
        # What is removed under his keys is removed by heirs.
        told = [r for r in new.elements() if r.value is not None]
        its = [r for r in told if (who := writer_of(r)) and who in writers]
        return one.seen_after(woken)[0], len(its)


# A sleeper that has something to decide is shut out, and what is on its way when it falls asleep
# must be the test's: these have brokers of their own.


async def test_a_sleeper_that_wakes_up_shows_and_stores_nothing(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    assert await wake_up(own_kafka, tmp_path, prefix) == (0, 0)


async def test_a_sleeper_without_a_fence_is_noticed(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    kafka = own_kafka
    shown, stored = await wake_up(kafka, tmp_path, prefix, "--sabotage", "hold_no_fence")
    assert shown
    assert stored


async def send_from_the_sleep(kafka: str, folder: Path, prefix: str, *both: str) -> Sequence[str]:
    """What differs when a sleeper wakes up whose records are on their way, past every fence.

    All workers are then ended hard and one starts anew: only what was stored counts.
    """
    events = events_of(prefix, 8, 1_500)
    held = folder / "held"
    one = Worker(kafka, folder, "sleeper", "--held", str(held), *both)
    two = Worker(kafka, folder, "other", *both)
    with ended(one, two):
        await put_one_to_sleep(kafka, events, one, two, held)
        held.unlink()
        woken = time.time()
        one.signal(signal.SIGCONT)
        await until(lambda: len(one.seen_after(woken)) > 40, "the sleeper to be up for a while")
    with Worker(kafka, folder, "last") as last:
        await until(last.ready, "the last worker to be ready")
        await until(lambda: all_committed(kafka), "everything to be committed")
        return differences(events, [last])


async def test_what_a_sleeper_sends_late_pushes_nothing_aside(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    assert await send_from_the_sleep(own_kafka, tmp_path, prefix) == []


async def test_what_a_sleeper_writes_over_others_is_noticed(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    sabotage = ("--sabotage", "write_under_shared_keys")
    assert await send_from_the_sleep(own_kafka, tmp_path, prefix, *sabotage)
