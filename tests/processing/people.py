"""What the tests of inboxes share: events, links and plans into Kafka, and what came of them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from streamer.identity.decisions import event_key
from streamer.processing.recovery import recover
from streamer.state import INBOX_TABLES, Epoch, Inbox
from streamer.transport.changelogs import read_changelogs
from streamer.transport.people import IDENTITIES, INBOUND, Alias, Link, Plan, partition_of
from streamer.transport.topics import TOUCHPOINTS, ensure_topics
from tests.processing.cluster import PARTITIONS, settings_for

Event = dict[str, Any]

# A reply that names no campaign.
REPLY: Event = {
    "specversion": "1.0",
    "id": "reply",
    "source": "/sms",
    "type": "sms.replied",
    "time": "2026-03-02T10:00:00Z",
    "subject": "p",
}


async def _with_producer(kafka: str, use: Callable[[AIOKafkaProducer], Awaitable[None]]) -> None:
    await ensure_topics(settings_for(kafka))
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await use(producer)
    finally:
        await producer.stop()


async def send_inbound(
    kafka: str, events: Iterable[Event], pause: float = 0.0, came: float | None = None
) -> None:
    """Write events that name no campaign, each as a record of its own, keyed by its subject.

    `came`: when they came to Kafka, in seconds since 1970; now by default.
    """
    at = None if came is None else int(came * 1000)

    async def use(producer: AIOKafkaProducer) -> None:
        for event in events:
            value, key = json.dumps(event).encode(), event["subject"].encode()
            await producer.send(INBOUND, value, key, timestamp_ms=at)
            if pause:
                await asyncio.sleep(pause)

    await _with_producer(kafka, use)


async def send_links(
    kafka: str, links: Iterable[Link | Alias], per_record: int = 3, pause: float = 0.0
) -> None:
    """Write links and names, some to a record, each to the partition of its identity."""

    async def use(producer: AIOKafkaProducer) -> None:
        waiting: dict[int, list[Link | Alias]] = {}
        for link in links:
            number = partition_of(link.identity, PARTITIONS)
            batch = waiting.setdefault(number, [])
            batch.append(link)
            if len(batch) == per_record:
                await producer.send(IDENTITIES, _json(waiting.pop(number)), partition=number)
                if pause:
                    await asyncio.sleep(pause)
        for number, batch in waiting.items():
            await producer.send(IDENTITIES, _json(batch), partition=number)

    await _with_producer(kafka, use)


async def send_plans(kafka: str, plans: Iterable[Event]) -> None:
    """Write copies of plans to every partition."""

    async def use(producer: AIOKafkaProducer) -> None:
        for plan in plans:
            for number in range(PARTITIONS):
                await producer.send(IDENTITIES, _json([Plan(plan)]), partition=number)

    await _with_producer(kafka, use)


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


async def forwarded(kafka: str, prefix: str) -> dict[str, set[str]]:
    """The campaigns under which each event stands in `touchpoints`; its id begins with `prefix`."""
    found: dict[str, set[str]] = {}

    def take(_topic: str, _partition: int, key: bytes, value: bytes | None) -> None:
        for event in json.loads(value or b"[]"):
            if event["id"].startswith(prefix):
                assert event["campaign"] == key.decode()
                found.setdefault(event["id"], set()).add(event["campaign"])

    await read_changelogs({"bootstrap_servers": kafka}, [TOUCHPOINTS], range(PARTITIONS), take)
    return found


async def inboxes(kafka: str) -> Mapping[int, Inbox]:
    """What the workers have stored for good, by partition."""
    states, _ = await recover(
        {"bootstrap_servers": kafka, "isolation_level": "read_committed"},
        INBOX_TABLES,
        range(PARTITIONS),
        lambda: Inbox(Epoch(0, 0)),
        lambda: True,
    )
    return states


async def decided(kafka: str, events: Sequence[Event]) -> dict[str, str | None]:
    """What is stored to have been decided of each event, by its id."""
    states = await inboxes(kafka)
    return {
        event["id"]: states[partition_of(event["subject"], PARTITIONS)].decisions.of(
            event_key(event["source"], event["id"])
        )
        for event in events
    }
