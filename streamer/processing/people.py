"""Reading records of `inbound` and `identities`, and writing an event with its campaign. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import msgspec

from streamer.errors import UnreadableRecord
from streamer.events import Event, check, loads
from streamer.processing.letters import SetAside, Source
from streamer.state import Arrival, Given
from streamer.transport.people import (
    INBOUND,
    NO_ENTRY,
    Alias,
    CampaignPlan,
    Link,
    is_sound,
    read_entry,
)
from streamer.transport.topics import TOUCHPOINTS

# Stands for the campaign while an event is checked that has none yet.
_SOME_CAMPAIGN: Final = "?"
# An event's members as they were written: nothing of them is read or written anew.
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LINKS: Final = msgspec.json.Decoder(list[Link])
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
# A record of forwarded events; one event may be as large.
_RECORD_BYTES: Final = 512 * 1024


class Timed(Source, Protocol):
    """A record and when it came to Kafka; aiokafka's tells it."""

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970."""
        ...


def read_arrival(record: Timed) -> Arrival:
    """The event of one record of `inbound`; UnreadableRecord if it is none."""
    if record.value is None:
        raise UnreadableRecord("it has no value")
    try:
        candidate = loads(record.value)
        _MEMBERS.decode(record.value)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecord(f"its value is no JSON object: {error}") from None
    if not isinstance(candidate, dict) or candidate.get("campaign"):
        raise UnreadableRecord("its value is not one event without a campaign")
    event = check({**candidate, "campaign": _SOME_CAMPAIGN})
    if not isinstance(event, Event):
        raise UnreadableRecord("; ".join(map(str, event)))
    if event.subject is None or event.subject.encode() != record.key:
        raise UnreadableRecord("its key is not the subject of the event")
    return Arrival(
        offset=record.offset,
        source=event.source,
        id=event.id,
        type=event.type,
        identity=event.subject,
        message=event.message,
        at=event.at,
        came=record.timestamp // 1000,
        raw=record.value,
    )


def read_identities(record: Source) -> Iterator[Link | Alias | CampaignPlan | SetAside]:
    """What one record of `identities` tells, and what of it cannot be read."""
    value = record.value or b""
    try:
        links = _LINKS.decode(value)
    except (ValueError, RecursionError):
        yield from _read_each(record, value)
        return
    for position, link in enumerate(links):
        if is_sound(link):
            yield link
        else:
            yield SetAside(record, position, NO_ENTRY, msgspec.json.encode(link))


def _read_each(record: Source, value: bytes) -> Iterator[Link | Alias | CampaignPlan | SetAside]:
    try:
        raws = _RAWS.decode(value)
    except (ValueError, RecursionError) as error:
        yield SetAside(record, None, f"its value is no JSON array: {error}", None)
        return
    for position, raw in enumerate(raws):
        found = read_entry(bytes(raw))
        if isinstance(found, str):
            yield SetAside(record, position, found, bytes(raw))
        else:
            yield found


def records_of(given: Iterable[Given]) -> Iterator[tuple[str, bytes, bytes]]:
    """Topics, keys and values of records: these events, as they go to where they were given."""
    by_campaign: dict[str, list[bytes]] = {}
    for one in given:
        person, raw = one.receiver, one.arrival.raw
        if person is None:
            by_campaign.setdefault(one.decided, []).append(_with(raw, "campaign", one.decided))
        else:
            yield INBOUND, person.encode(), _with(raw, "subject", person)
    for campaign, events in by_campaign.items():
        batch: list[bytes] = []
        for event in events:
            if batch and sum(map(len, batch)) + len(event) > _RECORD_BYTES:
                yield TOUCHPOINTS, campaign.encode(), _array(batch)
                batch = []
            batch.append(event)
        yield TOUCHPOINTS, campaign.encode(), _array(batch)


def _with(raw: bytes, member: str, value: str) -> bytes:
    members = _MEMBERS.decode(raw)
    members[member] = msgspec.Raw(msgspec.json.encode(value))
    return msgspec.json.encode(members)


def _array(events: list[bytes]) -> bytes:
    return b"[" + b",".join(events) + b"]"
