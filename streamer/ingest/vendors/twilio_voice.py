"""Twilio Programmable Voice: call progress, and what its machine detection heard.

A touch is one outbound call; who calls in is no touch. Facts from Twilio's voice reference, its
official Python library and captured requests in public code.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest import twilio
from streamer.ingest.fields import needed, number, rfc2822, text
from streamer.ingest.vendors import (
    Delivery,
    Item,
    NotUnderstood,
    Touchpoint,
    Vendor,
    Wishes,
    always,
)

# `CallStatus` → ours. An answer proves only that the line was picked up, perhaps by a voicemail,
# and what was said cannot be unsaid: who answered is judged at the end.
TYPES: Final[Mapping[str, str]] = {
    "initiated": "made",
    "ringing": "made",
    "in-progress": "made",
    "completed": "completed",
    "busy": "unreached",
    "no-answer": "unreached",
    "failed": "unreached",
    "canceled": "unreached",
}
# Not dialled yet.
IGNORED: Final = frozenset({"queued"})
_ENDED: Final = "completed"

# `AnsweredBy` → ours: a voicemail or a fax is nobody to talk to.
ANSWERED_BY: Final[Mapping[str, str | None]] = {
    "human": "connected",
    "machine_start": "unreached",
    "machine_end_beep": "unreached",
    "machine_end_silence": "unreached",
    "machine_end_other": "unreached",
    "fax": "unreached",
    "unknown": None,
}

# `Direction` → whether it is a touch: we called, by the API or by `<Dial>`.
DIRECTIONS: Final[Mapping[str, bool]] = {
    "outbound-api": True,
    "outbound-dial": True,
    "inbound": False,
}

_CONNECTED: Final = "connected"
_PICKED_UP: Final = "picked_up"
_MEANINGS: Final = ("human", _PICKED_UP)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    fields = twilio.fields(delivery)
    word = text(fields, "CallStatus")
    if word is None and text(fields, "AnsweredBy"):
        yield Item(twilio.raw(delivery), tuple(_detected(fields, delivery.received, wishes)))
    elif _is_passed_over(word, fields, wishes):
        yield Item(twilio.raw(delivery))
    elif word is not None and word in TYPES:
        at = rfc2822(fields, "Timestamp") if "Timestamp" in fields else delivery.received
        yield Item(twilio.raw(delivery), tuple(_progress(word, fields, at, wishes)))
    else:
        raise NotUnderstood("its `CallStatus` is none that is documented")


def _is_passed_over(word: str | None, fields: Mapping[str, Any], wishes: Wishes) -> bool:
    """Whether it is no call to a prospect, or says nothing of it that counts."""
    if word is None:
        # A recording's own callback.
        return "RecordingStatus" in fields
    if word in wishes.ignore or word in IGNORED:
        return True
    direction = needed(fields, "Direction")
    if direction not in DIRECTIONS:
        raise NotUnderstood("its `Direction` is none that is documented")
    # `client:…` and `sip:…` are the softphones of our own people.
    return not DIRECTIONS[direction] or ":" in needed(fields, "To")


def _detected(fields: Mapping[str, Any], at: float, wishes: Wishes) -> Iterator[Touchpoint]:
    """What the asynchronous machine detection tells by itself: of whom, only the call says."""
    if kind := _answered(fields):
        yield _touchpoint(kind, "detected", fields, at, wishes)


def _progress(
    word: str, fields: Mapping[str, Any], at: float, wishes: Wishes
) -> Iterator[Touchpoint]:
    # It tells the true order, and a status comes once in a call.
    step = text(fields, "SequenceNumber") or word
    # `Duration` would be the minutes that are billed.
    duration = number(fields, "CallDuration") if word == _ENDED else None
    kind = _who(fields, wishes) if word == _ENDED else None
    if kind == _CONNECTED:
        # The time is that of the hang-up; the answer was as long before as the call lasted.
        yield _touchpoint(kind, step, fields, at - (duration or 0), wishes)
    elif kind is not None:
        yield _touchpoint(kind, step, fields, at, wishes)
    yield _touchpoint(TYPES[word], step, fields, at, wishes, duration)


def _who(fields: Mapping[str, Any], wishes: Wishes) -> str | None:
    """What a call that was picked up came to: as was heard, else as the source says."""
    if wishes.options[_CONNECTED] == _PICKED_UP:
        return _answered(fields) or _CONNECTED
    return _answered(fields)


def _answered(fields: Mapping[str, Any]) -> str | None:
    """What the machine detection proves; None when it did not run, or could not tell."""
    who = text(fields, "AnsweredBy")
    if who is not None and who not in ANSWERED_BY:
        raise NotUnderstood("its `AnsweredBy` is none that is documented")
    return ANSWERED_BY[who] if who else None


def _touchpoint(
    kind: str,
    step: str,
    fields: Mapping[str, Any],
    at: float,
    wishes: Wishes,
    duration: float | None = None,
) -> Touchpoint:
    call = needed(fields, "CallSid")
    data = {"duration": duration, "rep": _rep(fields, wishes)}
    return Touchpoint(
        type=f"phone.{kind}",
        id=f"{call}:{step}:{kind}",
        at=at,
        prospect=wishes.prospect(fields),
        person=wishes.identities.phone(text(fields, "To") or ""),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or call,
        data={name: value for name, value in data.items() if value is not None} or None,
    )


def _rep(fields: Mapping[str, Any], wishes: Wishes) -> str | None:
    name = text(fields, wishes.options["rep_from"]) if wishes.options["rep_from"] else None
    return wishes.rep(None, name) if name and "@" in name else wishes.rep(name)


def _meaning(value: object) -> str:
    if value not in _MEANINGS:
        raise ValueError(
            'must say which calls are connected: write "human" (those in which the machine '
            'detection of Twilio heard a person) or, without it, "picked_up" (every one that is '
            "picked up, voicemails included)"
        )
    return str(value)


def _name(value: object) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    raise ValueError("must name the parameter of the callback's URL that holds the rep")


VENDOR: Final = Vendor(
    name="twilio_voice",
    title="Twilio Programmable Voice",
    proof="HMAC of URL and form",
    retries=twilio.RETRIES,
    verifier=twilio.signature(),
    read=_read,
    tells=always(
        *(f"phone.{each}" for each in (*TYPES.values(), _CONNECTED)), "phone.completed:duration"
    ),
    methods=frozenset({"GET", "POST"}),
    keys={_CONNECTED: _meaning, "rep_from": _name},
    setup={
        "fr": (
            (
                "À l'appel du prospect, donnez à StatusCallback (de Calls ou de <Number>) l'URL "
                f"{{url}}?campaign=…&rep=…{twilio.RETRY_ALL} et, dans la source, campaign_from, "
                "prospect_from ou rep_from les noms de ces paramètres."
            ),
            "StatusCallbackEvent : initiated, answered, completed.",
            (
                'Avec MachineDetection=Enable : connected = "human" ; si AsyncAmd=true, donnez '
                'la même URL à AsyncAmdStatusCallback. Sans détection : connected = "picked_up".'
            ),
            "Ne donnez pas cette URL aux appels vers vos commerciaux : ils seraient comptés.",
            "STREAMER_PUBLIC_URL doit être exactement ce que Twilio appelle : l'URL est signée.",
            "`secrets` : l'Auth Token du compte (Account > API keys & tokens).",
        ),
        "en": (
            (
                "When calling the prospect, give StatusCallback (of Calls or of <Number>) the URL "
                f"{{url}}?campaign=…&rep=…{twilio.RETRY_ALL} and the source, as campaign_from, "
                "prospect_from or rep_from, the names of these parameters."
            ),
            "StatusCallbackEvent: initiated, answered, completed.",
            (
                'With MachineDetection=Enable: connected = "human"; if AsyncAmd=true, give the '
                'same URL to AsyncAmdStatusCallback. Without detection: connected = "picked_up".'
            ),
            "Do not give this URL to calls to your own reps: they would be counted.",
            "STREAMER_PUBLIC_URL must be exactly what Twilio calls: the URL is signed.",
            "`secrets`: the account's Auth Token (Account > API keys & tokens).",
        ),
    },
    notes={
        "fr": (
            "L'issue d'un appel (rendez-vous, rappel, refus) n'est pas connue de Twilio.",
            "Les appels entrants ne sont pas comptés : ce ne sont pas des appels réalisés.",
            "Sans détection de répondeur, un répondeur qui décroche ne se distingue pas.",
        ),
        "en": (
            "The outcome of a call (meeting, callback, refusal) is not known to Twilio.",
            "Inbound calls are not counted: they are no calls made.",
            "Without machine detection, a voicemail that picks up cannot be told apart.",
        ),
    },
)
