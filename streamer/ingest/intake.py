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
from streamer.transport.people import IDENTITIES, Link, partition_of
from streamer.transport.topics import TOUCHPOINTS

_PLANNED: Final = "campaign.planned"
# A contact that is told again so soon after is the same one: sent, then delivered. A link for it
# would decide nothing otherwise than the one before.
_SAME_SECONDS: Final = 60
# A contact takes some 250 bytes, a partition 150.
_REMEMBERED: Final = 65_536


class _Typed(msgspec.Struct):
    type: str


_MANY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_TYPED: Final = msgspec.json.Decoder(_Typed)
_ENCODER: Final = msgspec.json.Encoder()
# Of an identity in a campaign, when a link was last told.
_Contacts = dict[tuple[str, str], int]


class Intake:
    """Takes events, records that go out as they are, and links; `partitions` of `identities`."""

    def __init__(self, packer: Packer, partitions: int) -> None:
        self._packer = packer
        self._partitions = partitions
        self._known: _Contacts = {}
        self._before: _Contacts = {}
        self._places: dict[str, int] = {}

    async def take(
        self,
        fragments: Sequence[Fragment],
        records: Sequence[Record] = (),
        links: Iterable[Link] = (),
    ) -> None:
        """Return once Kafka has acknowledged all of it; see `Packer.take`."""
        contacts: _Contacts = {}
        packed = self._pack(self._fresh(links, contacts))
        copies = [copy for fragment in fragments for copy in self._copies(fragment)]
        await self._packer.take([*fragments, *packed], [*records, *copies])
        self._remember(contacts)

    def _fresh(self, links: Iterable[Link], contacts: _Contacts) -> Iterator[Link]:
        """The links that say something new; `contacts` is filled with when they say it."""
        for link in links:
            if link.at is None:
                yield link
                continue
            key = (link.identity, link.campaign)
            known = contacts.get(key) or self._known.get(key) or self._before.get(key)
            if known is None or not known <= link.at < known + _SAME_SECONDS:
                contacts[key] = link.at
                yield link

    def _remember(self, contacts: _Contacts) -> None:
        self._known.update(contacts)
        if len(self._known) > _REMEMBERED:
            self._known, self._before = {}, self._known

    def _pack(self, links: Iterable[Link]) -> Iterator[Fragment]:
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
