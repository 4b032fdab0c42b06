"""Reading the topic of events back, and what its events must come to.

Owns the comparison with what the API shows: one quiet worker, in this process, counts the topic
again. Never writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from streamer.events import decode_record
from streamer.exposition import bodies
from streamer.settings import Settings
from streamer.state import Epoch, Partition
from streamer.transport.kafka import client_options
from streamer.transport.topics import TOUCHPOINTS

_WAIT_MILLISECONDS: Final = 500
_WHOLE: Final = "campaign"


class Record(NamedTuple):
    """A record of the topic."""

    key: bytes
    value: bytes


async def read_topic(settings: Settings) -> list[Record]:
    """Every record that stands in the topic now."""
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        numbers = consumer.partitions_for_topic(TOUCHPOINTS) or await _numbers(consumer)
        places = [TopicPartition(TOUCHPOINTS, number) for number in sorted(numbers)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Record] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)).values():
                found += [Record(record.key or b"", record.value or b"") for record in records]
        return found
    finally:
        await consumer.stop()


async def _numbers(consumer: AIOKafkaConsumer) -> set[int]:
    cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001 - there is no public way
    return set(cluster.partitions_for_topic(TOUCHPOINTS) or ())


def events_of(records: Iterable[Record]) -> list[Mapping[str, Any]]:
    """The events of all records."""
    found: list[Mapping[str, Any]] = []
    for record in records:
        value = msgspec.json.decode(record.value)
        found += value if isinstance(value, list) else [value]
    return found


def differences(records: Sequence[Record], shown: Mapping[str, bytes], now: int) -> list[str]:
    """Where the API's KPIs, by campaign, differ from a count of the records; in sentences.

    Only whole campaigns are compared: the other windows move with the clock.
    """
    found: list[str] = []
    for campaign, body in shown.items():
        partition = Partition(Epoch(1, 1))
        for record in records:
            if record.key == campaign.encode():
                partition.apply(decode_record(record.key, record.value))
        partition.refresh()
        wanted = _values(bodies.kpis(partition.snapshot(campaign, now)))
        got = _values(body)
        found += [
            f"{campaign} {channel} {kpi}: {got.get((kpi, channel))} shown, {value} counted again"
            for (kpi, channel), value in wanted.items()
            if got.get((kpi, channel)) != value
        ]
    return found


def _values(body: bytes) -> dict[tuple[str, str], tuple[Any, Any, Any]]:
    return {
        (row["kpi"], row["channel"]): (row["value"], row["numerator"], row["denominator"])
        for row in msgspec.json.decode(body)["kpis"]
        if row["window"] == _WHOLE
    }
