"""The mapping of a generic source: where, in what a vendor sends, the parts of an event stand.

Owns its keys in the sources file, what may be written in them, and how one item is read by them.
Pure; knows nothing of requests, nor of how they are proved.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, NamedTuple

from streamer.events import CHANNELS, TYPES
from streamer.events.vocabulary import BOUNCES, OUTCOMES, SENTIMENTS
from streamer.ingest import fields, text_replies
from streamer.ingest.options import expression, needed_expression, text
from streamer.ingest.passthrough import passed
from streamer.ingest.vendors import NotUnderstood, Touchpoint, Wishes

# What may follow a type of ours after a colon: the field of the data and its values.
DETAILS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "email.bounced": ("bounce", BOUNCES),
    "phone.completed": ("outcome", frozenset(OUTCOMES)),
    **{f"{channel}.replied": ("sentiment", SENTIMENTS) for channel in CHANNELS},
}
# Not what vendors tell: they are put by requests of their own.
_OWN: Final = frozenset({"campaign.planned", "prospect.linked"})
# Of an answer to an SMS the text tells whether it is one or an opt-out.
_ANSWER: Final = "sms.replied"
# Whom an event is about, the first that is found.
PERSONS: Final = ("email", "phone", "linkedin", "crm")

_READERS: Final[Mapping[str, Callable[..., float]]] = {
    "iso": fields.iso,
    "seconds": fields.seconds,
    "milliseconds": partial(fields.seconds, unit=1 / 1_000),
    "rfc2822": fields.rfc2822,
}
_PROBE: Final = datetime(2026, 11, 12, 13, 14, tzinfo=UTC)


class Meaning(NamedTuple):
    """What a word stands for: a type of ours, and what its data say by that alone."""

    type: str
    data: Mapping[str, str]


def _types(value: object) -> Mapping[str, Meaning | None]:
    if not isinstance(value, dict) or not value:
        raise ValueError('is missing: write a table of texts, theirs = ours ("" to pass over)')
    return {word: _meaning(word, ours) for word, ours in value.items()}


def _meaning(word: str, ours: object) -> Meaning | None:
    if ours == "":
        return None
    kind, _, detail = ours.partition(":") if isinstance(ours, str) else ("", "", "")
    if kind not in TYPES or kind in _OWN:
        raise ValueError(f"has no type of event for {word}: it must be one such as email.sent")
    name, values = DETAILS.get(kind, ("", frozenset()))
    if detail not in values and (detail or kind == "email.bounced"):
        wanted = ", ".join(f"{kind}:{each}" for each in sorted(values)) or kind
        raise ValueError(f"has no such event for {word}: it must be {wanted}")
    return Meaning(kind, {name: detail} if detail else {})


def _time_format(value: object) -> Callable[..., float] | str:
    written = text(value) or "iso"
    if written in _READERS:
        return _READERS[written]
    try:
        again = datetime.strptime(_PROBE.strftime(written), written)  # noqa: DTZ007 - it may have no offset
    except ValueError:
        again = None
    if again is None or again.date() != _PROBE.date():
        raise ValueError(
            f"must be one of {', '.join(_READERS)}, or a pattern with a whole date such as "
            "%d/%m/%Y %H:%M:%S (with time_zone)"
        )
    return written


KEYS: Final[Mapping[str, Callable[[object], Any]]] = {
    "items": expression,
    "type": needed_expression,
    "types": _types,
    "id": expression,
    "time": expression,
    "time_format": _time_format,
    "message": expression,
    **dict.fromkeys(PERSONS, expression),
    "passthrough": expression,
    "campaign_path": expression,
    "text": expression,
    "sentiment": expression,
    "outcome": expression,
    "duration": expression,
    "key_answers": expression,
    "rep": expression,
    "channel": expression,
    "amount": expression,
    "currency": expression,
}


def fault(wishes: Wishes) -> tuple[str, str] | None:
    """What these keys cannot do together: the key, and what to do. None: nothing."""
    options = wishes.options
    needs = {TYPES[meaning.type].needs for meaning in options["types"].values() if meaning}
    if options["id"] is None and options["time"] is None:
        return "id", "is missing: write it, or time, so that a redelivery is not counted again"
    is_touch = options["message"] or wishes.message_from
    is_anybody = wishes.prospect_from or any(options[kind] for kind in PERSONS)
    if "message" in needs and not is_touch:
        return "message", "is missing: some of types need it, to know the mail, call or letter"
    if not is_anybody and (
        "subject" in needs or (needs & {"somebody", "meeting"} and not is_touch)
    ):
        return "types", f"needs a person for some: write one of {', '.join(PERSONS)}"
    if "amount" in needs and options["amount"] is None:
        return "amount", "is missing: cost.incurred needs it"
    return _fault_of_text(wishes)


def _fault_of_text(wishes: Wishes) -> tuple[str, str] | None:
    if wishes.options["text"] is None:
        is_useless = bool(wishes.opt_out_words)
        return ("opt_out_words", "needs text, where an answer stands") if is_useless else None
    if not _answers(wishes):
        return "text", "goes with sms.replied only, the answers that may be a STOP"
    return None


def _answers(wishes: Wishes) -> bool:
    """Whether a word of the vendor is an answer to an SMS."""
    meanings = (wishes.options["types"] or {}).values()
    return any(meaning and meaning.type == _ANSWER for meaning in meanings)


def tells(wishes: Wishes) -> frozenset[str]:
    """What a source with this mapping can tell."""
    facts: set[str] = set()
    for meaning in filter(None, (wishes.options["types"] or {}).values()):
        facts |= {f"{meaning.type}:{value}" for value in meaning.data.values()} or {meaning.type}
        name, values = DETAILS.get(meaning.type, ("", frozenset()))
        if wishes.options.get(name):
            facts |= {f"{meaning.type}:{value}" for value in values & set(wishes.tags.values())}
        if meaning.type.startswith("phone."):
            named = (each for each in ("duration", "key_answers") if wishes.options[each])
            facts |= {f"{meaning.type}:{each}" for each in named}
    if wishes.options["text"] is not None and _answers(wishes):
        facts |= text_replies.with_sentiments("sms.opted_out")(wishes)
    return frozenset(facts)


def touchpoint(item: object, wishes: Wishes, received: float) -> Touchpoint | None:
    """The event that an item tells, None when it proves nothing; NotUnderstood for a new word."""
    word = _text(_at(item, wishes, "type"))
    if word in wishes.ignore:
        return None
    if word not in wishes.options["types"]:
        raise NotUnderstood("its `type` is none of types")
    meaning: Meaning | None = wishes.options["types"][word]
    if meaning is None:
        return None
    given = wishes.options["passthrough"]
    attached = passed(item if given is None else _at(item, wishes, "passthrough"))
    prospect, person = wishes.prospect(attached), _person(item, wishes)
    message = wishes.message(attached) or _text(_at(item, wishes, "message"))
    at = _time(item, wishes)
    said = _said(item, meaning, wishes)
    return Touchpoint(
        type=said.type,
        id=wishes.event_id(word, prospect or person, *_id(item, wishes, message, at)),
        at=received if at is None else at,
        prospect=prospect,
        person=person,
        campaign=_text(_at(item, wishes, "campaign_path")) or wishes.campaign(attached),
        message=message,
        data={**_data(item, said.type, wishes), **said.data} or None,
    )


def _said(item: object, meaning: Meaning, wishes: Wishes) -> Meaning:
    """What a word stands for, an answer with its text: an opt-out, or a tag of the whole text."""
    words = _text(_at(item, wishes, "text")) if meaning.type == _ANSWER else None
    if words is None:
        return meaning
    kind, data = text_replies.reply(words, wishes)
    return Meaning(kind, {**(data or {}), **meaning.data} if kind == _ANSWER else {})


def _at(item: object, wishes: Wishes, key: str) -> Any:  # noqa: ANN401 - JSON is anything
    found = wishes.options[key]
    if found is None:
        return None
    try:
        return found(item)
    except ValueError:
        raise NotUnderstood(f"its `{key}` cannot be read by its expression") from None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return fields.text({"": value}, "")


def _id(item: object, wishes: Wishes, message: str | None, at: float | None) -> tuple[object, ...]:
    """What tells the event from others: what `id` gives (a list: all of it), else what it says."""
    if wishes.options["id"] is None:
        return (message, at)
    found = _at(item, wishes, "id")
    parts = found if isinstance(found, list) else [found]
    texts = [_text(part) for part in parts]
    if not any(texts):
        raise NotUnderstood("its `id` is nothing")
    return tuple(texts)


def _time(item: object, wishes: Wishes) -> float | None:
    if wishes.options["time"] is None:
        return None
    found = {"time": _at(item, wishes, "time")}
    reader = wishes.options["time_format"]
    if isinstance(reader, str):
        return fields.local(found, "time", pattern=reader, zone=wishes.time_zone)
    moment: float = reader(found, "time")
    return moment


def _person(item: object, wishes: Wishes) -> str | None:
    for kind in PERSONS:
        found = _text(_at(item, wishes, kind))
        person = wishes.identities.of(kind, found) if found else None
        if person:
            return person
    return None


def _data(item: object, kind: str, wishes: Wishes) -> dict[str, Any]:
    """The values that an event of this type may carry, as far as they are there."""
    return {
        name: value
        for name in _NAMES.get(kind, ())
        if (value := _VALUES[name](_at(item, wishes, name), wishes)) is not None
    }


def _tag(values: frozenset[str]) -> Callable[[object, Wishes], str | None]:
    def read(value: object, wishes: Wishes) -> str | None:
        meaning = wishes.tag(_text(value))
        return meaning if meaning in values else None

    return read


def _number(value: object, _: Wishes) -> float | None:
    return fields.number({"": value}, "")


def _rep(value: object, wishes: Wishes) -> str | None:
    named = _text(value)
    return wishes.rep(None, named) if named and "@" in named else wishes.rep(named)


_CALL: Final = ("duration", "key_answers", "rep")
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    **{f"phone.{word}": _CALL for word in ("made", "connected", "unreached")},
    "phone.completed": (*_CALL, "outcome"),
    **{f"{channel}.replied": ("sentiment",) for channel in CHANNELS},
    "meeting.booked": ("channel",),
    "cost.incurred": ("amount", "currency", "channel"),
}
_VALUES: Final[Mapping[str, Callable[[object, Wishes], object]]] = {
    "duration": _number,
    "key_answers": _number,
    "rep": _rep,
    "outcome": _tag(frozenset(OUTCOMES)),
    "sentiment": _tag(SENTIMENTS),
    "channel": lambda value, _: value if value in CHANNELS else None,
    # As it is written: a number would be rounded.
    "amount": lambda value, _: value,
    "currency": lambda value, _: _text(value),
}
