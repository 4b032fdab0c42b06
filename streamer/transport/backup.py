"""Copying topics into a folder, and from a folder into an empty Kafka.

What is copied is all that nothing else can be rebuilt from; the worker's tables and the committed
places are not needed: a worker without them reads the topics from their beginning. Topics are
looked at in the order of `TOPICS`: what follows from a record comes after it there, so that a
backup of a Kafka in use never holds a cause without what was decided about it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable, SettingsError, StreamerError
from streamer.settings import Settings
from streamer.transport import archive
from streamer.transport.archive import Manifest, Part, PieceWriter, Record
from streamer.transport.fingerprint import fingerprint, held_fingerprint
from streamer.transport.kafka import admin, client_options, cluster_id
from streamer.transport.spans import read_spans
from streamer.transport.topics import TOPICS, Topic, ensure_topics

BACKED_UP: Final[tuple[Topic, ...]] = tuple(topic for topic in TOPICS if not topic.rebuilt)

# The topic, records that were copied now, records in all.
Tell = Callable[[str, int, int], None]

# What is under way is awaited before another partition can be read.
_WAIT_MS: Final = 50
_SILENCE_SECONDS: Final = 30.0
# As much as one record of a topic may be, with its envelope.
_LARGEST: Final = 17 * 1024 * 1024
_IN_FLIGHT: Final = 500


async def back_up(settings: Settings, folder: Path, tell: Tell) -> Manifest:
    """Add to `folder` all that it does not hold yet; KafkaUnavailable when Kafka is away.

    StreamerError when the folder is another Kafka's, or records that it lacks were deleted.
    """
    known = archive.load(folder)
    places = await _places(settings)
    cluster = await cluster_id(settings)
    async with _told_as_away(settings):
        held = await held_fingerprint(settings) or ""
    if known and (known.cluster, known.fingerprint) != (cluster, held):
        raise StreamerError(f"{folder} holds the backup of another Kafka: choose another folder.")
    before = known.topics if known else {}
    topics: dict[str, tuple[Part, ...]] = {}
    async with _consumer(settings) as consumer:
        for topic in BACKED_UP:
            # What compaction takes away and moves cannot be gone on with: it is copied whole.
            compacted = topic.config["cleanup.policy"] == "compact"
            parts = () if compacted else before.get(topic.name, ())
            topics[topic.name] = tuple(
                [
                    await _copy(consumer, place, known, folder)
                    for place, known in zip_longest(places[topic.name], parts)
                ]
            )
            records = sum(part.records for part in topics[topic.name])
            tell(topic.name, records - sum(part.records for part in parts), records)
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    manifest = Manifest(archive.FORMAT, at, cluster, held, topics)
    archive.store(folder, manifest)
    archive.clean(folder, manifest)
    return manifest


async def restore(settings: Settings, folder: Path, tell: Tell) -> Manifest:
    """Write all of the backup in `folder` into a Kafka that holds none of these topics' records.

    May be repeated after it was cut off: it goes on where it ended. StreamerError when the backup
    is damaged, when there are other records, or when the secret is another one.
    """
    manifest = archive.load(folder)
    if manifest is None:
        raise StreamerError(f"{folder} holds no backup: there is no {archive.MANIFEST} in it.")
    if faults := list(archive.damage(folder, manifest)):
        raise StreamerError(f"The backup is damaged, nothing was restored: {'; '.join(faults)}.")
    _check_fits(settings, manifest)
    await ensure_topics(settings)
    places = await _places(settings)
    async with _consumer(settings) as consumer, _producer(settings) as producer:
        begun: dict[TopicPartition, int] = {}
        for topic, parts in manifest.topics.items():
            for place, part in zip(places[topic], parts, strict=True):
                begun[place] = await _held(consumer, place, part, folder)
        for topic, parts in manifest.topics.items():
            for number, part in enumerate(parts):
                place = TopicPartition(topic, number)
                await _write(producer, place, archive.read(folder, part, begun[place]))
            held = sum(part.records for part in parts)
            tell(
                topic, held - sum(begun[TopicPartition(topic, n)] for n in range(len(parts))), held
            )
    return manifest


def _check_fits(settings: Settings, manifest: Manifest) -> None:
    """Refuse what would only show when all is written."""
    for topic in BACKED_UP:
        found = len(manifest.topics.get(topic.name, ()))
        if topic.partitions is None and found not in {0, settings.partitions}:
            raise SettingsError(
                f"The backup has {found} partitions and STREAMER_PARTITIONS is "
                f"{settings.partitions}: set it to {found}."
            )
    ours = fingerprint(settings.secret) if settings.secret else ""
    if ours and manifest.fingerprint and ours != manifest.fingerprint:
        raise SettingsError(
            f"STREAMER_SECRET (fingerprint {ours}) is not the secret that the backup was made with "
            f"(fingerprint {manifest.fingerprint}): set the old one, or nobody would be recognised."
        )


async def _places(settings: Settings) -> dict[str, list[TopicPartition]]:
    """The partitions of every topic that is backed up; StreamerError if one is missing.

    Of the admin client: a consumer forgets the topics that it is not assigned to.
    """
    client = await admin(settings)
    try:
        names = [topic.name for topic in BACKED_UP]
        missing = set(names) - set(await client.list_topics())
        described = [] if missing else await client.describe_topics(names)
    finally:
        await client.close()
    if missing:
        raise StreamerError(
            f"Kafka at {settings.kafka} has no topic {', '.join(sorted(missing))}: is it the right "
            "one? `streamer topics` creates what is missing."
        )
    return {
        each["topic"]: [
            TopicPartition(each["topic"], number)
            for number in sorted(partition["partition"] for partition in each["partitions"])
        ]
        for each in described
    }


async def _copy(
    consumer: Any,  # noqa: ANN401
    place: TopicPartition,
    known: Part | None,
    folder: Path,
) -> Part:
    """What a partition held when it was looked at, added to what the folder holds of it."""
    first = (await consumer.beginning_offsets([place]))[place]
    end = (await consumer.end_offsets([place]))[place]
    known = known or Part(first, first)
    if not await _goes_on(consumer, place, known, first, end):
        raise StreamerError(
            f"{place.topic}-{place.partition} is not what the backup was made of: records were "
            "deleted, or the topic was made anew. Choose another folder."
        )
    if known.next == end:
        return known
    stamp = time.time_ns()
    writer = PieceWriter(folder, f"{place.topic}-{place.partition}-{known.next:012}-{stamp}.gz")
    async for record in _read(consumer, place, known.next, end):
        writer.write(_as_record(record))
    return Part(known.first, end, writer.last, (*known.pieces, writer.close()))


async def _goes_on(
    consumer: Any,  # noqa: ANN401
    place: TopicPartition,
    known: Part,
    first: int,
    end: int,
) -> bool:
    """Whether the topic still holds the last record that the folder holds, at its place."""
    if not first <= known.next <= end:
        return False
    if not known.last:
        return True
    found = [record async for record in _read(consumer, place, known.next - 1, known.next)]
    return [archive.digest_of(_as_record(record)) for record in found] == [known.last]


def _as_record(record: Any) -> Record:  # noqa: ANN401 - aiokafka's
    headers = tuple((name, bytes(value)) for name, value in record.headers)
    return Record(record.timestamp, record.key, record.value, headers)


def _read(
    consumer: Any,  # noqa: ANN401
    place: TopicPartition,
    start: int,
    end: int,
) -> AsyncIterator[Any]:
    spans = {place.partition: (start, end)}
    return read_spans(consumer, place.topic, spans, _SILENCE_SECONDS)


async def _held(
    consumer: Any,  # noqa: ANN401
    place: TopicPartition,
    part: Part,
    folder: Path,
) -> int:
    """How many records of the backup the partition holds already; StreamerError if it has others.

    Records are written in order and once, so the one before the end tells of all before it.
    """
    first = (await consumer.beginning_offsets([place]))[place]
    end = int((await consumer.end_offsets([place]))[place])
    if not end:
        return 0
    theirs = [record async for record in _read(consumer, place, end - 1, end)]
    ours = next(iter(archive.read(folder, part, end - 1)), None) if end <= part.records else None
    if (
        first == 0
        and theirs
        and ours
        and (ours.key, ours.value) == (theirs[0].key, theirs[0].value)
    ):
        return end
    raise StreamerError(
        f"The topic {place.topic} holds other records than the backup: restore into an empty "
        "Kafka, while neither a gateway nor a worker runs on it."
    )


async def _write(producer: Any, place: TopicPartition, records: Iterable[Record]) -> None:  # noqa: ANN401
    """Write records in order, and return when all of them are acknowledged."""
    sent: list[asyncio.Future[Any]] = []
    for record in records:
        sent.append(
            await producer.send(
                place.topic,
                record.value,
                record.key,
                place.partition,
                record.timestamp,
                list(record.headers),
            )
        )
        if len(sent) == _IN_FLIGHT:
            await asyncio.gather(*sent)
            sent.clear()
    await asyncio.gather(*sent)


@contextlib.asynccontextmanager
async def _consumer(settings: Settings) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        **client_options(settings),
        enable_auto_commit=False,
        isolation_level="read_committed",
        fetch_max_wait_ms=_WAIT_MS,
        fetch_max_bytes=_LARGEST,
        max_partition_fetch_bytes=_LARGEST,
    )
    async with _told_as_away(settings):
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()


@contextlib.asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_batch_size=1024 * 1024,
        max_request_size=_LARGEST,
    )
    async with _told_as_away(settings):
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()


@contextlib.asynccontextmanager
async def _told_as_away(settings: Settings) -> AsyncIterator[None]:
    try:
        yield
    except (KafkaError, TimeoutError) as error:
        raise KafkaUnavailable(
            f"Kafka at {settings.kafka} went away ({error or type(error).__name__}): try again; it "
            "goes on where it ended."
        ) from error
