"""Records of the topic `touchpoints`: a JSON array of one campaign's events, or one object.

Reading is the hot path of the worker: records of well-formed events are decoded in one pass
into `Event`; of other records, each event that looks unusual is read again by the exact rules
of `check`.
"""

import contextlib
import json
from collections.abc import Sequence
from typing import Final

import msgspec

from streamer.errors import UnreadableRecord
from streamer.events.check import LEVELS, Parts, Problem, check, is_deep, lacks, loads
from streamer.events.event import Event
from streamer.events.times import parse_seconds
from streamer.events.vocabulary import TYPES

_DECODER: Final = msgspec.json.Decoder(list[Event])
_RAW_DECODER: Final = msgspec.json.Decoder(list[msgspec.Raw])
_EVENT_DECODER: Final = msgspec.json.Decoder(Event)


class Rejected(msgspec.Struct, frozen=True):
    """An event of a readable record that is not taken: its position, why, and itself as JSON."""

    position: int
    problems: tuple[Problem, ...]
    raw: bytes


class Batch(msgspec.Struct):
    """The events of one record: those of known types, and what became of the others."""

    campaign: str
    events: list[Event]
    unknown: int
    rejected: list[Rejected]


def encode_batch(candidates: Sequence[object]) -> bytes:
    """A record's value from parsed JSON values or events' raw JSON."""
    return msgspec.json.encode(candidates)


def decode_record(key: bytes | None, value: bytes | None) -> Batch:
    """The events of a record; UnreadableRecord when it cannot be read at all.

    An event whose campaign is not the record's key is rejected.
    """
    campaign = _campaign(key)
    if value is None:
        raise UnreadableRecord("it has no value")
    return _read_fast(campaign, value) or _read_each(campaign, value) or _read(campaign, value)


def decode_event(raw: bytes) -> Event | None:
    """The event, of whatever campaign, if it is sound by inspection; None: ask `decode_record`."""
    if b"\\u" in raw or not _is_utf8(raw) or is_deep(raw):
        return None
    try:
        event = _EVENT_DECODER.decode(raw)
    except (ValueError, RecursionError):
        return None
    return event if event.campaign and _is_sound(event, event.campaign) else None


def split_record(value: bytes) -> list[bytes]:
    """Each event of a record's value as JSON, to be judged alone; UnreadableRecord if it is none.

    As it came, wherever the strict decoder takes it.
    """
    is_one = value.lstrip()[:1] == b"{"
    if _is_utf8(value):
        with contextlib.suppress(ValueError, RecursionError):
            raws = _RAW_DECODER.decode(b"[" + value + b"]" if is_one else value)
            if not is_one or len(raws) == 1:
                return [bytes(raw) for raw in raws]
    return [json.dumps(candidate).encode() for candidate in _candidates(value)]


def _campaign(key: bytes | None) -> str:
    if not key:
        raise UnreadableRecord("it has no key: the key is the campaign")
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise UnreadableRecord("its key is not UTF-8") from None


def _read_fast(campaign: str, value: bytes) -> Batch | None:
    """The batch if every event is sound by inspection, else None.

    Escapes may hide lone surrogates, and fields that the decoder skips are not checked for
    UTF-8: both are left to the exact reading.
    """
    if b"\\u" in value or not _is_utf8(value):
        return None
    try:
        events = _DECODER.decode(value)
    except (ValueError, RecursionError):
        return None
    for event in events:
        if not _is_sound(event, campaign):
            return None
    if _holds_a_deep_one(value, len(events)):
        return None
    known = [event for event in events if event.kind is not None]
    return Batch(campaign, known, len(events) - len(known), [])


def _holds_a_deep_one(value: bytes, events: int) -> bool:
    # Every event has a bracket of its own, so that below this sum none can be deep.
    if value.count(b"[") + value.count(b"{") <= LEVELS + events:
        return False
    return any(is_deep(bytes(raw)) for raw in _RAW_DECODER.decode(value))


def _read_each(campaign: str, value: bytes) -> Batch | None:
    """The batch, event by event, of which only the unsound ones are read exactly.

    None if the record is no array, or not JSON by the strict decoder: then all is read exactly.
    """
    if not _is_utf8(value):
        return None
    try:
        raws = _RAW_DECODER.decode(value)
    except (ValueError, RecursionError):
        return None
    batch = Batch(campaign, [], 0, [])
    for position, raw in enumerate(raws):
        event = decode_event(bytes(raw))
        if event is None or event.campaign != campaign:
            _take_exactly(batch, position, bytes(raw))
        elif event.kind is None:
            batch.unknown += 1
        else:
            batch.events.append(event)
    return batch


def _take_exactly(batch: Batch, position: int, raw: bytes) -> None:
    try:
        candidate = loads(raw)
    except ValueError as error:
        batch.rejected.append(Rejected(position, (Problem("", str(error)),), raw))
    else:
        _take(batch, position, candidate)


def _is_utf8(value: bytes) -> bool:
    if value.isascii():
        return True
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_sound(event: Event, campaign: str) -> bool:
    """Whether the envelope and the needs are met; sets the kind and the time."""
    event.at = parse_seconds(event.time)
    return bool(
        event.at >= 0
        and event.campaign == campaign
        and event.specversion == "1.0"
        and event.id
        and event.source
        and event.type
        and _is_fed(event)
    )


def _is_fed(event: Event) -> bool:
    """Whether the event carries what its type needs; sets its kind, empty names become None."""
    if event.message == "":
        event.message = None
    if event.subject == "":
        event.subject = None
    kind = event.kind = TYPES.get(event.type)
    if kind is None:
        return True
    # The two needs of nearly every event are met by a look; the rest is asked for.
    if kind.word != "bounced" and (
        (kind.needs == "message" and event.message is not None)
        or (kind.needs == "somebody" and event.subject is not None)
    ):
        return True
    return not lacks(kind, Parts(event.type, event.subject, event.message, event.data or {}))


def _read(campaign: str, value: bytes) -> Batch:
    """The batch by the exact rules alone."""
    batch = Batch(campaign, [], 0, [])
    for position, candidate in enumerate(_candidates(value)):
        _take(batch, position, candidate)
    return batch


def _candidates(value: bytes) -> list[object]:
    try:
        candidates = loads(value)
    except ValueError as error:
        raise UnreadableRecord(f"its value is not JSON: {error}") from None
    if isinstance(candidates, dict):
        candidates = [candidates]
    if not isinstance(candidates, list):
        raise UnreadableRecord("its value is neither an array of events nor one event")
    return candidates


def _take(batch: Batch, position: int, candidate: object) -> None:
    """Put a candidate where the exact rules say."""
    found = check(candidate)
    if isinstance(found, Event) and found.campaign != batch.campaign:
        found = (Problem("campaign", "is not the campaign that the record's key names"),)
    if not isinstance(found, Event):
        batch.rejected.append(Rejected(position, found, json.dumps(candidate).encode()))
    elif found.kind is None:
        batch.unknown += 1
    else:
        batch.events.append(found)
