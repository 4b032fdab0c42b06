"""Records of the topic `touchpoints`: a JSON array of one campaign's events, or one object.

Reading is the hot path of the worker: records of well-formed events are decoded in one pass
into `Event`; whatever looks unusual is read again by the exact rules of `check`.
"""

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from streamer.errors import UnreadableRecord
from streamer.events.check import Parts, Problem, check, lacks, loads
from streamer.events.event import Event
from streamer.events.times import parse_seconds
from streamer.events.vocabulary import TYPES

_DECODER: Final = msgspec.json.Decoder(list[Event])


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
    batch = _read_fast(campaign, value)
    return _read_exactly(campaign, value) if batch is None else batch


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
    if b"\\u" in value or not (value.isascii() or _is_utf8(value)):
        return None
    try:
        events = _DECODER.decode(value)
    except (ValueError, RecursionError):
        return None
    for event in events:
        event.at = parse_seconds(event.time)
        if (
            event.at < 0
            or event.campaign != campaign
            or event.specversion != "1.0"
            or not event.id
            or not event.source
            or not event.type
            or not _is_fed(event)
        ):
            return None
    known = [event for event in events if event.kind is not None]
    return Batch(campaign, known, len(events) - len(known), [])


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


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_exactly(campaign: str, value: bytes) -> Batch:
    try:
        candidates = loads(value)
    except ValueError as error:
        raise UnreadableRecord(f"its value is not JSON: {error}") from None
    if isinstance(candidates, dict):
        candidates = [candidates]
    if not isinstance(candidates, list):
        raise UnreadableRecord("its value is neither an array of events nor one event")
    batch = Batch(campaign, [], 0, [])
    for position, candidate in enumerate(candidates):
        found = check(candidate)
        if isinstance(found, Event) and found.campaign != campaign:
            found = (Problem("campaign", "is not the campaign that the record's key names"),)
        if not isinstance(found, Event):
            batch.rejected.append(Rejected(position, found, json.dumps(candidate).encode()))
        elif found.kind is None:
            batch.unknown += 1
        else:
            batch.events.append(found)
    return batch
