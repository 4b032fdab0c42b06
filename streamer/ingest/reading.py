"""From the body of a request to what goes into records: every event judged, nothing changed.

Pure. Owns the answer to « is this request taken? ». Never looks at HTTP headers and never sends.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

import msgspec

from streamer.errors import TooLarge, UnreadableRecord
from streamer.events import Problem, check, decode_event, decode_record, loads
from streamer.ingest.problems import EventError, Refused
from streamer.transport.topics import TOUCHPOINTS

Shape = Literal["one", "batch", "either"]

# Records stay well below what the broker takes; a single larger event gets one of its own.
RECORD_BYTES: Final = 512 * 1024


class Fragment(NamedTuple):
    """Values as JSON, separated by commas, to stand in one record with others of its place.

    Its place is the topic and the key, which for `touchpoints` is the campaign, or the partition.
    `events` is how many of the values are events.
    """

    key: bytes | None
    body: bytes
    events: int
    topic: str = TOUCHPOINTS
    partition: int | None = None


class _Named(msgspec.Struct):
    campaign: str
    data_base64: msgspec.Raw = msgspec.Raw(b"null")


_MANY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ONE: Final = msgspec.json.Decoder(msgspec.Raw)
_NAMED: Final = msgspec.json.Decoder(_Named)
_ENCODER: Final = msgspec.json.Encoder()
_SPACE: Final = b" \t\r\n"


def read_events(body: bytes, shape: Shape, max_event_bytes: int) -> list[Fragment]:
    """The request's events as they are to be stored, as they came.

    Raises Refused for what is not JSON or of another shape, and with every reason when an
    event is not sound, TooLarge for a sound request with an event above `max_event_bytes`.
    """
    fragments = _read_fast(body, shape, max_event_bytes)
    return _read_exactly(body, shape, max_event_bytes) if fragments is None else fragments


def _read_fast(body: bytes, shape: Shape, max_event_bytes: int) -> list[Fragment] | None:
    """None wherever there is anything to explain: the exact reading finds the words for it.

    The events are taken as they came, byte for byte, if the worker's own reader takes them.
    """
    is_array = body.lstrip(_SPACE)[:1] == b"["
    if is_array != (shape == "batch") and shape != "either":
        return None
    try:
        raws = _MANY.decode(body) if is_array else [_ONE.decode(body)]
        return _fragments(map(bytes, raws), max_event_bytes)
    except (ValueError, RecursionError):
        return None


def _read_exactly(body: bytes, shape: Shape, max_event_bytes: int) -> list[Fragment]:
    try:
        value = loads(body)
    except ValueError as error:
        raise _unreadable(f"The body is not JSON in UTF-8: {error}.") from None
    if shape == "batch" and not isinstance(value, list):
        raise _unreadable("The body of this content type is a JSON array of events.")
    if shape == "one" and isinstance(value, list):
        raise _unreadable("The body of this content type is one event, not an array.")
    candidates = value if isinstance(value, list) else [value]
    try:
        if errors := list(_errors(candidates)):
            raise Refused(errors)
        raws = [json.dumps(each, ensure_ascii=False, allow_nan=False) for each in candidates]
        return _fragments((raw.encode() for raw in raws), max_event_bytes)
    except (ValueError, RecursionError):
        reason = "The body is nested too deeply, or holds a number beyond JSON."
        raise _unreadable(reason) from None


def _unreadable(reason: str) -> Refused:
    return Refused([EventError(0, None, "", reason)], reason)


def _errors(candidates: Sequence[object]) -> Iterator[EventError]:
    for index, candidate in enumerate(candidates):
        named = candidate.get("id") if isinstance(candidate, dict) else None
        for problem in _problems(candidate):
            yield EventError(
                index, named if isinstance(named, str) else None, problem.field, problem.reason
            )


def _problems(candidate: object) -> Iterable[Problem]:
    found = check(candidate)
    if isinstance(found, tuple):
        yield from found
    if isinstance(candidate, dict) and candidate.get("data_base64") is not None:
        yield Problem("data_base64", "is not taken: put a JSON object under data")


def _fragments(raws: Iterable[bytes], max_event_bytes: int) -> list[Fragment]:
    """Group by campaign; ValueError when an event is not taken."""
    groups: dict[str, list[bytes]] = {}
    largest = 0
    for raw in raws:
        groups.setdefault(_campaign_of(raw), []).append(raw)
        largest = max(largest, len(raw))
    if largest > max_event_bytes:
        raise TooLarge(f"An event of {largest} bytes is above the limit of {max_event_bytes}.")
    return _packed(groups)


def _campaign_of(raw: bytes) -> str:
    """The campaign of an event; ValueError when the worker would not take it."""
    event = decode_event(raw)
    if event is not None and b"data_base64" not in raw:
        return event.campaign
    named = _NAMED.decode(raw)
    if bytes(named.data_base64) != b"null":
        raise ValueError("data_base64")
    if not _is_taken(named.campaign, raw):
        raise ValueError("an event is not sound")
    return named.campaign


def _packed(groups: Mapping[str, Sequence[bytes]]) -> list[Fragment]:
    return [part for campaign, group in groups.items() for part in pack(campaign.encode(), group)]


def judge(told: Sequence[tuple[str, bytes]], max_event_bytes: int) -> list[Fragment]:
    """Events of our own making, each with its campaign, as `read_events` would read them.

    None is above `max_event_bytes`. Raises Refused with every reason when one is not sound.
    """
    if not all(_is_taken(campaign, raw) for campaign, raw in told):
        return read_events(_array([raw for _, raw in told]), "batch", max_event_bytes)
    groups: dict[str, list[bytes]] = {}
    for campaign, raw in told:
        groups.setdefault(campaign, []).append(raw)
    return _packed(groups)


def _is_taken(campaign: str, raw: bytes) -> bool:
    """Whether the worker takes an event from a record of a campaign."""
    event = decode_event(raw)
    if event is not None:
        return event.campaign == campaign
    try:
        return not decode_record(campaign.encode(), _array([raw])).rejected
    except (UnicodeEncodeError, UnreadableRecord):
        return False


def _array(raws: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(raws) + b"]"


def pack(campaign: bytes, raws: Sequence[bytes]) -> list[Fragment]:
    """Cut the events of a campaign into fragments that fit a record."""
    return [Fragment(campaign, b",".join(part), len(part)) for part in cut(raws)]


def cut(raws: Sequence[bytes]) -> Sequence[Sequence[bytes]]:
    """Cut values into runs that fit a record."""
    if sum(map(len, raws)) + len(raws) <= RECORD_BYTES:
        return [raws] if raws else []
    parts: list[list[bytes]] = []
    size = RECORD_BYTES
    for raw in raws:
        size += len(raw) + 1
        if size > RECORD_BYTES:
            parts.append([])
            size = len(raw) + 1
        parts[-1].append(raw)
    return parts


class CloudEvent(msgspec.Struct, omit_defaults=True):
    """An event of our own making; an attribute that is None is left out."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    campaign: str | None = None
    subject: str | None = None
    message: str | None = None
    data: Mapping[str, Any] | None = None


def encode(event: CloudEvent) -> bytes:
    """One event of our own making as JSON."""
    return _ENCODER.encode(event)


def rfc3339(seconds: float) -> str:
    """A moment in UTC seconds as events have it, to the microsecond; ValueError for what is none.

    Rounded as `datetime.fromtimestamp` does.
    """
    try:
        micros = round(seconds % 1 * 1_000_000)
        whole, micros = divmod(micros, 1_000_000)
        text = _second(int(seconds // 1) + whole)
    except (OverflowError, OSError) as error:
        raise ValueError("is no moment") from error
    return f"{text}.{micros:06}Z" if micros else f"{text}Z"


# The events of a moment come together, and each for many mails.
@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")
