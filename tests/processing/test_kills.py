"""The promise under kills, on a real Kafka: every number equals the naive recount.

Each test ends the same way: all of the topic is committed, and what the workers show is what a
slow recount of all events sent gives, digit by digit.
"""

import asyncio
import random
import signal
import time
from pathlib import Path

import pytest

from tests.processing.cluster import Worker, all_committed, read_stored, send, until
from tests.processing.judged import differences, events_of, settled

pytestmark = pytest.mark.kafka

_SENDING_SECONDS = 3.0


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
    events = events_of(prefix, 100 + kill_seed, 1_500)
    per_record = chance.choice([1, 5, 40])
    # Half of the kills find records on their way, a third of them a recovery not ended.
    late, slow = kill_seed % 2 == 0, kill_seed % 3 == 0
    arguments = ("--late", "0.3" if late else "0", "--slow-recovery", "0.8" if slow else "0")
    with Worker(kafka, tmp_path, "one", *arguments) as worker:
        pause = _SENDING_SECONDS * per_record / len(events)
        sending = asyncio.create_task(send(kafka, events, per_record, pause))
        for _ in range(2):
            if slow:
                await until(lambda: "recovery began" in worker.logged(), "a recovery to begin")
            else:
                await until(worker.ready, "the worker to be ready")
            await asyncio.sleep(chance.uniform(0.0, 1.2))
            worker.end(signal.SIGKILL)
            worker.start()
        await sending
        await settled(kafka, events, [worker])


async def test_what_is_committed_is_stored_however_long_it_is_on_its_way(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 7, 1_000)
    with Worker(kafka, tmp_path, "one", "--late", "1.5") as worker:
        await until(worker.ready, "the first worker to be ready")
        await send(kafka, events)
        await until(lambda: all_committed(kafka), "everything to be committed")
        worker.end(signal.SIGKILL)
    with Worker(kafka, tmp_path, "two") as worker:
        await until(worker.ready, "the second worker to be ready")
        assert differences(events, [worker]) == []


async def test_a_commit_that_does_not_wait_for_what_is_on_its_way_is_noticed(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = events_of(prefix, 7, 1_000)
    held = tmp_path / "held"
    sabotage = ("--sabotage", "commit_before_it_is_acknowledged", "--held", str(held))
    with Worker(kafka, tmp_path, "one", *sabotage) as worker:
        await until(worker.ready, "the first worker to be ready")
        # Where nothing is stored at all, that is noticed otherwise.
        await send(kafka, events[:500])
        await until(lambda: is_stored(kafka, prefix), "something to be stored")
        held.touch()
        await send(kafka, events[500:])
        await until(lambda: all_committed(kafka), "everything to be committed")
        worker.end(signal.SIGKILL)
    with Worker(kafka, tmp_path, "two") as worker:
        await until(worker.ready, "the second worker to be ready")
        assert differences(events, [worker])


async def is_stored(kafka: str, prefix: str) -> bool:
    """Whether there is evidence of the test's campaigns."""
    return any(prefix.encode() in record.key for record in await read_stored(kafka))
