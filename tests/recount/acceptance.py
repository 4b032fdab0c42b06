"""Which events are taken, and what they say once malformed fields are treated as absent.

Owns the reading of one parsed JSON value; never keeps anything and never looks at other events.
"""

import datetime as dt
import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

CHANNELS = ("email", "linkedin", "phone", "postal", "sms")
"""In the order that decides equal contact times: the last wins."""

NEEDS_MESSAGE = {
    "email": ("sent", "delivered", "deferred", "bounced", "opened", "clicked"),
    "sms": ("sent", "delivered", "failed"),
    "postal": ("sent", "delivered", "returned"),
    "phone": ("made", "connected", "unreached", "completed"),
    "linkedin": ("invited", "accepted", "messaged", "read"),
}
NEEDS_SUBJECT_OR_MESSAGE = {
    "email": ("replied", "unsubscribed", "complained"),
    "sms": ("replied", "opted_out"),
    "postal": ("replied",),
    "phone": (),
    "linkedin": ("replied",),
}
NEEDS_SUBJECT = ("meeting.canceled", "lead.qualified", "customer.won", "prospect.linked")
OTHER_TYPES = ("meeting.booked", *NEEDS_SUBJECT, "cost.incurred", "campaign.planned")

GREATEST_WHOLE = 2_147_483_647
GREATEST_AMOUNT = 10**12  # Of either sign.
FIRST_YEAR = 2000
YEAR_AFTER_LAST = 2100

TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]"
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
AMOUNT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class RejectedError(Exception):
    """The event falls short of what its type needs."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One accepted event; `touch` is (channel, message) when it names one."""

    id: str
    source: str
    type: str
    micros: int
    subject: str | None
    touch: tuple[str, str] | None
    channel: str | None
    """The event's own channel: its prefix, or a meeting's `data.channel`."""
    word: str
    data: dict[str, Any]

    @property
    def at(self) -> int:
        """Seconds since 1970, the fraction cut."""
        return self.micros // 1_000_000


def take(candidate: object, campaign: str) -> Taken | None:
    """Read one event of the campaign; None for an unknown type, RejectedError for a bad one."""
    event = an_object(candidate, "an event is an object")
    require(all_text_is_unicode(event), "a lone surrogate is not Unicode")
    require(event.get("specversion") == "1.0", "specversion is 1.0")
    for name in ("id", "source", "type", "campaign"):
        require(text(event.get(name)) is not None, f"{name} is a text that is not empty")
    require(event["campaign"] == campaign, "the event is of another campaign")
    micros = moment(event.get("time"))
    subject = identity(event.get("subject"))
    message = identity(event.get("message"))
    data = {} if event.get("data") is None else an_object(event["data"], "data is an object")

    kind: str = event["type"]
    prefix, _, word = kind.partition(".")
    if word in NEEDS_MESSAGE.get(prefix, ()) or word in NEEDS_SUBJECT_OR_MESSAGE.get(prefix, ()):
        channel: str | None = prefix
    elif kind == "meeting.booked":
        channel = word_of(data.get("channel"), CHANNELS)
        word = "meeting"
    elif kind in OTHER_TYPES:
        channel = None
    else:
        return None
    # Only an event with a channel names a touch: without one the message is ignored.
    touch = (channel, message) if channel is not None and message is not None else None
    taken = Taken(
        id=event["id"],
        source=event["source"],
        type=kind,
        micros=micros,
        subject=subject,
        touch=touch,
        channel=channel,
        word=word,
        data=data,
    )
    require_what_its_type_needs(taken)
    return taken


def require_what_its_type_needs(event: Taken) -> None:
    """Reject an event without the fields that its type cannot do without."""
    has_subject, has_touch = event.subject is not None, event.touch is not None
    if event.type in NEEDS_SUBJECT:
        require(has_subject, "subject is needed")
    if event.type == "meeting.booked":
        require(has_subject or has_touch, "subject, or message with a channel, is needed")
    elif event.channel is not None:
        require(has_touch or event.word not in NEEDS_MESSAGE[event.channel], "message is needed")
        require(has_touch or has_subject, "subject or message is needed")
    if event.type == "email.bounced":
        bounce = word_of(event.data.get("bounce"), ("hard", "soft"))
        require(bounce is not None, "a bounce is hard or soft")
    if event.type == "prospect.linked":
        identities = event.data.get("identities")
        good = isinstance(identities, list) and all(text(one) is not None for one in identities)
        require(good, "identities is a list of texts that are not empty")
    if event.type == "cost.incurred":
        require(amount(event.data.get("amount")) is not None, "amount is needed")


def read_all(events: list[object], campaign: str) -> tuple[list[Taken], list[int], list[int]]:
    """Give the taken events, the positions of the rejected, the positions of the unknown."""
    taken: list[Taken] = []
    rejected: list[int] = []
    unknown: list[int] = []
    for position, candidate in enumerate(events):
        try:
            event = take(candidate, campaign)
        except RejectedError:
            rejected.append(position)
            continue
        if event is None:
            unknown.append(position)
        else:
            taken.append(event)
    return taken, rejected, unknown


def require(condition: bool, reason: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Reject the event unless the condition holds."""
    if not condition:
        raise RejectedError(reason)


def an_object(value: object, reason: str) -> dict[str, Any]:
    """Read a JSON object; another kind is rejected."""
    if not isinstance(value, dict):
        raise RejectedError(reason)
    return value


def identity(value: object) -> str | None:
    """Read a subject or a message: empty and null are absent, another kind is rejected."""
    require(value is None or isinstance(value, str), "subject and message are texts")
    return text(value)


def moment(value: object) -> int:
    """Read an RFC 3339 time as microseconds since 1970, UTC."""
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise RejectedError("time is RFC 3339 with an offset")
    year, month, day, hour, minute, second = (int(found[number]) for number in range(1, 7))
    require(hour <= 23 and minute <= 59 and second <= 60, "no such time of day")
    try:
        days = dt.date(year, month, day).toordinal() - dt.date(1970, 1, 1).toordinal()
    except ValueError as error:
        raise RejectedError("no such day") from error
    # A second of 60 is the next second simply by this sum.
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
    if found[8] is not None:
        require(int(found[9]) <= 23 and int(found[10]) <= 59, "no such offset")
        offset = int(found[9]) * 3_600 + int(found[10]) * 60
        seconds += -offset if found[8] == "+" else offset
    require(start_of(FIRST_YEAR) <= seconds < start_of(YEAR_AFTER_LAST), "2000 up to 2100")
    decimals = (found[7] or "")[:6].ljust(6, "0")
    return seconds * 1_000_000 + int(decimals)


def start_of(year: int) -> int:
    """Give the first second of a year, since 1970, UTC."""
    return (dt.date(year, 1, 1) - dt.date(1970, 1, 1)).days * 86_400


def text(value: object) -> str | None:
    """Read an optional text: an empty string or what is not a string is absent."""
    return value if isinstance(value, str) and value != "" else None


def word_of(value: object, words: tuple[str, ...]) -> str | None:
    """Read an optional text that must be one of the words."""
    return value if isinstance(value, str) and value in words else None


def whole(value: object) -> int | None:
    """Read an optional whole number that is not negative; its fraction is cut."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Said so that a NaN, which compares with nothing, is absent too.
    if not 0 <= value < GREATEST_WHOLE + 1:
        return None
    return int(value)


def amount(value: object) -> Decimal | None:
    """Read an optional amount, rounded half-even to 6 decimals."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int) and abs(value) <= GREATEST_AMOUNT:
        number = Decimal(value)
    elif isinstance(value, float) and math.isfinite(value):
        number = Decimal(repr(value))
    elif isinstance(value, str) and AMOUNT.fullmatch(value):
        number = Decimal(value)
    else:
        return None
    # `copy_abs` does not round as `abs` would: the limit is on the amount as written.
    if number.copy_abs() > GREATEST_AMOUNT:
        return None
    return number.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def all_text_is_unicode(value: object) -> bool:
    """Look for lone surrogates in every text, keys included, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            try:
                one.encode()
            except UnicodeEncodeError:
                return False
        elif isinstance(one, dict):
            waiting.extend(one.keys())
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return True
