"""What is entered by hand on the wall, as the events that it becomes. Pure.

Read as strictly as a plan: a slip is told and not passed over. Whether the event itself is sound
is judged where all events are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from streamer.events import CHANNELS, fields, parse_time
from streamer.ingest.problems import EventError, Refused

Values = Mapping[str, Any]

_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}", re.ASCII)


class _Field(NamedTuple):
    holds: Callable[[object], bool]
    wanted: str


_TEXT: Final = _Field(
    lambda value: fields.text(value) is not None, "must be a string that is not empty"
)
_FIELDS: Final[Mapping[str, _Field]] = {
    "id": _Field(
        lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None,
        "must be 8 to 64 letters, digits and hyphens: the same again for the same entry",
    ),
    "time": _Field(
        lambda value: isinstance(value, str) and parse_time(value) is not None,
        "must be RFC 3339 with an offset",
    ),
    "amount": _Field(
        lambda value: isinstance(value, str) and fields.amount(value) is not None,
        'must be a decimal string such as "12.50", within ±10^12',
    ),
    "currency": _Field(
        lambda value: isinstance(value, str) and _CURRENCY.fullmatch(value) is not None,
        "must be a code of three letters, such as EUR",
    ),
    "channel": _Field(
        lambda value: fields.one_of(value, CHANNELS) is not None,
        f"must be one of {', '.join(CHANNELS)}",
    ),
    "message": _TEXT,
    "subject": _TEXT,
}


class _Kind(NamedTuple):
    """`needs` lists what must be there: one of each group; `may` what can be."""

    needs: tuple[tuple[str, ...], ...]
    may: tuple[str, ...]
    event: Callable[[Values], dict[str, Any]]


def _cost(values: Values) -> dict[str, Any]:
    data = {name: values[name] for name in ("amount", "currency", "channel") if name in values}
    return {"type": "cost.incurred", "data": data}


def _negative(values: Values) -> dict[str, Any]:
    # What is said on the phone is the outcome of a call; elsewhere it is a reply.
    if values["channel"] == "phone":
        return {"type": "phone.completed", "data": {"outcome": "negative"}}
    return {"type": f"{values['channel']}.replied", "data": {"sentiment": "negative"}}


KINDS: Final[Mapping[str, _Kind]] = {
    "cost": _Kind((("amount",),), ("currency", "channel"), _cost),
    "negative": _Kind((("channel",), ("message", "subject")), ("message", "subject"), _negative),
    "meeting": _Kind(
        (("message",),),
        ("subject",),
        lambda _: {"type": "phone.completed", "data": {"outcome": "meeting"}},
    ),
    "won": _Kind((("subject",),), (), lambda _: {"type": "customer.won"}),
}
_EVERY: Final = (("id",), ("time",))


def event_of(campaign: str, source: str, values: object) -> dict[str, Any]:
    """The event of an entry; Refused with every reason when it is not sound."""
    if not isinstance(values, dict) or values.get("kind") not in KINDS:
        raise Refused([EventError(0, None, "kind", f"must be one of {', '.join(KINDS)}")])
    kind = KINDS[values["kind"]]
    if errors := list(_errors(kind, values)):
        raise Refused(errors)
    about = {name: values[name] for name in ("message", "subject") if name in values}
    return {
        "specversion": "1.0",
        "id": values["id"],
        "source": source,
        "time": values["time"],
        "campaign": campaign,
        **about,
        **kind.event(values),
    }


def _errors(kind: _Kind, values: Values) -> Iterator[EventError]:
    named = values.get("id")
    known = {"kind", *kind.may, *(name for group in (*_EVERY, *kind.needs) for name in group)}

    def error(field: str, reason: str) -> EventError:
        return EventError(0, named if isinstance(named, str) else None, field, reason)

    for name, value in values.items():
        if name not in known:
            yield error(name, "is not part of such an entry")
        elif name != "kind" and not _FIELDS[name].holds(value):
            yield error(name, _FIELDS[name].wanted)
    for group in (*_EVERY, *kind.needs):
        if not any(name in values for name in group):
            yield error(group[0], f"is needed: {' or '.join(group)}")
