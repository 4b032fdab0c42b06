"""Hypothesis strategies: event sets of campaign `c` with every rule in play, dense in collisions.

Each set plays in a small world of its own: few subjects, messages, channels, ids, moments and kinds
of events, so that ties, disagreements and repetitions are the rule. The moments lie on and beside
the limits that the definition names, seen from `NOW`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.recount.stream import stream

__all__ = ["NOW", "NOW_SECONDS", "event_sets", "events", "moments", "stream", "valid_event_sets"]

Event = dict[str, Any]

NOW = "2026-03-02T10:30:20Z"
NOW_SECONDS = int(dt.datetime.fromisoformat(NOW).timestamp())
DAY = 86_400
_MINUTE = NOW_SECONDS - 20
_CALL = NOW_SECONDS - 1_820  # 10:00:00, the moment that most others are measured from

SECONDS = (
    *(_CALL, _CALL, _CALL, _CALL + 1, _CALL + 60, _CALL + 600, _CALL - 600),
    # A meeting told twice: at most a day before or after, and just beyond.
    *(_CALL - DAY, _CALL + DAY, _CALL - DAY - 1, _CALL + DAY + 1),
    # The first and the last second of each window, and their neighbours outside.
    *(_MINUTE - 4 * 60, _MINUTE - 4 * 60 - 1, _MINUTE + 59, _MINUTE + 60),
    *(_MINUTE - 59 * 60, _MINUTE - 59 * 60 - 1, _MINUTE - 1439 * 60, _MINUTE - 1439 * 60 - 1),
)

CHANNELS = ("email", "linkedin", "phone", "postal", "sms")
# Neither the order of UTF-16 units, nor a locale's, nor numbers in texts: code points.
SUBJECTS = ("p1", "p1", "p2", "p3", "p10", "é", "\uffee", "\U0001f600")
MESSAGES = ("m1", "m2", "m10", "M2")
IDS = ("i1", "i2", "i3", "i10")
SOURCES = ("/a", "/a", "/b")
REPS = ("ana", "bob", "Zoé")

WORDS: Mapping[str, tuple[str, ...]] = {
    "email": ("sent", "delivered", "deferred", "bounced", "opened", "clicked"),
    "sms": ("sent", "delivered", "failed"),
    "postal": ("sent", "delivered", "returned"),
    "phone": ("made", "connected", "unreached", "completed", "completed", "completed"),
    "linkedin": ("invited", "accepted", "messaged", "read"),
}
NAMELESS = (
    *("email.replied", "email.unsubscribed", "email.complained"),
    *("sms.replied", "sms.opted_out", "postal.replied", "linkedin.replied"),
)
PERSONAL = ("meeting.canceled", "lead.qualified", "customer.won", "prospect.linked")

_number = st.sampled_from((0, 0.5, 1, 2, 2.7, 3, 61.9, 1e2, 2_147_483_647, 2_147_483_647.5))
_no_number: st.SearchStrategy[Any] = st.sampled_from(
    (-1, -0.5, True, "3", "", None, 2_147_483_648, 10**12, 1e300, [], {})
)
_amount = st.sampled_from(
    (
        *(0, 1, -15, 10.1, 1e-7, 10**12, "-1000000000000", "90.0000005", "90.0000015"),
        *("+7.25", "007.1", "-0", "0.1234565", 0.1234565, -0.0000005, 1e12, "1.00"),
    )
)
_no_amount: st.SearchStrategy[Any] = st.sampled_from(
    (
        *("1e3", "1,5", " 1", "", ".5", "5.", "\u0661", True, None, [], "1000000000000.0000001"),
        *(10**12 + 1, -(10**12) - 1, 1e13, "NaN", "--1", "1000000000000.00000000000000000001"),
    )
)
_no_word: st.SearchStrategy[Any] = st.sampled_from(("angry", "fax", "", 7, True, None, [], {}))
_currency = st.sampled_from(("EUR", "eur", "USD", "usd", "straße", "", 5, None))


@dataclass(frozen=True)
class World:
    """What the events of one set are made of."""

    channels: Sequence[str]
    subjects: Sequence[str]
    messages: Sequence[str]
    ids: Sequence[str]
    sources: Sequence[str]
    seconds: Sequence[int]


WIDE = World(CHANNELS, SUBJECTS, MESSAGES, IDS, SOURCES, SECONDS)


@st.composite
def _small_worlds(draw: st.DrawFn) -> World:
    def some(values: Sequence[Any], most: int) -> list[Any]:
        return draw(st.lists(st.sampled_from(values), min_size=1, max_size=most))

    return World(
        channels=some(CHANNELS, 3),
        subjects=some(SUBJECTS, 2),
        messages=some(MESSAGES, 3),
        ids=some(IDS, 2),
        sources=some(SOURCES, 2),
        seconds=some(SECONDS, 5),
    )


@st.composite
def moments(draw: st.DrawFn, seconds: Sequence[int] = SECONDS) -> str:
    """Write one of few moments in one of the many ways that RFC 3339 has."""
    second = draw(st.sampled_from(seconds))
    offset, suffix = draw(
        st.sampled_from(
            (
                *((0, "Z"), (0, "Z"), (0, "Z"), (0, "z"), (0, "+00:00"), (0, "-00:00")),
                *((60, "+01:00"), (-330, "-05:30"), (1439, "+23:59")),
            )
        )
    )
    decimals = draw(
        st.sampled_from(("", "", "", ".5", ".25", ".0000005", ".9999999", ".000001", ".99999949"))
    )
    leap = second % 60 == 0 and draw(st.booleans())
    # The second before, then written as second 60: the same moment.
    local = dt.datetime.fromtimestamp(second - leap + offset * 60, tz=dt.UTC)
    text = local.strftime("%Y-%m-%dT%H:%M:") + ("60" if leap else local.strftime("%S"))
    if draw(st.integers(0, 9)) == 0:
        text = text.replace("T", "t")
    return text + decimals + suffix


@st.composite
def _envelopes(draw: st.DrawFn, world: World, kind: str) -> Event:
    return {
        "specversion": "1.0",
        "id": draw(st.sampled_from(world.ids)),
        "source": draw(st.sampled_from(world.sources)),
        "type": kind,
        "time": draw(moments(world.seconds)),
        "campaign": "c",
    }


def _maybe(draw: st.DrawFn, field: str, good: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Give the field half of the time, and with a malformed value now and then."""
    roll = draw(st.integers(0, 9))
    if roll < 4:
        return {}
    if roll == 4:
        return {field: draw(_no_word)}
    return {field: draw(good)}


def _number_field(draw: st.DrawFn, field: str) -> dict[str, Any]:
    roll = draw(st.integers(0, 9))
    if roll < 4:
        return {}
    return {field: draw(_no_number if roll == 4 else _number)}


@st.composite
def _touch_events(draw: st.DrawFn, world: World) -> Event:
    """Make an event that names its touch, with or without a subject."""
    channel = draw(st.sampled_from(world.channels))
    word = draw(st.sampled_from(WORDS[channel]))
    event = draw(_envelopes(world, f"{channel}.{word}"))
    event["message"] = draw(st.sampled_from(world.messages))
    if draw(st.integers(0, 3)):
        event["subject"] = draw(st.sampled_from(world.subjects))
    data: dict[str, Any] = {}
    if word == "bounced":
        data["bounce"] = draw(st.sampled_from(("hard", "soft")))
    if channel == "phone":
        data |= _number_field(draw, "duration")
        data |= _number_field(draw, "key_answers")
        data |= _maybe(draw, "rep", st.sampled_from(REPS))
        outcomes = ("meeting", "meeting", "callback", "negative", "off_target", "none")
        # On other words than `completed` an outcome says nothing.
        data |= _maybe(draw, "outcome", st.sampled_from(outcomes))
    return event | draw(_data(data))


@st.composite
def _data(draw: st.DrawFn, data: dict[str, Any]) -> Event:
    """Give the payload; an empty one may be absent, null or an empty object."""
    if data:
        return {"data": data}
    return draw(st.sampled_from(({}, {"data": None}, {"data": {}})))


@st.composite
def _replies(draw: st.DrawFn, world: World) -> Event:
    """Make an event that may know its touch, its person, or both."""
    kind = draw(st.sampled_from(NAMELESS))
    event = draw(_envelopes(world, kind))
    known = draw(st.sampled_from(("person", "person", "person", "touch", "both")))
    if known != "person":
        event["message"] = draw(st.sampled_from(world.messages))
    if known != "touch":
        event["subject"] = draw(st.sampled_from(world.subjects))
    sentiment = _maybe(draw, "sentiment", st.sampled_from(("positive", "negative", "neutral")))
    return event | draw(_data(sentiment))


@st.composite
def _meetings(draw: st.DrawFn, world: World) -> Event:
    event = draw(_envelopes(world, "meeting.booked"))
    known = draw(st.sampled_from(("person", "person", "channel", "touch", "both", "message")))
    data: dict[str, Any] = {}
    if known in ("touch", "both", "message"):
        event["message"] = draw(st.sampled_from(world.messages))
    if known != "touch":
        event["subject"] = draw(st.sampled_from(world.subjects))
    if known in ("channel", "touch", "both"):
        data["channel"] = draw(st.sampled_from(world.channels))
    elif draw(st.integers(0, 4)) == 0:
        data["channel"] = draw(st.sampled_from(("fax", "", 3, None, "Email")))
    return event | draw(_data(data))


@st.composite
def _personal(draw: st.DrawFn, world: World) -> Event:
    kind = draw(st.sampled_from((*PERSONAL, "prospect.linked", "customer.won")))
    event = draw(_envelopes(world, kind))
    event["subject"] = draw(st.sampled_from(world.subjects))
    if kind == "prospect.linked":
        subjects = st.sampled_from((*world.subjects, "unseen"))
        event["data"] = {"identities": draw(st.lists(subjects, max_size=2))}
    if draw(st.integers(0, 3)) == 0:
        event["message"] = draw(
            st.sampled_from(world.messages)
        )  # Ignored: none of these names a touch.
    return event


@st.composite
def _costs(draw: st.DrawFn, world: World) -> Event:
    event = draw(_envelopes(world, "cost.incurred"))
    event["data"] = {"amount": draw(_amount)}
    if draw(st.booleans()):
        event["data"]["currency"] = draw(_currency)
    return event


@st.composite
def _plans(draw: st.DrawFn, world: World) -> Event:
    event = draw(_envelopes(world, "campaign.planned"))
    data: dict[str, Any] = _number_field(draw, "key_questions")
    if draw(st.booleans()):
        numbers = st.one_of(_number, _number, _no_number)
        data["planned"] = draw(
            st.one_of(
                st.dictionaries(st.sampled_from((*CHANNELS, "fax")), numbers, max_size=4),
                st.sampled_from(([], "5", None, 5)),
            )
        )
    if draw(st.booleans()):
        data["cost"] = draw(st.one_of(_amount, _amount, _no_amount))
    if draw(st.booleans()):
        data["currency"] = draw(_currency)
    if draw(st.booleans()):
        data["name"] = draw(st.sampled_from(("Été", 'a "b"', "", 3, "a/b\u007f\u2028")))
    return event | draw(_data(data))


MAKERS: tuple[Callable[[World], st.SearchStrategy[Event]], ...] = (
    *(_touch_events,) * 5,
    *(_replies,) * 3,
    *(_meetings,) * 3,
    *(_personal, _costs, _plans),
)


_SPOILS: tuple[dict[str, Any], ...] = (
    {"type": "fax.sent"},
    {"type": "phone.replied"},
    {"type": "email.opted_out", "subject": 3},
    {"type": "Email.sent"},
    {"type": ""},
    {"specversion": "1"},
    {"specversion": 1.0},
    {"id": ""},
    {"id": 4},
    {"source": None},
    {"campaign": "d"},
    {"campaign": ""},
    {"time": "2026-03-02 10:00:00Z"},
    {"time": "2026-03-02T10:00:00"},
    {"time": "2026-02-29T10:00:00Z"},
    {"time": "2026-03-02T10:00:61Z"},
    {"time": "2026-03-02T24:00:00Z"},
    {"time": "2026-03-02T10:00:00.Z"},
    {"time": "2026-03-02T10:00:00+0100"},
    {"time": "2026-03-02T10:00:00+24:00"},
    {"time": "٢026-03-02T10:00:00Z"},
    {"time": "1999-12-31T23:59:59.999Z"},
    {"time": "1999-12-31T23:59:60Z"},
    {"time": "2000-01-01T00:00:00+00:01"},
    {"time": "2100-01-01T00:59:59+01:00"},
    {"time": "2099-12-31T23:59:60Z"},
    {"time": 1_772_438_400},
    {"subject": 7},
    {"message": ["m1"]},
    {"subject": "\ud800"},
    {"data": {"note": {"\udfff": 1}}},
    {"data": []},
    {"data": "text"},
    {"message": ""},
    {"subject": "", "message": None},
    {"data": {"amount": "1e3", "bounce": "medium", "identities": [""]}},
    {"data": {"identities": "p1", "amount": True}},
)
"""Changes that make most events rejected or unknown, and leave some as good as they were."""


@st.composite
def _spoiled(draw: st.DrawFn, world: World) -> object:
    event = draw(draw(st.sampled_from(MAKERS))(world))
    roll = draw(st.integers(0, 9))
    if roll == 0:
        return draw(st.sampled_from((None, 3, "text", [], {}, True)))
    if roll == 1:
        gone = draw(st.sampled_from(sorted(event)))
        return {name: value for name, value in event.items() if name != gone}
    if roll == 2 and event["type"] == "cost.incurred":
        return event | {"data": {"amount": draw(_no_amount)}}
    return event | draw(st.sampled_from(_SPOILS))


@st.composite
def _scenes(draw: st.DrawFn, world: World) -> list[Event]:
    """Contact one person several times at few moments, then let the person answer without touch."""
    subject = draw(st.sampled_from(world.subjects))
    times = draw(st.lists(moments(world.seconds), min_size=1, max_size=2))
    touches = draw(st.lists(_touch_events(world), min_size=2, max_size=5))
    answers = draw(st.lists(_replies(world) | _meetings(world), min_size=1, max_size=3))
    for event in touches:
        event |= {"subject": subject, "time": draw(st.sampled_from(times))}
    for event in answers:
        event["subject"] = subject
        event.pop("message", None)
    return touches + answers


@st.composite
def _sets(draw: st.DrawFn, *, spoiled: bool) -> list[Any]:
    """Make lists of 25 events on average; lists in lists shrink well and are long all the same."""
    world, makers = WIDE, list(MAKERS)
    if draw(st.integers(0, 3)):
        world = draw(_small_worlds())
        makers = draw(
            st.lists(st.sampled_from(sorted({*MAKERS}, key=MAKERS.index)), min_size=1, max_size=4)
        )
    kinds: list[st.SearchStrategy[Any]] = [make(world) for make in makers]
    one = st.one_of(kinds)
    if spoiled:
        one = st.one_of(*(one,) * 5, _spoiled(world))
    lists = draw(st.lists(st.lists(one, max_size=16) | _scenes(world), max_size=10))
    return [event for some in lists for event in some]


def events(world: World = WIDE) -> st.SearchStrategy[Event]:
    """Make one event that is taken, though optional fields of it may be malformed."""
    return st.one_of([make(world) for make in MAKERS])


def valid_event_sets() -> st.SearchStrategy[list[Event]]:
    """Make lists of events that are all taken."""
    return _sets(spoiled=False)


def event_sets() -> st.SearchStrategy[list[Any]]:
    """Make lists of events, some of which are rejected or unknown, or no events at all."""
    return _sets(spoiled=True)
