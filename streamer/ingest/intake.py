"""What is taken goes to Kafka together with what follows from it, and only then is it safe.

Owns what the gateway tells the topic `identities`: links, packed by partition, of which those that
Kafka has acknowledged a moment ago are not sent again; and a copy of every plan for each partition.
Every route takes its events by this way, so that no plan can be missed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from streamer.ingest.packing import Packer, Record
from streamer.ingest.reading import Fragment, cut
from streamer.transport.people import IDENTITIES, Alias, Link, partition_of
from streamer.transport.topics import TOUCHPOINTS

_PLANNED: Final = "campaign.planned"
# A link takes some 250 bytes, a partition 150.
_REMEMBERED: Final = 65_536


class _Typed(msgspec.Struct):
    type: str


_MANY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_TYPED: Final = msgspec.json.Decoder(_Typed)
_ENCODER: Final = msgspec.json.Encoder()


class Intake:
    """Takes events, records that go out as they are, and links; `partitions` of `identities`."""

    def __init__(self, packer: Packer, partitions: int) -> None:
        self._packer = packer
        self._partitions = partitions
        self._known: set[Link | Alias] = set()
        self._before: set[Link | Alias] = set()
        self._places: dict[str, int] = {}

    async def take(
        self,
        fragments: Sequence[Fragment],
        records: Sequence[Record] = (),
        links: Iterable[Link | Alias] = (),
    ) -> None:
        """Return once Kafka has acknowledged all of it; see `Packer.take`."""
        fresh = self._fresh(links)
        packed = self._pack(fresh)
        copies = [copy for fragment in fragments for copy in self._copies(fragment)]
        await self._packer.take([*fragments, *packed], [*records, *copies])
        self._remember(fresh)

    def _fresh(self, links: Iterable[Link | Alias]) -> list[Link | Alias]:
        """The links that Kafka is not known to have: the same to the second, nothing less.

        Of two contacts in one minute the later may be the last before an event, since another
        campaign's may lie between them.
        """
        return [
            link
            for link in dict.fromkeys(links)
            if link not in self._known and link not in self._before
        ]

    def _remember(self, links: Iterable[Link | Alias]) -> None:
        self._known.update(links)
        if len(self._known) > _REMEMBERED:
            self._known, self._before = set(), self._known

    def _pack(self, links: Iterable[Link | Alias]) -> Iterator[Fragment]:
        groups: dict[int, list[bytes]] = {}
        for link in links:
            groups.setdefault(self._place(link.identity), []).append(_ENCODER.encode(link))
        for partition, raws in groups.items():
            for part in cut(raws):
                yield Fragment(None, b",".join(part), 0, IDENTITIES, partition)

    def _place(self, identity: str) -> int:
        place = self._places.get(identity)
        if place is None:
            place = partition_of(identity, self._partitions)
            if len(self._places) >= _REMEMBERED:
                self._places.clear()
            self._places[identity] = place
        return place

    def _copies(self, fragment: Fragment) -> Iterator[Record]:
        """A copy of each plan among a fragment's events for each partition."""
        body = fragment.body
        if fragment.topic != TOUCHPOINTS:
            return
        # Spelled out, or hidden by escapes: all others are not looked into.
        if _PLANNED.encode() not in body and b"\\u" not in body:
            return
        for raw in _MANY.decode(b"[" + body + b"]"):
            if _TYPED.decode(raw).type == _PLANNED:
                value = b'[{"plan":' + bytes(raw) + b"}]"
                for partition in range(self._partitions):
                    yield Record(IDENTITIES, None, value, partition)
