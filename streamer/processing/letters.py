"""What was not taken goes to the dead letters; nothing that covers it is committed before."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from streamer.processing.export import Metrics
from streamer.processing.place import Place
from streamer.transport.deadletters import DeadLetter
from streamer.transport.deadletters import record as dead_letter_record
from streamer.transport.topics import DEADLETTERS, TOUCHPOINTS

logger = logging.getLogger(__name__)


class Producer(Protocol):
    """What is needed of aiokafka's producer."""

    async def send(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        partition: int | None = None,
    ) -> "asyncio.Future[Any]":
        """Buffer a record; the future is done when it is acknowledged."""
        ...


class Source(Protocol):
    """What of a record is kept in a dead letter; aiokafka's has it."""

    @property
    def offset(self) -> int:
        """Its offset."""
        ...

    @property
    def key(self) -> bytes | None:
        """Its key."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its value."""
        ...


class SetAside(NamedTuple):
    """A record, or an event of one (`position`), that was not taken, and why."""

    record: Source
    position: int | None
    reason: str
    raw: bytes | None


class Letters:
    """Sends dead letters, and keeps for each place those that are not yet acknowledged."""

    def __init__(self, producer: Producer, metrics: Metrics, secret: bytes) -> None:
        self._producer = producer
        self._metrics = metrics
        self._secret = secret
        self._unacknowledged: dict[Place, list[asyncio.Task[None]]] = {}

    def send(self, place: Place, letters: Sequence[SetAside]) -> None:
        """Begin to send what was not taken; see `unacknowledged`."""
        for letter in letters:
            # Known at once: a checkpoint may come while it is still being sent.
            task = asyncio.create_task(self._deliver(place, letter))
            self._unacknowledged.setdefault(place, []).append(task)
            logger.warning(
                "set aside %s-%d offset %d%s: %s",
                place.topic,
                place.number,
                letter.record.offset,
                "" if letter.position is None else f" event {letter.position}",
                letter.reason,
                extra={"campaign": _campaign(place, letter)},
            )
        self._metrics.dead_letters(len(letters))

    async def _deliver(self, place: Place, letter: SetAside) -> None:
        source = letter.record
        key, value = dead_letter_record(
            self._secret,
            DeadLetter(
                topic=place.topic,
                partition=place.number,
                offset=source.offset,
                position=letter.position,
                source="",
                reason=letter.reason,
                key=source.key,
                value=source.value if letter.raw is None else letter.raw,
                at=time.time(),
            ),
        )
        await (await self._producer.send(DEADLETTERS, value, key))

    def unacknowledged(self, place: Place) -> list["asyncio.Task[None]"]:
        """To be awaited before anything of the place is committed; given once."""
        return self._unacknowledged.pop(place, [])


def _campaign(place: Place, letter: SetAside) -> str:
    """The campaign of an event that was rejected; the key of what is no record may be anything."""
    known = place.topic == TOUCHPOINTS and letter.position is not None
    return (letter.record.key or b"").decode(errors="replace") if known else ""
