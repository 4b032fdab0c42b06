"""What is entered by hand on the wall, as the events that it becomes. Pure.

Read as strictly as a plan: a slip is told and not passed over. An entry names a prospect and never
a touch: a touch's id that nobody knows would make a mail or a call that never was. Whether the
event itself is sound is judged where all events are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from streamer.events import CHANNELS, TYPES, fields, parse_time
from streamer.identity.identities import Identities
from streamer.ingest.problems import EventError, Refused
from streamer.ingest.typed_person import subject_of

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
    "subject": _TEXT,
}
# A call has no reply: what is said on the phone is the outcome of one call, which its id names.
_REPLIED: Final = tuple(channel for channel in CHANNELS if f"{channel}.replied" in TYPES)


class _Kind(NamedTuple):
    """`needs` lists what must be there, `may` what can be."""

    needs: tuple[str, ...]
    may: tuple[str, ...]
    event: Callable[[Values], dict[str, Any]]


def _cost(values: Values) -> dict[str, Any]:
    data = {name: values[name] for name in ("amount", "currency", "channel") if name in values}
    return {"type": "cost.incurred", "data": data}


def _negative(values: Values) -> dict[str, Any]:
    return {"type": f"{values['channel']}.replied", "data": {"sentiment": "negative"}}


KINDS: Final[Mapping[str, _Kind]] = {
    "cost": _Kind(("amount",), ("currency", "channel"), _cost),
    "negative": _Kind(("channel", "subject"), (), _negative),
    # Attributed to the prospect's latest call, and to none when there was none.
    "meeting": _Kind(
        ("subject",), (), lambda _: {"type": "meeting.booked", "data": {"channel": "phone"}}
    ),
    "won": _Kind(("subject",), (), lambda _: {"type": "customer.won"}),
}
_EVERY: Final = ("id", "time")


def event_of(campaign: str, source: str, values: object, identities: Identities) -> dict[str, Any]:
    """The event of an entry; Refused with every reason when it is not sound."""
    if not isinstance(values, dict) or values.get("kind") not in KINDS:
        raise Refused([EventError(0, None, "kind", f"must be one of {', '.join(KINDS)}")])
    kind = KINDS[values["kind"]]
    about: dict[str, str] = {}
    errors = list(_errors(kind, values))
    if fields.text(values.get("subject")) and "subject" in kind.needs:
        try:
            about["subject"] = subject_of(values["subject"], identities)
        except ValueError as reason:
            errors.append(_error(values, "subject", str(reason)))
    if errors:
        raise Refused(errors)
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
    needed = (*_EVERY, *kind.needs)
    for name, value in values.items():
        if name not in {"kind", *kind.may, *needed}:
            yield _error(values, name, "is not part of such an entry")
        elif name != "kind" and not _FIELDS[name].holds(value):
            yield _error(values, name, _FIELDS[name].wanted)
    for name in needed:
        if name not in values:
            yield _error(values, name, "is needed")
    channel = fields.one_of(values.get("channel"), CHANNELS)
    if values["kind"] == "negative" and channel and channel not in _REPLIED:
        yield _error(values, "channel", f"must be one of {', '.join(_REPLIED)}")


def _error(values: Values, field: str, reason: str) -> EventError:
    named = values.get("id")
    return EventError(0, named if isinstance(named, str) else None, field, reason)
