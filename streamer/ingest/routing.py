"""Which topic an event goes to, and what it tells of its person: the sorting of what is told.

An event with a campaign goes to `touchpoints`; one without, of which a person is known, to
`inbound`, where the worker finds the campaign. One that proves our own contact of a person in a
campaign is a link of the two as well, and one that tells another name of his is a name. Pure: never
sends.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from streamer.events import TYPES, Problem
from streamer.ingest.packing import Record
from streamer.ingest.problems import Refused
from streamer.ingest.reading import Fragment, judge
from streamer.transport.people import INBOUND, Alias, Link

# What we did to somebody, and what came of it before he did anything: it proves the contact.
CONTACTS: Final = frozenset(
    {
        "sent",
        "delivered",
        "deferred",
        "bounced",
        "failed",
        "returned",
        "made",
        "connected",
        "unreached",
        "completed",
        "invited",
        "accepted",
        "messaged",
    }
)
CONTACT_TYPES: Final = frozenset(kind.type for kind in TYPES.values() if kind.word in CONTACTS)
# Events of a person are judged by the same rules as all others, as if they were of this campaign.
_STAND_IN: Final = "-"
_WITH_STAND_IN: Final = b',"campaign":"-"}'


class Told(NamedTuple):
    """An event that was told: itself as JSON, without `campaign` where that is None.

    `person` is its subject, `address` an identity that its person answers by, `alias` one whose
    events are his.
    """

    encoded: bytes
    type: str
    campaign: str | None
    person: str | None
    at: int
    address: str | None = None
    alias: str | None = None


class Routed(NamedTuple):
    """Where events go: to `touchpoints`, to `inbound`, as links to `identities`.

    `refused`: the reasons why some go nowhere, by their position.
    """

    fragments: list[Fragment]
    inbound: list[Record]
    links: list[Link | Alias]
    refused: dict[int, Problem]

    @property
    def events(self) -> int:
        """How many events are taken."""
        return sum(fragment.events for fragment in self.fragments) + len(self.inbound)


def route(told: Sequence[Told], max_event_bytes: int) -> Routed:
    """Sort events; each has a campaign or a person, and none is above `max_event_bytes`."""
    placed = [
        (at, each.campaign, each.encoded)
        for at, each in enumerate(told)
        if each.campaign is not None
    ]
    fragments, refused = _judge(placed, max_event_bytes)
    links: list[Link | Alias] = [
        Link(person, each.campaign, each.at)
        for at, each in enumerate(told)
        if each.campaign and each.type in CONTACT_TYPES and at not in refused
        for person in dict.fromkeys((each.person, each.address))
        if person
    ]
    links += [
        Alias(each.alias, each.person, each.at)
        for at, each in enumerate(told)
        if each.alias and each.person and at not in refused
    ]
    if len(placed) == len(told):
        return Routed(fragments, [], links, refused)
    personal = [(at, each) for at, each in enumerate(told) if each.campaign is None]
    as_if = [(at, _STAND_IN, each.encoded[:-1] + _WITH_STAND_IN) for at, each in personal]
    _, not_sound = _judge(as_if, max_event_bytes + len(_WITH_STAND_IN))
    inbound = [
        Record(INBOUND, (each.person or "").encode(), each.encoded)
        for at, each in personal
        if at not in not_sound
    ]
    return Routed(fragments, inbound, links, refused | not_sound)


def _judge(
    events: list[tuple[int, str, bytes]], max_event_bytes: int
) -> tuple[list[Fragment], dict[int, Problem]]:
    """The fragments of the events that are sound, and the reasons against the others."""
    try:
        return judge([(campaign, event) for _, campaign, event in events], max_event_bytes), {}
    except Refused as refusal:
        reasons = {
            events[error.index][0]: Problem(error.field, error.reason) for error in refusal.errors
        }
    rest = [each for each in events if each[0] not in reasons]
    fragments, more = _judge(rest, max_event_bytes)
    return fragments, reasons | more
