"""The dead letters read back: each once, with what became of it.

Owns which of several records is the letter: the first that can be opened, since later ones only
repeat it. Keeps no content in memory but that of one letter. Never writes.
"""

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable, StreamerError, UnreadableRecord
from streamer.settings import Settings
from streamer.transport import marks
from streamer.transport.deadletters import DeadLetter, letter_id, read
from streamer.transport.kafka import admin, client_options
from streamer.transport.marks import Mark, State
from streamer.transport.spans import Spans, read_spans
from streamer.transport.topics import DEADLETTERS, MARKS

# What is under way is awaited before another topic can be read.
_WAIT_MS: Final = 50
# As much as one record of the topic may be.
_FETCH_BYTES: Final = 16 * 1024 * 1024 + 64 * 1024
_SILENCE_SECONDS: Final = 15.0


class Kept(NamedTuple):
    """One letter without its content, which stands at `place` of the topic; `size` in bytes.

    `letter` is None when it cannot be opened with the present secret. `at` is when it was set
    aside, in seconds since 1970.
    """

    id: str
    key: bytes
    place: tuple[int, int]
    letter: DeadLetter | None
    why_sealed: str
    at: float
    size: int
    mark: Mark | None

    @property
    def state(self) -> State:
        """What became of it."""
        return self.mark.state if self.mark else "open"

    @property
    def reason(self) -> str:
        """Why it is a dead letter, as far as is known now."""
        if self.mark and self.mark.reason:
            return self.mark.reason
        return self.letter.reason if self.letter else self.why_sealed

    @property
    def topic(self) -> str:
        """Where it came from; known of a sealed one as well."""
        return str(self._named[0])

    @property
    def origin(self) -> str:
        """The place that it came from, as `topic-partition@offset` with its position, if any."""
        topic, partition, offset, *position = self._named
        return f"{topic}-{partition}@{offset}" + "".join(f"#{each}" for each in position)

    @property
    def _named(self) -> list[Any]:
        named: list[Any] = msgspec.json.decode(self.key)
        return named


class Letterbox:
    """All letters of a Kafka, and their contents; see `letterbox`."""

    def __init__(
        self,
        consumer: Any,  # noqa: ANN401 - untyped client
        partitions: Mapping[str, Sequence[int]],
        secret: bytes,
    ) -> None:
        self._consumer = consumer
        self._partitions = partitions
        self._secret = secret

    async def all(self) -> list[Kept]:
        """Every letter that there is now, once, the newest last.

        UnreadableRecord when there are letters and none can be opened: the secret is wrong.
        """
        known = {
            record.key: marks.decode(record.value)
            async for record in read_spans(
                self._consumer, MARKS, await self._whole(MARKS), _SILENCE_SECONDS
            )
        }
        found: dict[bytes, Kept] = {}
        async for record in read_spans(
            self._consumer, DEADLETTERS, await self._whole(DEADLETTERS), _SILENCE_SECONDS
        ):
            before = found.get(record.key)
            if before is None or before.letter is None:
                found[record.key] = self._kept(record, known.get(record.key))
        sealed = [kept for kept in found.values() if kept.letter is None]
        if sealed and len(sealed) == len(found):
            raise UnreadableRecord(f"No dead letter can be opened: {sealed[0].why_sealed}.")
        return sorted(found.values(), key=lambda kept: kept.at)

    def _kept(self, record: Any, mark: Mark | None) -> Kept:  # noqa: ANN401 - aiokafka's
        letter, why_sealed, size, at = None, "", len(record.value), record.timestamp / 1000
        try:
            opened = read(self._secret, record.key, record.value)
        except UnreadableRecord as error:
            why_sealed = str(error)
        else:
            letter = msgspec.structs.replace(opened, value=None)
            size, at = len(opened.value or b""), opened.at
        place = (record.partition, record.offset)
        return Kept(letter_id(record.key), record.key, place, letter, why_sealed, at, size, mark)

    async def contents(self, wanted: Iterable[Kept]) -> AsyncIterator[tuple[Kept, DeadLetter]]:
        """These letters with their contents; UnreadableRecord for one that cannot be opened."""
        places = {kept.place: kept for kept in wanted}
        spans: dict[int, tuple[int, int]] = {}
        for partition, offset in places:
            first, end = spans.get(partition, (offset, offset))
            spans[partition] = (min(first, offset), max(end, offset + 1))
        async for record in read_spans(self._consumer, DEADLETTERS, spans, _SILENCE_SECONDS):
            if kept := places.get((record.partition, record.offset)):
                yield kept, read(self._secret, record.key, record.value)

    async def _whole(self, topic: str) -> Spans:
        places = [TopicPartition(topic, each) for each in self._partitions.get(topic, ())]
        if not places:
            return {}
        firsts = await self._consumer.beginning_offsets(places)
        ends = await self._consumer.end_offsets(places)
        return {place.partition: (firsts[place], ends[place]) for place in places}


@contextlib.asynccontextmanager
async def letterbox(settings: Settings) -> AsyncIterator[Letterbox]:
    """The letters of this Kafka; KafkaUnavailable when it is away, at the start or later.

    StreamerError when it has no topic for them.
    """
    client = await admin(settings)
    try:
        known = set(await client.list_topics()) & {DEADLETTERS, MARKS}
        described = await client.describe_topics(sorted(known)) if known else []
    finally:
        await client.close()
    if DEADLETTERS not in known:
        raise StreamerError(
            f"Kafka at {settings.kafka} has no topic {DEADLETTERS}: is it the right one? "
            "`streamer topics` creates what is missing."
        )
    partitions = {each["topic"]: [p["partition"] for p in each["partitions"]] for each in described}
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        fetch_max_wait_ms=_WAIT_MS,
        fetch_max_bytes=_FETCH_BYTES,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    try:
        await consumer.start()
        yield Letterbox(consumer, partitions, settings.secret or b"")
    except KafkaError as error:
        raise KafkaUnavailable(
            f"Kafka at {settings.kafka} went away ({error or type(error).__name__}): try again."
        ) from error
    finally:
        await consumer.stop()
