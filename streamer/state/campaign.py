"""The evidence of one campaign, and how each event joins it.

Everything kept here only grows, and is a function of the set of events applied. What follows
from it (persons' milestones, attribution, counts) is derived elsewhere.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from streamer.events import fields
from streamer.events.event import Event
from streamer.events.times import parse_time
from streamer.events.vocabulary import CHANNELS, OUTCOMES, SENTIMENTS, Kind
from streamer.state.grid import distinct
from streamer.state.layout import LAYOUTS, NONE, OUTCOME_CODES, STAGES, WORDS
from streamer.state.money import Cost, Costs, Plan, plan_text
from streamer.state.subjects import SENTIMENT_BITS, Nameless, Subjects
from streamer.state.touches import FACTS, Touches

_MEETING = STAGES.index("meeting")
_REPLIED = WORDS.index("replied")
_DURATION, _KEY_ANSWERS, _OUTCOME = (FACTS.index(f) for f in ("duration", "key_answers", "outcome"))

Rows = npt.NDArray[np.int64]


class Changes(NamedTuple):
    """What moved in the evidence since it was last taken.

    By channel: `touched` rows, without repetition; `moved` rows with their former owners; the
    rows from `settled` on are new.
    """

    touched: list[Rows]
    moved: list[dict[int, int]]
    settled: list[int]
    merges: list[tuple[int, int]]
    stepped: list[int]
    heard: list[int]
    links: range
    costs: list[int]
    spans: list[int]
    header: bool


class Span:
    """The earliest and the latest time of one source's events of one type; `row` is its number."""

    __slots__ = ("first", "kind", "last", "row", "source")

    def __init__(self, row: int, kind: str, source: str, at: int) -> None:
        self.row = row
        self.kind = kind
        self.source = source
        self.first = at
        self.last = at


class Route:
    """Where the events of one type go in one campaign.

    `touches` and `column` (-1: the payload says which) serve those that name a touch, `read` the
    payload of these; `take` serves all others. `spans` are those of the type, by source.
    """

    __slots__ = ("column", "read", "spans", "take", "touches")

    def __init__(
        self,
        touches: Touches | None,
        column: int,
        read: "Callable[[Touches, int, Event], bool] | None",
        take: "Callable[[Event], bool]",
        spans: dict[str, Span],
    ) -> None:
        self.touches = touches
        self.column = column
        self.read = read
        self.take = take
        self.spans = spans


class Campaign:
    """All evidence of one campaign."""

    __slots__ = (
        "costs",
        "header_changed",
        "incomplete",
        "name",
        "plan",
        "rep_names",
        "rep_numbers",
        "routes",
        "saved_links",
        "spans",
        "spans_by_type",
        "spans_changed",
        "subjects",
        "touches",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.touches = tuple(Touches(layout) for layout in LAYOUTS)
        self.subjects = Subjects()
        self.costs = Costs()
        self.plan: Plan | None = None
        self.rep_names: list[str] = []
        self.rep_numbers: dict[str, int] = {}
        self.spans: list[Span] = []
        self.spans_by_type: dict[str, dict[str, Span]] = {}
        self.spans_changed: list[int] = []
        self.routes: dict[str, Route] = {}
        self.incomplete = False
        self.header_changed = False
        self.saved_links = 0

    def apply(self, events: Sequence[Event]) -> int:  # noqa: C901 - the hot loop, not cut by calls
        """Join events of this campaign; the number of those that changed the evidence."""
        applied = 0
        routes = self.routes
        subjects = self.subjects
        names = subjects.names
        for event in events:
            route = routes.get(event.type) or self._route(event.kind)
            at = event.at
            moved = False
            span = route.spans.get(event.source)
            if span is None or at < span.first or at > span.last:
                self.widen(event.type, event.source, at)
                moved = True
            touches = route.touches
            message = event.message
            if touches is None or message is None:
                applied += route.take(event) or moved
                continue
            row = touches.rows.get(message)
            if row is None:
                row = touches.add(message)
            changed = False
            if route.column >= 0:
                cell = row * touches.width + route.column
                if at < touches.times[cell]:
                    touches.times[cell] = at
                    changed = True
            subject = event.subject
            if subject is not None:
                owner = touches.owners[row]
                if owner == NONE or subject < names[owner]:
                    changed |= touches.own(row, subjects.number(subject), names)
            if route.read is not None and event.data:
                changed |= route.read(touches, row, event)
            if changed:
                touches.changed.append(row)
            applied += changed or moved
        return applied

    def take_changes(self) -> Changes:
        """What moved since the last call."""
        subjects = self.subjects
        changes = Changes(
            touched=[distinct(t.changed) for t in self.touches],
            moved=[t.moved for t in self.touches],
            settled=[t.settled for t in self.touches],
            merges=subjects.merges,
            stepped=sorted(set(subjects.stepped)),
            heard=sorted(set(subjects.heard)),
            links=range(self.saved_links, len(subjects.links)),
            costs=sorted(set(self.costs.changed)),
            spans=sorted(set(self.spans_changed)),
            header=self.header_changed,
        )
        for touches in self.touches:
            touches.changed = []
            touches.moved = {}
            touches.settled = len(touches)
        subjects.merges = []
        subjects.stepped = []
        subjects.heard = []
        self.saved_links = len(subjects.links)
        self.costs.changed = []
        self.spans_changed = []
        self.header_changed = False
        return changes

    def rep(self, name: str) -> int:
        """The number of a sales rep."""
        number = self.rep_numbers.get(name)
        if number is None:
            number = self.rep_numbers[name] = len(self.rep_names)
            self.rep_names.append(name)
        return number

    def widen(self, kind: str, source: str, at: int) -> None:
        """Join the time of an event of a source and a type."""
        spans = self.spans_by_type.setdefault(kind, {})
        span = spans.get(source)
        if span is None:
            span = spans[source] = Span(len(self.spans), kind, source, at)
            self.spans.append(span)
        span.first = min(at, span.first)
        span.last = max(at, span.last)
        self.spans_changed.append(span.row)

    def join_plan(self, plan: Plan) -> bool:
        """Join a plan: the greatest stands."""
        if self.plan is not None and plan <= self.plan:
            return False
        self.plan = plan
        self.header_changed = True
        return True

    def _route(self, kind: Kind | None) -> Route:
        if kind is None:
            raise ValueError("events of unknown types change no campaign")
        spans = self.spans_by_type.setdefault(kind.type, {})
        if kind.channel is None:
            route = Route(None, -1, None, self._taker(kind), spans)
        else:
            channel = CHANNELS.index(kind.channel)
            touches = self.touches[channel]
            column = touches.layout.column.get(kind.word, -1)
            read = self._reader(kind)
            route = Route(touches, column, read, self._listener(channel, kind.word), spans)
        self.routes[kind.type] = route
        return route

    def _reader(self, kind: Kind) -> "Callable[[Touches, int, Event], bool] | None":
        if kind.channel == "phone":
            return self._read_completed if kind.word == "completed" else self._read_call
        return {"replied": _read_sentiment, "bounced": _read_bounce}.get(kind.word)

    def _taker(self, kind: Kind) -> "Callable[[Event], bool]":
        if kind.word in STAGES and kind.type != "meeting.booked":
            stage = STAGES.index(kind.word)
            return lambda event: self._step(event, stage)
        return {
            "meeting.booked": self._take_meeting,
            "prospect.linked": self._take_links,
            "cost.incurred": self._take_cost,
            "campaign.planned": self._take_plan,
        }[kind.type]

    def _listener(self, channel: int, word: str) -> "Callable[[Event], bool]":
        """For events of a channel that name no touch but somebody."""
        if word not in WORDS:
            return _never
        code = WORDS.index(word)
        return lambda event: self._hear(event, channel, code)

    def _hear(self, event: Event, channel: int, word: int) -> bool:
        subject = self.subjects.number(event.subject or "")
        heard = Nameless(event.source, event.id, subject, channel, word)
        sentiment = _sentiment_bit(event) if word == _REPLIED else 0
        return self.subjects.hear(heard, event.at, sentiment)

    def _step(self, event: Event, stage: int) -> bool:
        subject = self.subjects.number(event.subject or "")
        return self.subjects.step(subject, stage, event.at)

    def _take_meeting(self, event: Event) -> bool:
        channel = fields.one_of((event.data or {}).get("channel"), CHANNELS)
        place = -1 if channel is None else [*CHANNELS].index(channel)  # type: ignore[arg-type]
        changed = event.subject is not None and self._step(event, _MEETING)
        if event.message is None or place < 0:
            return self._hear(event, place, WORDS.index("meeting")) or changed
        touches = self.touches[place]
        row = touches.rows.get(event.message)
        if row is None:
            row = touches.add(event.message)
        proved = touches.prove(row, touches.layout.column["meeting"], event.at)
        if event.subject is not None:
            proved |= touches.own(row, self.subjects.number(event.subject), self.subjects.names)
        if proved:
            touches.changed.append(row)
        return proved or changed

    def _take_links(self, event: Event) -> bool:
        subjects = self.subjects
        subject = subjects.number(event.subject or "")
        identities: list[str] = (event.data or {})["identities"]
        joined = [subjects.link(subject, subjects.number(other)) for other in identities]
        return any(joined)

    def _take_cost(self, event: Event) -> bool:
        payload = event.data or {}
        amount = fields.amount(payload["amount"])
        if amount is None:
            raise ValueError("a cost without an amount was taken")
        cost = Cost(_micros(event), amount, fields.currency(payload.get("currency")) or "")
        return self.costs.join((event.source, event.id), cost)

    def _take_plan(self, event: Event) -> bool:
        return self.join_plan(Plan(_micros(event), event.source, event.id, plan_text(event.data)))

    def _read_call(self, touches: Touches, row: int, event: Event) -> bool:
        payload: dict[str, Any] = event.data or {}
        changed = False
        duration = fields.whole(payload.get("duration"))
        if duration is not None:
            changed |= touches.state(row, _DURATION, event.at, duration)
        answers = fields.whole(payload.get("key_answers"))
        if answers is not None:
            changed |= touches.state(row, _KEY_ANSWERS, event.at, answers)
            if answers:
                # Whoever answers questions has picked up, whatever else is said of the call.
                changed |= touches.prove(row, touches.layout.column["connected"], event.at)
        rep = fields.text(payload.get("rep"))
        if rep is not None:
            changed |= touches.state_rep(row, event.at, self.rep(rep), self.rep_names)
        return changed

    def _read_completed(self, touches: Touches, row: int, event: Event) -> bool:
        changed = self._read_call(touches, row, event)
        outcome = fields.one_of((event.data or {}).get("outcome"), OUTCOMES)
        if outcome is not None:
            changed |= touches.state(row, _OUTCOME, event.at, OUTCOME_CODES[outcome])
        return changed


def _never(_event: Event) -> bool:
    """For types that always name a touch: the codec lets none through that does not."""
    raise ValueError("an event that must name its touch does not")


def _micros(event: Event) -> int:
    micros = parse_time(event.time)
    if micros is None:
        raise ValueError("an event without a time was taken")
    return micros


def _sentiment_bit(event: Event) -> int:
    sentiment = fields.one_of((event.data or {}).get("sentiment"), SENTIMENTS)
    return SENTIMENT_BITS.get(sentiment or "", 0)


def _read_sentiment(touches: Touches, row: int, event: Event) -> bool:
    sentiment = fields.one_of((event.data or {}).get("sentiment"), SENTIMENTS)
    column = touches.layout.column.get(sentiment or "")
    return column is not None and touches.prove(row, column, event.at)


def _read_bounce(touches: Touches, row: int, event: Event) -> bool:
    column = touches.layout.column[f"{(event.data or {})['bounce']}_bounced"]
    return touches.prove(row, column, event.at)
