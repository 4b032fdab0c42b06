"""Packing: what arrives together for one key or partition of a topic shares one record.

A record waits for the next sweep, and for as long as another one of its place is on its way. So a
lone request hardly waits for company, and the more there are, or the slower Kafka is, the more
share a record. One sweep hands in the records of all places, so that Kafka's client sends them
together: what a request to a broker costs is many times what a record in it costs.

A request is acknowledged when all records that hold something of it are. Owns the waiting and the
memory of what is on its way; never knows Kafka's client, which is behind `Sender`.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from streamer.errors import KafkaUnavailable
from streamer.ingest.bodies import Budget
from streamer.ingest.reading import RECORD_BYTES, Fragment

# From the first to be sent to the sweep: for what is here already to be read, and for the answers
# of a broker to be followed by the requests that they let go.
LINGER_SECONDS: Final = 0.002
# How long a request waits: within what vendors grant, and longer than a broker's hiccup.
PATIENCE_SECONDS: Final = 4.0


class Record(NamedTuple):
    """One record for a topic; without a `partition` its key places it."""

    topic: str
    key: bytes | None
    value: bytes
    partition: int | None = None


class Sender(Protocol):
    """What records are handed to."""

    async def send(self, record: Record) -> None:
        """Return once Kafka has acknowledged the record; KafkaUnavailable when it will not.

        May take as long as Kafka is away: the caller bounds what is on its way.
        """
        ...


class _Ticket:
    """One request that waits for `pending` records."""

    __slots__ = ("done", "pending")

    def __init__(self, pending: int) -> None:
        self.pending = pending
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, error: KafkaUnavailable | None) -> None:
        self.pending -= 1
        if self.done.done():
            return
        if error is not None:
            self.done.set_exception(KafkaUnavailable(*error.args))
        elif self.pending == 0:
            self.done.set_result(None)

    def expire(self, patience: float) -> None:
        if not self.done.done():
            self.done.set_exception(
                KafkaUnavailable(
                    f"Kafka has not acknowledged within {patience:g} seconds; try again."
                )
            )


# Topic, key and partition.
_Place = tuple[str, bytes | None, int | None]


class _Open:
    """A record that is still being filled."""

    __slots__ = ("bodies", "size", "tickets")

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.size = 0
        self.tickets: list[_Ticket] = []


class Packer:
    """Packs the fragments of concurrent requests into records and sends them."""

    def __init__(
        self,
        sender: Sender,
        budget: Budget,
        *,
        linger: float = LINGER_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._sender = sender
        self._budget = budget
        self._linger = linger
        self._patience = patience
        self._open: dict[_Place, _Open] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        # Of each place, how many of its records are on their way.
        self._under_way: Counter[_Place] = Counter()
        self._deliveries: set[asyncio.Task[None]] = set()

    async def take(self, fragments: Sequence[Fragment], records: Sequence[Record] = ()) -> None:
        """Return once Kafka has acknowledged all of it; `records` go out as they are.

        Raises KafkaUnavailable at once when there is no room for it, or when Kafka has not
        acknowledged in time. Some of it may have arrived, or may still arrive, then: whoever sends
        it again does no harm, since repetitions count once.
        """
        if not fragments and not records:
            return
        size = 0
        for fragment in fragments:
            size += len(fragment.body)
        for record in records:
            size += len(record.value)
        self._budget.reserve(size)
        ticket = _Ticket(len(fragments) + len(records))
        for fragment in fragments:
            self._join(fragment, ticket)
        for record in records:
            self._deliver(record, len(record.value), [ticket])
        # Not asyncio.timeout, which takes twice as long.
        impatience = asyncio.get_running_loop().call_later(
            self._patience, ticket.expire, self._patience
        )
        try:
            await ticket.done
        finally:
            impatience.cancel()
            # Its error holds this frame, and so the request: without this they would be a cycle.
            del ticket

    async def flush(self) -> None:
        """Send what is still being filled and wait for all that is on its way."""
        for place in list(self._open):
            self._close(place)
        if self._deliveries:
            await asyncio.wait(self._deliveries)

    def _join(self, fragment: Fragment, ticket: _Ticket) -> None:
        key, body, _events, topic, partition = fragment
        place = (topic, key, partition)
        record = self._open.get(place)
        if record is not None and record.size + len(body) + 1 > RECORD_BYTES:
            self._close(place)
            record = None
        if record is None:
            record = self._open[place] = _Open()
            self._sweep_soon()
        record.bodies.append(body)
        record.size += len(body) + 1
        record.tickets.append(ticket)
        if record.size >= RECORD_BYTES:
            self._close(place)

    def _sweep_soon(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(self._linger, self._sweep)

    def _sweep(self) -> None:
        """Send what is open, save what follows a record that is on its way."""
        self._sweeping = None
        for place in list(self._open):
            if place not in self._under_way:
                self._close(place)

    def _close(self, place: _Place) -> None:
        record = self._open.pop(place)
        value = b"[" + b",".join(record.bodies) + b"]"
        held = sum(map(len, record.bodies))
        topic, key, partition = place
        self._under_way[place] += 1
        delivery = self._deliver(Record(topic, key, value, partition), held, record.tickets)
        delivery.add_done_callback(lambda _: self._landed(place))

    def _landed(self, place: _Place) -> None:
        """A record is acknowledged, or given up: send what has waited for that."""
        self._under_way[place] -= 1
        if not self._under_way[place]:
            del self._under_way[place]
        if place in self._open:
            self._sweep_soon()

    def _deliver(self, record: Record, held: int, tickets: Sequence[_Ticket]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._send(record, held, tickets))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)
        return task

    async def _send(self, record: Record, held: int, tickets: Sequence[_Ticket]) -> None:
        error: KafkaUnavailable | None = KafkaUnavailable("The gateway is stopping; try again.")
        try:
            await self._sender.send(record)
            error = None
        except KafkaUnavailable as unavailable:
            error = unavailable
        finally:
            self._budget.release(held)
            for ticket in tickets:
                ticket.settle(error)
            # Likewise.
            del error
