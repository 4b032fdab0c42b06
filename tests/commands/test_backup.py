"""Backup and restore, as an operator does them: everything is gone but a folder and the secret."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from streamer import cli
from streamer.embedded.kafka import EmbeddedKafka
from streamer.settings import Settings
from streamer.transport import marks
from streamer.transport.archive import load
from streamer.transport.backup import BACKED_UP
from streamer.transport.deadletters import DeadLetter, record
from streamer.transport.fingerprint import hold_secret
from streamer.transport.people import Link
from streamer.transport.topics import DEADLETTERS, MARKS, TOUCHPOINTS, changelog, ensure_topics
from tests.processing.cluster import PARTITIONS, Worker, all_committed, send, until
from tests.processing.people import REPLY, forwarded, send_links
from tests.recount.recount import compare, recount
from tests.recount.stream import stream

pytestmark = pytest.mark.kafka

Row = tuple[int, bytes | None, bytes | None]
# Of which the workers of these tests are.
SECRET = "test"  # noqa: S105 - not one
PEOPLE = {
    "inbound": json.dumps(REPLY).encode(),
    "identities": b'[{"identity":"p","campaign":"known"}]',
}
EVENTS: list[dict[str, Any]] = list(stream(5, 1_500, 3, 60))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("STREAMER_SECRET", SECRET)


async def run(monkeypatch: pytest.MonkeyPatch, kafka: str, *words: str | Path) -> int:
    monkeypatch.setenv("STREAMER_KAFKA", kafka)
    return await asyncio.to_thread(cli.main, [str(word) for word in words])


async def fill(kafka: str) -> None:
    """One or two records in each topic beside the events."""
    settings = Settings.from_environment({}, kafka=kafka, secret=SECRET.encode())
    await ensure_topics(settings)
    await hold_secret(settings)
    letter = DeadLetter(
        topic="webhooks",
        partition=0,
        offset=7,
        position=None,
        source="s",
        reason="r",
        key=None,
        value=b"whole",
        at=1.0,
    )
    key, value = record(SECRET.encode(), letter)
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        await producer.send_and_wait(DEADLETTERS, value, key)
        for state in ("open", "dropped"):
            mark = marks.encode(marks.Mark(state, 2.0))
            await producer.send_and_wait(MARKS, mark, key, headers=[("by", b"me")])
        for topic, row in PEOPLE.items():
            await producer.send_and_wait(topic, row, b"p", timestamp_ms=123_456)
    finally:
        await producer.stop()


async def held(kafka: str) -> dict[str, list[list[Row]]]:
    """The records of every topic that is backed up, by partition."""
    found: dict[str, list[list[Row]]] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, fetch_max_wait_ms=50)
    await consumer.start()
    try:
        for topic in BACKED_UP:
            found[topic.name] = []
            for number in range(topic.partitions or PARTITIONS):
                place = TopicPartition(topic.name, number)
                consumer.assign([place])
                consumer.seek(place, 0)
                end = (await consumer.end_offsets([place]))[place]
                rows: list[Row] = []
                while await consumer.position(place) < end:
                    for run in (await consumer.getmany(timeout_ms=500)).values():
                        rows += [(r.timestamp, r.key, r.value) for r in run]
                found[topic.name].append(rows)
        return found
    finally:
        await consumer.stop()


def differences(worker: Worker) -> list[str]:
    shown, found = worker.shown(), []
    for name in ("c0", "c1", "c2"):
        sent = [event for event in EVENTS if (event.get("campaign") or "c0") == name]
        expected = recount(sent, shown[name]["as_of"], campaign=name)
        found += [f"{name}: {each}" for each in compare(expected, shown[name])]
    return found


async def counted(kafka: str, worker: Worker) -> dict[str, Any]:
    await until(worker.ready, "the worker to be ready")
    await until(lambda: all_committed(kafka), "everything to be committed")
    await until(lambda: len(worker.shown()) > 3, "the campaigns to be shown")
    await asyncio.sleep(1.0)
    assert differences(worker) == []
    return worker.shown()


async def test_all_numbers_are_the_same_after_everything_but_a_backup_was_lost(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    broker = private_kafka()
    await fill(broker.bootstrap)
    with Worker(broker.bootstrap, tmp_path, "before") as worker:
        await send(broker.bootstrap, EVENTS[:1_000])
        await until(lambda: all_committed(broker.bootstrap), "the first part to be committed")
        assert await forwarded(broker.bootstrap, "reply") == {"reply": {"known"}}
        # The first one while everything runs, the second adds what is new.
        assert await run(monkeypatch, broker.bootstrap, "backup", folder) == 0
        await send(broker.bootstrap, EVENTS[1_000:])
        shown = await counted(broker.bootstrap, worker)
    assert await run(monkeypatch, broker.bootstrap, "backup", folder) == 0
    before = await held(broker.bootstrap)
    files = kept(folder)
    assert await run(monkeypatch, broker.bootstrap, "backup", folder) == 0
    assert kept(folder) == files
    broker.kill()

    empty = private_kafka().bootstrap
    assert await run(monkeypatch, empty, "restore", folder) == 0
    assert await held(empty) == before
    assert sum(map(len, before[TOUCHPOINTS])) > 200
    assert all(any(parts) for parts in before.values())
    # Nothing is written twice by a second one.
    assert await run(monkeypatch, empty, "restore", folder) == 0
    assert await held(empty) == before
    # Decided anew, the reply would belong to whom had contacted its person last.
    await send_links(empty, [Link("p", "later", 1_772_445_599)])
    with Worker(empty, tmp_path, "after") as worker:
        after = await counted(empty, worker)
    assert await forwarded(empty, "reply") == {"reply": {"known"}}
    # Windows slide between the two moments; what is counted for the whole campaign does not.
    for name, numbers in shown.items():
        assert whole(after[name]) == whole(numbers)


def kept(folder: Path) -> dict[str, int]:
    """The files that are gone on with, and when they were written."""
    names = (TOUCHPOINTS, *PEOPLE, DEADLETTERS + "-[0-9]")
    paths = [path for name in names for path in folder.glob(f"{name}*.gz")]
    assert paths
    return {path.name: path.stat().st_mtime_ns for path in paths}


def whole(numbers: dict[str, Any]) -> list[str]:
    rows = [row for rows in numbers.values() if isinstance(rows, list) for row in rows]
    return sorted(json.dumps(row) for row in rows if row.get("window", "campaign") == "campaign")


async def test_a_restore_that_was_cut_off_goes_on_and_one_into_other_records_is_refused(
    private_kafka: Callable[[], EmbeddedKafka],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "backup"
    source = private_kafka()
    await fill(source.bootstrap)
    await send(source.bootstrap, EVENTS[:300], per_record=1)
    assert await run(monkeypatch, source.bootstrap, "backup", folder) == 0
    before = await held(source.bootstrap)
    source.kill()

    empty = private_kafka().bootstrap
    settings = Settings.from_environment({}, kafka=empty)
    await ensure_topics(settings)
    producer = AIOKafkaProducer(bootstrap_servers=empty)
    await producer.start()
    # What a restore had written when it was cut off: the first half of each partition.
    for number, rows in enumerate(before[TOUCHPOINTS]):
        for at, key, value in rows[: len(rows) // 2]:
            await producer.send_and_wait(TOUCHPOINTS, value, key, number, at)
    assert await run(monkeypatch, empty, "restore", folder) == 0
    assert await held(empty) == before

    await producer.send_and_wait(TOUCHPOINTS, b"[]", b"c0", 0)
    await producer.stop()
    assert await run(monkeypatch, empty, "restore", folder) == 1
    assert "restore into an empty Kafka" in capsys.readouterr().err
    # Nor is the folder the backup of this Kafka.
    assert await run(monkeypatch, empty, "backup", folder) == 1
    assert "the backup of another Kafka" in capsys.readouterr().err


async def test_a_topic_that_was_made_anew_is_not_gone_on_with(
    private_kafka: Callable[[], EmbeddedKafka],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "backup"
    kafka = private_kafka().bootstrap
    await fill(kafka)
    await send(kafka, EVENTS[:100], per_record=1)
    assert await run(monkeypatch, kafka, "backup", folder) == 0
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    await client.delete_topics([TOUCHPOINTS])

    async def gone() -> bool:
        return TOUCHPOINTS not in await client.list_topics()

    await until(gone, "the topic to be gone")
    await client.close()
    # As many records and more, but others: the cluster's id alone would not tell.
    await send(kafka, EVENTS[100:400], per_record=1)
    assert await run(monkeypatch, kafka, "backup", folder) == 1
    assert "is not what the backup was made of" in capsys.readouterr().err


async def test_what_cannot_be_restored_is_refused_before_anything_is_written(
    private_kafka: Callable[[], EmbeddedKafka],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "backup"
    kafka = private_kafka().bootstrap
    assert await run(monkeypatch, kafka, "backup", folder) == 1
    assert "has no topic" in capsys.readouterr().err
    assert load(folder) is None
    assert await run(monkeypatch, kafka, "restore", folder) == 1
    assert "holds no backup" in capsys.readouterr().err
    await fill(kafka)
    assert await run(monkeypatch, kafka, "backup", folder) == 0
    for variable, wrong in (("PARTITIONS", "4"), ("SECRET", "another")):
        with monkeypatch.context() as patched:
            patched.setenv(f"STREAMER_{variable}", wrong)
            assert await run(patched, kafka, "restore", folder) == 2
            assert f"STREAMER_{variable}" in capsys.readouterr().err
    damaged = next(folder.glob("deadletters-*.gz"))
    damaged.write_bytes(b"")
    assert await run(monkeypatch, kafka, "restore", folder) == 1
    assert f"{damaged} is not as it was written" in capsys.readouterr().err


async def test_a_backup_becomes_the_folder_of_an_up(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = private_kafka().bootstrap
    await fill(kafka)
    assert await run(monkeypatch, kafka, "backup", tmp_path / "backup") == 0
    folder = tmp_path / "new"
    words = ("restore", tmp_path / "backup", "--data", folder)
    assert await run(monkeypatch, "", *words) == 0
    broker = EmbeddedKafka(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        assert await held(broker.bootstrap) == await held(kafka)
    finally:
        broker.stop()


def test_a_backup_holds_every_topic_that_is_not_rebuilt() -> None:
    names = {topic.name for topic in BACKED_UP}
    assert names == {
        *(TOUCHPOINTS, "inbound", "identities", DEADLETTERS, MARKS, "settings"),
        changelog("decisions"),
    }
    # What was decided comes after what it was decided about, and after what followed from it.
    order = [topic.name for topic in BACKED_UP]
    assert order[-1] == changelog("decisions")
