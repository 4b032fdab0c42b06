"""Costs and the plan: evidence of which the latest stands, and the sums that follow from it."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from streamer.events import fields
from streamer.events.times import parse_time
from streamer.events.vocabulary import CHANNELS

DEFAULT_CURRENCY: Final = "EUR"
_ZERO: Final = Decimal(0)


class Cost(NamedTuple):
    """A cost as it stands; compared as a tuple, so the latest, then the greatest, wins.

    `micros` is its time in microseconds since 1970; `currency` is empty when it names none.
    """

    micros: int
    amount: Decimal
    currency: str


class Costs:
    """The costs of a campaign by (source, id), and their sums by currency."""

    __slots__ = ("changed", "known", "rows", "sums", "tickets")

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], int] = {}
        self.tickets: list[tuple[str, str]] = []
        self.known: list[Cost] = []
        self.sums: dict[str, tuple[Decimal, int]] = {}
        self.changed: list[int] = []

    def join(self, ticket: tuple[str, str], cost: Cost) -> bool:
        """Join one event's cost; tells whether it stands."""
        row = self.rows.get(ticket)
        if row is None:
            row = self.rows[ticket] = len(self.known)
            self.tickets.append(ticket)
            self.known.append(cost)
        elif cost > self.known[row]:
            self._book(self.known[row], -1)
            self.known[row] = cost
        else:
            return False
        self._book(cost, 1)
        self.changed.append(row)
        return True

    def _book(self, cost: Cost, sign: int) -> None:
        total, count = self.sums.get(cost.currency, (_ZERO, 0))
        self.sums[cost.currency] = (total + sign * cost.amount, count + sign)

    def spent(self, currency: str) -> Decimal | None:
        """The sum of all costs in this currency or in none; None when there is no such cost."""
        parts = [self.sums.get(name, (_ZERO, 0)) for name in ("", currency)]
        return sum((total for total, _ in parts), _ZERO) if any(n for _, n in parts) else None

    def left_out(self, currency: str) -> list[tuple[str, float]]:
        """The sums in other currencies, which are not converted."""
        return sorted(
            (name, float(total))
            for name, (total, count) in self.sums.items()
            if count and name not in ("", currency)
        )


class Plan(msgspec.Struct, frozen=True, order=True):
    """A plan as it came; the greatest of all stands.

    Compared by its time in microseconds, then source, id and the compact text of its data.
    """

    micros: int
    source: str
    id: str
    text: str

    @property
    def content(self) -> dict[str, Any]:
        """The `data` of the event."""
        content: dict[str, Any] = json.loads(self.text)
        return content


def plan_text(data: dict[str, Any] | None) -> str:
    """A plan's data as compact JSON with sorted keys, escaping only what JSON must."""
    return json.dumps(data or {}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Terms(NamedTuple):
    """What a plan says, read by the rules: what is malformed or lacking is None or left out.

    `start` and `end` are the moments in UTC seconds when the campaign begins and ends.
    """

    name: str = ""
    planned: dict[str, int] = {}  # noqa: RUF012 - never changed
    cost: Decimal | None = None
    currency: str = DEFAULT_CURRENCY
    key_questions: int | None = None
    start: int | None = None
    end: int | None = None


def read_terms(content: dict[str, Any]) -> Terms:
    """The terms of a plan's data."""
    planned = content.get("planned")
    numbers = planned if isinstance(planned, dict) else {}
    read = {channel: fields.whole(numbers.get(channel)) for channel in CHANNELS}
    return Terms(
        name=fields.text(content.get("name")) or "",
        planned={channel: number for channel, number in read.items() if number is not None},
        cost=fields.amount(content.get("cost")),
        currency=fields.currency(content.get("currency")) or DEFAULT_CURRENCY,
        key_questions=fields.whole(content.get("key_questions")),
        start=start_of(content),
        end=end_of(content),
    )


def start_of(content: dict[str, Any]) -> int | None:
    """The second, UTC, at which the plan's `start` begins; a bare date begins with its day."""
    return _moment(content, "start", days=0)


def end_of(content: dict[str, Any]) -> int | None:
    """The moment in UTC seconds when the plan's `end` is over; a bare date is its whole day."""
    return _moment(content, "end", days=1)


def _moment(content: dict[str, Any], key: str, days: int) -> int | None:
    text = fields.text(content.get(key))
    if text is None:
        return None
    micros = parse_time(text)
    return micros // 1_000_000 if micros is not None else _midnight(text, content, days)


def _midnight(text: str, content: dict[str, Any], days: int) -> int | None:
    """The beginning of the day that lies so many days after a bare date."""
    try:
        zone = ZoneInfo(fields.text(content.get("time_zone")) or "UTC")
    except (ValueError, OSError, ZoneInfoNotFoundError):
        zone = ZoneInfo("UTC")
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return int(datetime.combine(day, time(), zone).timestamp())
    except (ValueError, OverflowError):
        return None
