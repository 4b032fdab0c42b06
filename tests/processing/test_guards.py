"""What is not taken is kept, what is wrong ends the worker; guards taken away are noticed."""

import json
from collections.abc import Callable
from pathlib import Path

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
from tests.processing.judged import Event, differences, events_of, settled

pytestmark = pytest.mark.kafka


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
