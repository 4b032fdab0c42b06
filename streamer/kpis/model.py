"""The words in which a KPI is written down: terms, units, windows, and one row of the catalogue.

Owns how a row turns counts into a value. Never knows a campaign, a clock or an event: all counts
come from the `Tally` that is passed in, one per campaign and window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Protocol

Channel = Literal["email", "linkedin", "phone", "postal", "sms", "all"]
Unit = Literal["ratio", "seconds", "count", "amount"]
Window = Literal["campaign", "5m", "1h", "24h"]
Amount = int | float | None

EVERY_WINDOW: Final[tuple[Window, ...]] = ("campaign", "5m", "1h", "24h")
# What is divided by the plan, or what a window would make nonsense of (a letter sent this hour has
# had no time to be answered).
CAMPAIGN_ONLY: Final[tuple[Window, ...]] = ("campaign",)

METRICS: Final[Mapping[Unit, str]] = MappingProxyType(
    {
        "ratio": "prospecting_kpi_ratio",
        "seconds": "prospecting_kpi_seconds",
        "count": "prospecting_kpi_count",
        "amount": "prospecting_kpi_amount",
    }
)


class Tally(Protocol):
    """The counts of one campaign in one window."""

    def count(self, channel: str, milestone: str) -> int:
        """Touches of a channel (for `all`: prospects) that reached the milestone, 0 included."""
        ...

    def total(self, channel: str, name: str) -> int:
        """The sum of a value over touches or prospects, seconds for durations and delays."""
        ...

    def planned(self, channel: str) -> int | None:
        """The number that the plan names for a channel; None when it names none, or zero."""
        ...

    def key_questions(self) -> int | None:
        """The number of key questions of the plan; None when it names none, or zero."""
        ...

    def cost(self) -> Decimal | None:
        """The whole cost in the plan's currency; None when no cost is known."""
        ...


class Term(Protocol):
    """One side of a KPI's division; None when it is not known."""

    def of(self, tally: Tally) -> Amount:
        """Read the term from the counts of one campaign and window."""
        ...


class WholeTerm(Protocol):
    """A term that is always a whole number: all that may stand under a division."""

    def of(self, tally: Tally) -> int | None:
        """Read the term from the counts of one campaign and window."""
        ...


@dataclass(frozen=True, slots=True)
class Milestone:
    """How many touches of the channel (`all`: prospects) reached a milestone."""

    channel: Channel
    name: str

    def of(self, tally: Tally) -> int:
        """Read the count."""
        return tally.count(self.channel, self.name)


@dataclass(frozen=True, slots=True)
class Difference:
    """One count less another that is part of it."""

    whole: Milestone
    part: Milestone

    def of(self, tally: Tally) -> int:
        """Subtract."""
        return self.whole.of(tally) - self.part.of(tally)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a value: durations and key answers of calls, delays of prospects' answers."""

    channel: Channel
    name: str

    def of(self, tally: Tally) -> int:
        """Read the sum."""
        return tally.total(self.channel, self.name)


@dataclass(frozen=True, slots=True)
class Planned:
    """How many touches the plan foresees on a channel."""

    channel: Channel

    def of(self, tally: Tally) -> int | None:
        """Read the plan's number."""
        return tally.planned(self.channel)


@dataclass(frozen=True, slots=True)
class KeyQuestions:
    """How many key questions the plan asks on a call."""

    def of(self, tally: Tally) -> int | None:
        """Read the plan's number."""
        return tally.key_questions()


@dataclass(frozen=True, slots=True)
class Product:
    """Two numbers multiplied; unknown when one of them is."""

    a: WholeTerm
    b: WholeTerm

    def of(self, tally: Tally) -> int | None:
        """Multiply."""
        a, b = self.a.of(tally), self.b.of(tally)
        return None if a is None or b is None else a * b


@dataclass(frozen=True, slots=True)
class Cost:
    """What the campaign has cost, in the plan's currency."""

    def of(self, tally: Tally) -> float | None:
        """Read the sum, exact until here."""
        cost = tally.cost()
        return None if cost is None else float(cost)


class Label(NamedTuple):
    """A text in the two languages of the product."""

    fr: str
    en: str


class Value(NamedTuple):
    """What a KPI is worth now: None as value means that there is none, which is not zero."""

    value: Amount
    numerator: Amount
    denominator: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """One row of the catalogue; `article` is its number in the article « Les KPI à suivre ».

    A ratio is a number, 1 meaning all, and is not clamped. A row without a denominator is a count:
    its value is its numerator, 0 included.
    """

    id: str
    channel: Channel
    unit: Unit
    numerator: Term
    denominator: WholeTerm | None
    windows: tuple[Window, ...]
    label: Label
    help: Label
    formula: str
    article: int | None = None

    def evaluate(self, tally: Tally) -> Value:
        """Divide; a denominator of zero or unknown, or an unknown numerator, gives no value."""
        numerator = self.numerator.of(tally)
        if self.denominator is None:
            return Value(numerator, numerator, None)
        denominator = self.denominator.of(tally)
        if numerator is None or not denominator:
            return Value(None, numerator, denominator)
        return Value(numerator / denominator, numerator, denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRow:
    """One number that also stands per sales rep: a milestone of calls, or their talk time."""

    id: str
    unit: Unit
    label: Label
    help: Label
