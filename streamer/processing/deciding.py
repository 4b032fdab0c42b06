"""Deciding: events of `inbound` get their campaign and go to `touchpoints`.

Nothing is forwarded before its decision is stored, and a decision is stored only by whoever holds
the partition's journal; so two workers never forward one event to two campaigns, whatever either
believes to own. Offsets are committed last: what a kill interrupts is done again, and the same.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable, WriterFenced
from streamer.processing.desk import Desk
from streamer.processing.export import Metrics
from streamer.processing.fence import Fence
from streamer.processing.journal import Journal
from streamer.processing.letters import Letters, Producer, SetAside
from streamer.processing.people import records_of
from streamer.processing.place import Commit, Place, commit_places
from streamer.processing.recovery import recover
from streamer.settings import Settings
from streamer.state import INBOX_TABLES, Arrival, Epoch, Given, Inbox
from streamer.transport.people import IDENTITIES, INBOUND

# Events of one partition that may wait to be judged, and that are judged at once.
_MOST_UNJUDGED: Final = 20_000
_MOST_AT_ONCE: Final = 2_000
# After so many records the loop gets a turn.
_BREATH_RECORDS: Final = 64
_SWEEP_SECONDS: Final = 60.0
_DAY: Final = 86_400
# Journals are opened so many at a time.
_OPENINGS: Final = 16

# The ends of the partitions of `identities` with these numbers, as the broker has them now.
EndOffsets = Callable[[Sequence[int]], Awaitable[Mapping[int, int]]]


class _Overdue(NamedTuple):
    """An event that waited too long, as the record that it was."""

    offset: int
    key: bytes
    value: bytes


class Deciding:
    """The inboxes of this process's partitions."""

    topics = (INBOUND, IDENTITIES)

    def __init__(  # noqa: PLR0913 - its parts, all named where it is built
        self,
        *,
        settings: Settings,
        options: Mapping[str, Any],
        producer: Producer,
        commit: Commit,
        letters: Letters,
        metrics: Metrics,
        fence: Fence,
        quarantine: Collection[tuple[str, int, int]],
        end_offsets: EndOffsets,
    ) -> None:
        self._settings = settings
        self._options = options
        self._producer = producer
        self._commit = commit
        self._letters = letters
        self._metrics = metrics
        self._fence = fence
        self._quarantine = quarantine
        self._end_offsets = end_offsets
        self._desks: dict[int, Desk] = {}
        self._opening = asyncio.Lock()
        self._settling = asyncio.Lock()
        self._stopping = False

    # What the worker tells and asks.

    async def restore(self, partitions: Sequence[int], is_current: Callable[[], bool]) -> int:
        """Open the journals of these partitions, then read what was decided before."""
        await self._give_up()
        journals = {number: Journal(self._options, number) for number in partitions}
        desks: dict[int, Desk] = {}
        try:
            # One restoration after the other: an overtaken one must not shut the next one out.
            async with self._opening:
                if not is_current():
                    return 0
                await _open(journals.values())
            inboxes, records = await recover(
                {**self._options, "isolation_level": "read_committed"},
                INBOX_TABLES,
                partitions,
                lambda: Inbox(Epoch(0, 0), self._settings.page_rows),
                is_current,
            )
            if is_current():
                desks = {n: Desk(n, inbox, journals[n]) for n, inbox in inboxes.items()}
        finally:
            if not desks:
                await _close(journals.values())
        self._desks = desks
        return records

    def place(self, topic: str, number: int) -> Place | None:
        """A partition that is owned."""
        desk = self._desks.get(number)
        if desk is None:
            return None
        return desk.inbound if topic == INBOUND else desk.identities

    def held_back(self) -> Collection[tuple[str, int]]:
        """Events come no faster than they can be judged."""
        return [
            (INBOUND, desk.number)
            for desk in self._desks.values()
            if desk.inbox.unjudged > _MOST_UNJUDGED
        ]

    def resumed(self) -> None:
        """Records flow again."""
        for desk in self._desks.values():
            desk.live = True

    async def revoked(self) -> None:
        """Partitions are about to go: settle what can be, then apply no more."""
        await self._settle_last()
        await self._give_up()

    async def finish(self) -> None:
        """Settle what can be: the process ends."""
        self._stopping = True
        await self._settle_last()

    async def _give_up(self) -> None:
        """Own nothing any more, once what is being written has come to its end."""
        async with self._settling:
            left, self._desks = self._desks, {}
            await _close(desk.journal for desk in left.values())

    async def _settle_last(self) -> None:
        live = [desk for desk in self._desks.values() if desk.live]
        for desk in live:
            desk.live = False
        if self._fence.holds():
            await self._settle(live)

    # What is done with records.

    async def apply(self, place: Place, run: list[Any], end: int) -> None:
        """Take one run of records; what follows from it waits for the next settling."""
        del end
        desk = self._desks[place.number]
        if desk.live:
            place.check(run)
        for count, record in enumerate(run, 1):
            # Which may end whenever others have a turn.
            if not desk.live:
                return
            if (place.topic, place.number, record.offset) in self._quarantine:
                letters = [SetAside(record, None, "set aside by the operator", None)]
            else:
                letters = desk.take(place, record)
            place.next_offset = record.offset + 1
            self._letters.send(place, letters)
            if not count % _BREATH_RECORDS:
                await asyncio.sleep(0)

    # What goes on beside it.

    def beside(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Settling."""
        return (self._settle_forever(),)

    async def _settle_forever(self) -> None:
        """Decide soon after an event came; store what is only known at a checkpoint's pace."""
        stored = swept = time.monotonic()
        while not self._stopping:
            await asyncio.sleep(self._settings.refresh_seconds)
            if not self._fence.holds():
                continue
            now = time.monotonic()
            live = [desk for desk in self._desks.values() if desk.live]
            if now - swept >= _SWEEP_SECONDS:
                swept = now
                await self._sweep(live)
            if now - stored >= self._settings.checkpoint_seconds:
                stored = now
                await self._settle(live)
            else:
                await self._settle([desk for desk in live if desk.inbox.busy])

    async def _settle(self, desks: Sequence[Desk]) -> None:
        """Decide, store, forward, commit: in this order."""
        async with self._settling:
            busy = [desk for desk in desks if desk.inbox.busy]
            if busy:
                ends = await self._ends(busy)
                for desk in busy:
                    desk.inbox.expect(ends[desk.number])
            await asyncio.gather(*(self._settle_one(desk) for desk in desks))
            self._metrics.waiting(sum(len(d.inbox.waiting) for d in self._desks.values()))

    async def _settle_one(self, desk: Desk) -> None:
        inbox = desk.inbox
        # From here to the first await is one moment: the records cover these offsets.
        inbox.decide(desk.identities.next_offset or 0, _MOST_AT_ONCE)
        records = inbox.checkpoint()
        covered = desk.covered()
        letters = [f for place in covered for f in self._letters.unacknowledged(place)]
        try:
            await desk.journal.write(records)
        except WriterFenced:
            if desk.live:
                raise
            # It was another's already when it was taken from us: he decides what we had in hand.
            return
        inbox.written()
        due = inbox.due()
        try:
            await self._forward(due)
            await asyncio.gather(*letters)
        except KafkaError as error:
            raise KafkaUnavailable(
                f"Kafka did not acknowledge forwarded events ({error or type(error).__name__}). "
                "What was decided is stored: a restart forwards them again."
            ) from error
        inbox.forwarded(due)
        await commit_places(self._commit, covered)

    async def _forward(self, given: Sequence[Given]) -> None:
        sent = [
            await self._producer.send(topic, value, key) for topic, key, value in records_of(given)
        ]
        await asyncio.gather(*sent)

    async def _sweep(self, desks: Sequence[Desk]) -> None:
        """Put aside what has waited too long, unless news of it may be on its way."""
        # However old it is itself: a table of last quarter may come before its prospects.
        before = int(time.time()) - self._settings.waiting_days * _DAY
        async with self._settling:
            ends = await self._ends(desks)
            for desk in desks:
                overdue = [a for a in desk.inbox.waiting.all() if a.came < before]
                if overdue and (desk.identities.next_offset or 0) >= ends[desk.number]:
                    await self._put_aside(desk, overdue)

    async def _put_aside(self, desk: Desk, overdue: Sequence[Arrival]) -> None:
        reason = f"no campaign of its person was known within {self._settings.waiting_days} days"
        self._letters.send(
            desk.inbound,
            [
                SetAside(_Overdue(a.offset, a.identity.encode(), a.raw), None, reason, None)
                for a in overdue
            ],
        )
        await asyncio.gather(*self._letters.unacknowledged(desk.inbound))
        desk.inbox.waiting.drop(overdue)

    async def _ends(self, desks: Sequence[Desk]) -> Mapping[int, int]:
        try:
            return await self._end_offsets([desk.number for desk in desks])
        except KafkaError as error:
            raise KafkaUnavailable(
                f"Kafka does not tell how far `identities` goes ({error or type(error).__name__})."
            ) from error


async def _open(journals: Iterable[Journal]) -> None:
    turns = asyncio.Semaphore(_OPENINGS)

    async def one(journal: Journal) -> None:
        async with turns:
            await journal.open()

    await asyncio.gather(*(one(journal) for journal in journals))


async def _close(journals: Iterable[Journal]) -> None:
    await asyncio.gather(*(journal.close() for journal in journals))
