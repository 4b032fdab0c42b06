from collections.abc import Mapping
from decimal import Decimal

import pytest

from streamer.kpis.model import (
    EVERY_WINDOW,
    Cost,
    Difference,
    KeyQuestions,
    Kpi,
    Label,
    Milestone,
    Planned,
    Product,
    Term,
    Total,
    Unit,
    Value,
    WholeTerm,
)


class Counts:
    """A tally of plain dictionaries."""

    def __init__(
        self,
        counts: Mapping[tuple[str, str], int],
        totals: Mapping[tuple[str, str], int] | None = None,
        planned: Mapping[str, int] | None = None,
        questions: int | None = None,
        cost: Decimal | None = None,
    ) -> None:
        self._counts = counts
        self._totals = totals or {}
        self._planned = planned or {}
        self._questions = questions
        self._cost = cost

    def count(self, channel: str, milestone: str) -> int:
        return self._counts.get((channel, milestone), 0)

    def total(self, channel: str, name: str) -> int:
        return self._totals.get((channel, name), 0)

    def planned(self, channel: str) -> int | None:
        return self._planned.get(channel)

    def key_questions(self) -> int | None:
        return self._questions

    def cost(self) -> Decimal | None:
        return self._cost


def row(numerator: Term, denominator: WholeTerm | None, unit: Unit = "ratio") -> Kpi:
    return Kpi(
        id="x",
        channel="email",
        unit=unit,
        numerator=numerator,
        denominator=denominator,
        windows=EVERY_WINDOW,
        label=Label("x", "x"),
        help=Label("x", "x"),
        formula="x",
    )


OPENED = Milestone("email", "opened")
SENT = Milestone("email", "sent")
CONNECTED = Milestone("phone", "connected")


def test_a_ratio_is_its_numerator_over_its_denominator() -> None:
    tally = Counts({("email", "opened"): 1, ("email", "sent"): 4})
    assert row(OPENED, SENT).evaluate(tally) == Value(0.25, 1, 4)


def test_a_ratio_of_a_window_may_pass_one() -> None:
    tally = Counts({("email", "opened"): 3, ("email", "sent"): 2})
    assert row(OPENED, SENT).evaluate(tally) == Value(1.5, 3, 2)


def test_a_denominator_of_zero_gives_no_value_and_keeps_both_counts() -> None:
    assert row(OPENED, SENT).evaluate(Counts({("email", "opened"): 3})) == Value(None, 3, 0)


def test_a_plan_without_a_number_gives_no_value_and_no_denominator() -> None:
    tally = Counts({("email", "sent"): 3})
    assert row(SENT, Planned("email")).evaluate(tally) == Value(None, 3, None)


def test_a_count_without_denominator_is_worth_its_count_zero_included() -> None:
    assert row(SENT, None, "count").evaluate(Counts({})) == Value(0, 0, None)


def test_a_difference_takes_the_part_from_the_whole() -> None:
    tally = Counts({("email", "opened"): 1, ("email", "sent"): 4})
    assert row(Difference(SENT, OPENED), SENT).evaluate(tally) == Value(0.75, 3, 4)


def test_a_product_with_an_unknown_factor_is_unknown() -> None:
    kpi = row(Total("phone", "key_answers"), Product(KeyQuestions(), CONNECTED))
    tally = Counts({("phone", "connected"): 2}, {("phone", "key_answers"): 3})
    assert kpi.evaluate(tally) == Value(None, 3, None)


def test_a_product_multiplies() -> None:
    kpi = row(Total("phone", "key_answers"), Product(KeyQuestions(), CONNECTED))
    tally = Counts({("phone", "connected"): 2}, {("phone", "key_answers"): 3}, questions=4)
    assert kpi.evaluate(tally) == Value(0.375, 3, 8)


def test_an_amount_is_exact_until_it_is_divided() -> None:
    tally = Counts({("email", "sent"): 2}, cost=Decimal("275.000000"))
    assert row(Cost(), SENT, "amount").evaluate(tally) == Value(137.5, 275.0, 2)


@pytest.mark.parametrize("sent", [0, 2])
def test_an_unknown_cost_gives_neither_value_nor_numerator(sent: int) -> None:
    tally = Counts({("email", "sent"): sent})
    assert row(Cost(), SENT, "amount").evaluate(tally) == Value(None, None, sent)
