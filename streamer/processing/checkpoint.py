"""The checkpoint: first everything that is known is stored, only then is the place committed.

The order is the promise. A record of a changelog that was not acknowledged by all replicas when
the offsets that it covers were committed would be an event lost by the next kill.
"""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable
from streamer.processing.export import Metrics
from streamer.processing.owned import Owned, SetAside
from streamer.state import TableRecord
from streamer.transport.deadletters import DeadLetter
from streamer.transport.deadletters import record as dead_letter_record
from streamer.transport.topics import DEADLETTERS, TOUCHPOINTS, changelog

logger = logging.getLogger(__name__)

# (partition → offset) of the source topic; False: the group has moved on without this worker.
Commit = Callable[[Mapping[int, int]], Awaitable[bool]]
# Which generation of the group this worker is a member of.
Generation = Callable[[], int]


class Producer(Protocol):
    """What is needed of aiokafka's producer."""

    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, partition: int | None
    ) -> "asyncio.Future[Any]":
        """Buffer a record; the future is done when it is acknowledged."""
        ...


class Checkpoint:
    """Stores the state of partitions and commits what it covers."""

    def __init__(
        self,
        producer: Producer,
        commit: Commit,
        generation: Generation,
        metrics: Metrics,
        secret: bytes,
    ) -> None:
        self._producer = producer
        self._commit = commit
        self._generation = generation
        self._metrics = metrics
        self._secret = secret
        self._lock = asyncio.Lock()
        self._letters: dict[int, list[asyncio.Future[Any]]] = {}

    async def write(self, partitions: Sequence[Owned]) -> None:
        """Store and commit; raises, with nothing committed, if anything is not acknowledged."""
        async with self._lock:
            started = time.monotonic()
            generation = self._generation()
            # From here to the first await is one moment: the records cover these offsets.
            written = [(o, o.state.checkpoint()) for o in partitions]
            offsets = {o.number: o.next_offset for o, _ in written if o.next_offset is not None}
            letters = [f for o, _ in written for f in self._letters.pop(o.number, ())]
            try:
                sent = [await self._send(o.number, r) for o, records in written for r in records]
                await asyncio.gather(*sent, *letters)
            except KafkaError as error:
                raise KafkaUnavailable(
                    f"Kafka did not acknowledge a checkpoint ({error or type(error).__name__}). "
                    "Nothing that it covers was committed: a restart reads it again."
                ) from error
            for owned, _ in written:
                owned.state.written()
            # What was assigned anew meanwhile is read anew, from what is committed by now: nothing
            # may be committed any more that the reading of the state may not have found.
            if self._generation() == generation:
                await self._commit_covered([o for o in partitions if not o.given_up], offsets)
            if sent:
                size = sum(len(r.key) + len(r.value or b"") for _, rs in written for r in rs)
                self._metrics.checkpoint(time.monotonic() - started, size, len(sent))

    async def settled(self) -> None:
        """Return once no checkpoint is under way."""
        async with self._lock:
            pass

    async def set_aside(self, owned: Owned, letters: Sequence[SetAside]) -> None:
        """Send what was not taken to the dead letters; every checkpoint from now on waits for it.

        Everything is announced before anything is awaited: a checkpoint that begins meanwhile
        covers the offsets of these letters as well.
        """
        loop = asyncio.get_running_loop()
        announced: list[asyncio.Future[Any]] = [loop.create_future() for _ in letters]
        self._letters.setdefault(owned.number, []).extend(announced)
        try:
            for letter, acknowledged in zip(letters, announced, strict=True):
                acknowledged.add_done_callback(_look_at)
                sent = await self._send_letter(owned, letter)
                sent.add_done_callback(functools.partial(_pass_on, acknowledged))
        except KafkaError as error:
            raise KafkaUnavailable(
                f"Kafka did not take a dead letter ({error or type(error).__name__}). Nothing "
                "after it was committed: a restart reads it again."
            ) from error
        self._metrics.dead_letters(len(letters))

    async def _send_letter(self, owned: Owned, letter: SetAside) -> "asyncio.Future[Any]":
        source = letter.record
        key, value = dead_letter_record(
            self._secret,
            DeadLetter(
                topic=TOUCHPOINTS,
                partition=owned.number,
                offset=source.offset,
                position=letter.position,
                source="",
                reason=letter.reason,
                key=source.key,
                value=source.value if letter.raw is None else letter.raw,
                at=time.time(),
            ),
        )
        logger.warning(
            "set aside %s-%d offset %d%s: %s",
            TOUCHPOINTS,
            owned.number,
            source.offset,
            "" if letter.position is None else f" event {letter.position}",
            letter.reason,
            extra={"campaign": _campaign(letter)},
        )
        return await self._producer.send(DEADLETTERS, value, key, None)

    async def _send(self, partition: int, record: TableRecord) -> "asyncio.Future[Any]":
        return await self._producer.send(
            changelog(record.table), record.value, record.key, partition
        )

    async def _commit_covered(
        self, partitions: Sequence[Owned], offsets: Mapping[int, int]
    ) -> None:
        news = {
            o.number: offsets[o.number] for o in partitions if o.committed != offsets.get(o.number)
        }
        if news and await self._commit(news):
            for owned in partitions:
                owned.committed = news.get(owned.number, owned.committed)


def _campaign(letter: SetAside) -> str:
    """The campaign of an event that was rejected; the key of what is no record may be anything."""
    known = letter.position is not None and letter.record.key is not None
    return letter.record.key.decode(errors="replace") if known else ""


def _pass_on(announced: "asyncio.Future[Any]", sent: "asyncio.Future[Any]") -> None:
    """Give a letter's acknowledgement, or why there is none, to those who wait for it."""
    if announced.done():
        return
    if sent.cancelled():
        announced.set_exception(KafkaError("the sending was ended"))
    elif (error := sent.exception()) is not None:
        announced.set_exception(error)
    else:
        announced.set_result(None)


def _look_at(announced: "asyncio.Future[Any]") -> None:
    """Whoever waits for it is told; nobody may: asyncio must not complain then."""
    if not announced.cancelled():
        announced.exception()
