"""Events that wait until a campaign of theirs is known, and how they are stored. Pure."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, TypeVar

import msgspec

from streamer.identity.decisions import KEY_BYTES, event_key, message_key, passed_key
from streamer.state.ledger import TableRecord

_Name = TypeVar("_Name", str, bytes)
_ENCODE: Final = msgspec.msgpack.Encoder().encode


class Arrival(msgspec.Struct, frozen=True, array_like=True):
    """An event as it came: its place in `inbound`, its attributes, its time in UTC seconds.

    `came`: when its record came to Kafka, UTC seconds as well.
    """

    offset: int
    source: str
    id: str
    type: str
    identity: str
    message: str | None
    at: int
    came: int
    raw: bytes

    @property
    def key(self) -> bytes:
        """What it waits under: two events of one id that say different things both wait."""
        return blake2b(self.raw, digest_size=KEY_BYTES).digest()

    @property
    def decided_by(self) -> tuple[bytes, ...]:
        """What its decision is known by: its own id, then its vendor's message if it names one."""
        own = event_key(self.source, self.id)
        message = message_key(self.source, self.message) if self.message else None
        return (own, message) if message else (own,)

    @property
    def passed_by(self) -> bytes:
        """What its passing to another identity of its person is known by."""
        return passed_key(self.source, self.id, self.identity)


def read_waiting(value: bytes) -> Arrival:
    """The event of one record of the table `waiting`."""
    return msgspec.msgpack.decode(value, type=Arrival)


class Waiting:
    """What waits, found by identity and by what would decide it, in the order of its coming.

    What was given to a campaign stays stored, and only so, until it was forwarded.
    """

    __slots__ = ("_by_decision", "_by_identity", "_events", "_leaving", "_unwritten")

    def __init__(self) -> None:
        self._events: dict[bytes, Arrival] = {}
        self._by_identity: dict[str, dict[bytes, None]] = {}
        self._by_decision: dict[bytes, dict[bytes, None]] = {}
        self._leaving: set[bytes] = set()
        self._unwritten: dict[bytes, Arrival | None] = {}

    def __len__(self) -> int:
        return len(self._events)

    def __contains__(self, arrival: Arrival) -> bool:
        return arrival.key in self._events

    def add(self, arrival: Arrival, *, stored: bool = False) -> None:
        """Let an event wait; one that waits already does so once."""
        key = arrival.key
        if key in self._events:
            return
        self._events[key] = arrival
        self._by_identity.setdefault(arrival.identity, {})[key] = None
        for decided_by in arrival.decided_by:
            self._by_decision.setdefault(decided_by, {})[key] = None
        if not stored:
            self._unwritten[key] = arrival

    def give(self, arrival: Arrival) -> None:
        """It was given to a campaign, if it waited: stored until `forwarded` is told of it."""
        if self._take_out(arrival.key):
            self._leaving.add(arrival.key)

    def forwarded(self, arrival: Arrival) -> None:
        """It was forwarded: nothing is to be stored of it any more."""
        if arrival.key in self._leaving:
            self._leaving.discard(arrival.key)
            self._unwritten[arrival.key] = None

    def drop(self, arrivals: Iterable[Arrival]) -> None:
        """Let these wait no longer: they are kept elsewhere."""
        for arrival in arrivals:
            if self._take_out(arrival.key):
                self._unwritten[arrival.key] = None

    def identities(self) -> list[str]:
        """Who waits."""
        return list(self._by_identity)

    def of_identity(self, identity: str) -> list[Arrival]:
        """What waits of somebody."""
        return [self._events[key] for key in self._by_identity.get(identity, ())]

    def of_decision(self, decided_by: bytes) -> list[Arrival]:
        """What waits and one decision gives away: of one id, or of one vendor's message."""
        return [self._events[key] for key in self._by_decision.get(decided_by, ())]

    def all(self) -> list[Arrival]:
        """Everything that waits, in the order of its coming."""
        return sorted(self._events.values(), key=lambda arrival: arrival.offset)

    def records(self) -> list[TableRecord]:
        """What is not yet stored or removed."""
        records = [
            TableRecord("waiting", key, None if arrival is None else _ENCODE(arrival))
            for key, arrival in self._unwritten.items()
        ]
        self._unwritten.clear()
        return records

    def _take_out(self, key: bytes) -> bool:
        arrival = self._events.pop(key, None)
        if arrival is None:
            return False
        _leave(self._by_identity, arrival.identity, key)
        for decided_by in arrival.decided_by:
            _leave(self._by_decision, decided_by, key)
        return True


def _leave(index: dict[_Name, dict[bytes, None]], name: _Name, key: bytes) -> None:
    del index[name][key]
    if not index[name]:
        del index[name]
