"""Reading parts of a topic that are there already, from one offset to another."""

import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from aiokafka import TopicPartition

from streamer.errors import KafkaUnavailable

_POLL_MS: Final = 200

# By partition: the first offset, and the one after the last.
Spans = Mapping[int, tuple[int, int]]


async def read_spans(
    consumer: Any,  # noqa: ANN401 - untyped client
    topic: str,
    spans: Spans,
    patience: float,
) -> AsyncIterator[Any]:
    """The records of a topic in these spans, each partition's in order; `consumer` is free for it.

    KafkaUnavailable when for `patience` seconds nothing comes.
    """
    heard = time.monotonic()
    left = {TopicPartition(topic, each): end for each, (at, end) in spans.items() if at < end}
    if left:
        consumer.assign(list(left))
    for place in left:
        consumer.seek(place, spans[place.partition][0])
    while left:
        runs = await consumer.getmany(*left, timeout_ms=_POLL_MS)
        for place, run in runs.items():
            for record in run:
                if record.offset < left[place]:
                    yield record
        # Compaction leaves holes, at the end as well: the position tells, not the last record.
        left = {at: end for at, end in left.items() if await consumer.position(at) < end}
        now = time.monotonic()
        heard = now if runs else heard
        if now - heard > patience:
            raise KafkaUnavailable(f"Kafka does not send the topic {topic}: try again.")
