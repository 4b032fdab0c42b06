"""What is taken and what is rejected: one parsed JSON value against the table of needs.

This is the exact and explaining reading. The codec has a faster one for the common case, which
falls back to this one wherever it hesitates.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from streamer.events import fields
from streamer.events.event import Event
from streamer.events.times import parse_seconds
from streamer.events.vocabulary import BOUNCES, CHANNELS, TYPES, Kind, Needs

_DIGITS: Final = 4_300  # Python refuses to read whole numbers of more
# Of an event. Python's own bound counts the frames below it too, so it would be another in the
# gateway than in the worker, and what one took could stop the other.
LEVELS: Final = 500
_BRACKET: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class Problem(msgspec.Struct, frozen=True):
    """Why an event is rejected: the attribute at fault, and what is wrong with it."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


def loads(raw: bytes) -> object:
    """The JSON value in `raw`, an event or an array of them.

    ValueError for what is not strict JSON in UTF-8, or nested deeper than `LEVELS`.
    """
    if is_deep(raw):
        raise ValueError(f"it is nested deeper than {LEVELS} levels")
    try:
        return json.loads(
            raw.decode(), parse_constant=_refuse_constant, parse_int=_whole_of_any_length
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _whole_of_any_length(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def is_deep(raw: bytes) -> bool:
    """Whether an event, or one of an array, is nested deeper than `LEVELS`."""
    if raw.count(b"[") + raw.count(b"{") <= LEVELS:
        return False
    most = LEVELS + (raw.lstrip()[:1] == b"[")
    depth = 0
    for found in _BRACKET.finditer(raw):
        match found[0][:1]:
            case b"[" | b"{":
                depth += 1
                if depth > most:
                    return True
            case b"]" | b"}":
                depth -= 1
    return False


def check(candidate: object) -> Event | tuple[Problem, ...]:
    """The event, or every reason why it is rejected.

    A type outside the vocabulary in a sound envelope is an event whose `kind` is None.
    """
    if not isinstance(candidate, dict):
        return (Problem("", "an event is a JSON object"),)
    problems = list(_envelope_problems(candidate))
    kind = TYPES.get(candidate["type"]) if isinstance(candidate.get("type"), str) else None
    if kind is not None:
        problems += lacks(kind, _parts(candidate))
    return tuple(problems) if problems else _event(candidate, kind)


def _event(sound: dict[str, Any], kind: Kind | None) -> Event:
    return Event(
        specversion=sound["specversion"],
        id=sound["id"],
        source=sound["source"],
        type=sound["type"],
        time=sound["time"],
        campaign=sound["campaign"],
        subject=sound.get("subject") or None,
        message=sound.get("message") or None,
        data=sound.get("data"),
        kind=kind,
        at=parse_seconds(sound["time"]),
    )


def _envelope_problems(candidate: dict[str, Any]) -> Iterator[Problem]:
    if candidate.get("specversion") != "1.0":
        yield Problem("specversion", 'must be "1.0"')
    for name in ("id", "source", "type", "campaign"):
        value = candidate.get(name)
        if not isinstance(value, str) or not value:
            yield Problem(name, "must be a string that is not empty")
    time = candidate.get("time")
    if not isinstance(time, str) or parse_seconds(time) < 0:
        yield Problem(
            "time",
            "must be RFC 3339 with an offset, such as 2026-03-02T10:30:00Z, from 2000 to 2099",
        )
    for name in ("subject", "message"):
        value = candidate.get(name)
        if value is not None and not isinstance(value, str):
            yield Problem(name, "must be a string, or absent")
    data = candidate.get("data")
    if data is not None and not isinstance(data, dict):
        yield Problem("data", "must be an object, or absent")
    for name, value in candidate.items():
        if not _is_unicode(name) or not _is_unicode(value):
            yield Problem(name.encode(errors="replace").decode(), "holds a lone surrogate")


def _is_unicode(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


class Parts(NamedTuple):
    """What the needs of a type are judged by; `subject` and `message` are None when absent."""

    type: str
    subject: str | None
    message: str | None
    data: dict[str, Any]


def lacks(kind: Kind, parts: Parts) -> list[Problem]:
    """What an event of this kind needs beyond a sound envelope, and these parts do not give."""
    problems = _NEEDS[kind.needs](parts)
    if kind.word == "bounced" and fields.one_of(parts.data.get("bounce"), BOUNCES) is None:
        problems.append(Problem("data.bounce", "must be hard or soft"))
    return problems


def _parts(candidate: dict[str, Any]) -> Parts:
    data = candidate.get("data")
    return Parts(
        candidate["type"],
        None if candidate.get("subject") == "" else candidate.get("subject"),
        None if candidate.get("message") == "" else candidate.get("message"),
        data if isinstance(data, dict) else {},
    )


def _needs_message(parts: Parts) -> list[Problem]:
    if parts.message is None:
        return [Problem("message", f"{parts.type} must name its touch")]
    return []


def _needs_subject(parts: Parts) -> list[Problem]:
    if parts.subject is None:
        return [Problem("subject", f"{parts.type} must name its prospect")]
    return []


def _needs_somebody(parts: Parts) -> list[Problem]:
    if parts.subject is None and parts.message is None:
        return [Problem("subject", f"{parts.type} must have a subject or a message")]
    return []


def _needs_meeting(parts: Parts) -> list[Problem]:
    if parts.subject is not None:
        return []
    channel = fields.one_of(parts.data.get("channel"), CHANNELS)
    if channel is None or parts.message is None:
        reason = f"{parts.type} must have a subject, or a message with data.channel"
        return [Problem("subject", reason)]
    return []


def _needs_identities(parts: Parts) -> list[Problem]:
    problems = _needs_subject(parts)
    identities = parts.data.get("identities")
    if not isinstance(identities, list) or not all(map(fields.text, identities)):
        problems.append(Problem("data.identities", "must be a list of strings that are not empty"))
    return problems


def _needs_amount(parts: Parts) -> list[Problem]:
    if fields.amount(parts.data.get("amount")) is None:
        reason = 'must be a number or a decimal string such as "12.50", within ±10^12'
        return [Problem("data.amount", reason)]
    return []


def _needs_nothing(_parts: Parts) -> list[Problem]:
    return []


_NEEDS: Final[dict[Needs, Callable[[Parts], list[Problem]]]] = {
    "message": _needs_message,
    "subject": _needs_subject,
    "somebody": _needs_somebody,
    "meeting": _needs_meeting,
    "identities": _needs_identities,
    "amount": _needs_amount,
    "nothing": _needs_nothing,
}
