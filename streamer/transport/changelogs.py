"""Reading the changelogs of the tables, whole and in bulk.

Faust's own recovery hands on one record at a time, swallows exceptions, and begins to consume
before it has sought the committed offsets; the state is joined from the topics directly instead.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

_POLL_MS: Final = 200
_MAX_RECORDS: Final = 500
_FETCH_BYTES: Final = 16 * 1024 * 1024

# topic, partition, key, value
Take = Callable[[str, int, bytes, bytes | None], None]


async def read_changelogs(
    options: Mapping[str, Any], topics: Sequence[str], partitions: Sequence[int], take: Take
) -> int:
    """Give every record of these partitions up to their present ends to `take`; their number.

    What `take` raises ends the reading.
    """
    wanted = [TopicPartition(topic, partition) for topic in topics for partition in partitions]
    if not wanted:
        return 0
    consumer = AIOKafkaConsumer(
        **options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=_FETCH_BYTES,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    await consumer.start()
    try:
        consumer.assign(wanted)
        await consumer.seek_to_beginning(*wanted)
        read = 0
        ends: dict[Any, int] = dict.fromkeys(wanted, 0)
        # An older owner may still write, and a compaction take what was there when it was looked
        # up: the reading is whole when nothing has come meanwhile.
        while ends != (ends := dict(await consumer.end_offsets(wanted))):
            read += await _read_to(consumer, ends, take)
        return read
    finally:
        await consumer.stop()


async def _read_to(consumer: Any, ends: dict[Any, int], take: Take) -> int:  # noqa: ANN401 - untyped client
    read = 0
    left = {tp for tp, end in ends.items() if await consumer.position(tp) < end}
    while left:
        runs = await consumer.getmany(*left, timeout_ms=_POLL_MS, max_records=_MAX_RECORDS)
        for tp, run in runs.items():
            for record in run:
                take(tp.topic, tp.partition, record.key, record.value)
            read += len(run)
        # Compaction leaves holes, at the end as well: the position tells, not the last record.
        left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
        await asyncio.sleep(0)
    return read
