"""What the ledger does to the changelogs, and what Kafka's cleaner does to them, loses nothing."""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streamer.embedded.kafka import EmbeddedKafka
from streamer.state import COUNTING_TABLES, TABLES
from streamer.transport.topics import changelog, ensure_topics
from tests.processing.cluster import (
    PARTITIONS,
    Stored,
    Worker,
    read_stored,
    send,
    settings_for,
    until,
)
from tests.processing.judged import Event, events_of, settled

pytestmark = pytest.mark.kafka

EVIDENCE = {changelog(table) for table in COUNTING_TABLES} - {changelog("counters")}
TOPICS = tuple(changelog(table) for table in TABLES)
CLEANER = {"log.cleaner.backoff.ms": "100", "log.cleaner.threads": "1"}
# A segment is cleaned once a later one was begun, here several times a second.
CLEANED_AT_ONCE = {
    "cleanup.policy": "compact",
    "segment.ms": "200",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "100",
    "delete.retention.ms": "100",
}


async def live_thrice(kafka: str, worker: Worker, events: Sequence[Event]) -> None:
    """Three lives of a worker, each killed when all is committed and right, but for the last."""
    third = len(events) // 3
    for life in range(3):
        worker.end(signal.SIGKILL)
        worker.start()
        await until(worker.ready, "the worker to be ready")
        await send(kafka, events[life * third : (life + 1) * third], 2, 0.004)
        await settled(kafka, events[: (life + 1) * third], [worker])


def is_page(key: Sequence[object]) -> bool:
    return len(key) == 6


async def test_pages_are_cut_deltas_folded_and_what_others_left_removed(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    # Its own: how much is folded, and when, depends on all that a partition holds.
    kafka = own_kafka
    events = events_of(prefix, 12, 4_500)
    before = Counter(await read_stored(kafka))
    with Worker(kafka, tmp_path, "one") as worker:
        await live_thrice(kafka, worker, events)
    new = Counter(await read_stored(kafka)) - before
    evidence = [record for record in new if record.topic in EVIDENCE]
    removed = [place_of(record) for record in evidence if record.value is None]
    written = [place_of(record) for record in evidence if record.value is not None]
    assert any(is_page(key) and key[-1] < 8 for _, key in written), "no page was cut"
    assert any(not is_page(key) for _, key in written), "no delta was written"
    # Only an heir removes pages.
    assert any(is_page(key) for _, key in removed), "nothing of another writer was removed"
    assert any(folded(evidence)), "no delta was folded"


def folded(evidence: Sequence[Stored]) -> Iterator[bool]:
    """Of each removal, whether its own writer made it: nobody has come after him yet."""
    last: dict[int, int] = {}
    for record in evidence:
        partition, key = place_of(record)
        last[partition] = max(key[0], last.get(partition, 0))
        if record.value is None:
            yield key[0] == last[partition]


def place_of(record: Stored) -> tuple[int, list[Any]]:
    """The partition and the key of a record of evidence."""
    return record.partition, json.loads(record.key)


async def test_what_the_cleaner_leaves_is_everything(
    private_kafka: Callable[[Mapping[str, str]], EmbeddedKafka], tmp_path: Path, prefix: str
) -> None:
    kafka = private_kafka(CLEANER).bootstrap
    await ensure_topics(settings_for(kafka))
    await clean_at_once(kafka)
    events = events_of(prefix, 17, 1_800)
    with Worker(kafka, tmp_path, "one") as worker:
        await live_thrice(kafka, worker, events)
        held = len(await read_stored(kafka))
        written = await count_written(kafka)
        # The rest stands in segments that are still written.
        assert held < 0.8 * written, f"{held} of {written} records are left"
        worker.end(signal.SIGKILL)
        worker.start()
        await settled(kafka, events, [worker])


async def clean_at_once(kafka: str) -> None:
    """Have the changelogs cleaned as soon as that can be."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.alter_configs(
            [
                ConfigResource(ConfigResourceType.TOPIC, topic, configs=CLEANED_AT_ONCE)
                for topic in TOPICS
            ]
        )
    finally:
        await admin.close()


async def count_written(kafka: str) -> int:
    """How many records were ever written to the changelogs."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    try:
        places = [TopicPartition(topic, n) for topic in TOPICS for n in range(PARTITIONS)]
        return sum((await consumer.end_offsets(places)).values())
    finally:
        await consumer.stop()
