"""The catalogue over the worked cases: their counts in, their KPI rows out, digit by digit.

What only the engine can know (sums of durations, answers and delays, and the cost) is read from
the numerators of the rows that show it; counts come from the case's milestones and the plan from
its events, so that every numerator and denominator made of them is the catalogue's own work.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from streamer.kpis.catalogue import CATALOGUE, MILESTONES, REP_ROWS
from streamer.kpis.model import Value

CASES = sorted(Path(__file__).parents[1].rglob("vectors/[0-9][0-9]-*.json"))

# The row whose numerator shows a sum.
SHOWN_BY = {"duration": "average_duration", "key_answers": "key_answers"}


class CaseTally:
    """The counts of one worked case in one window."""

    def __init__(self, case: dict[str, Any], window: str) -> None:
        self._counts = {
            (row["channel"], row["milestone"]): int(row["value"])
            for row in case["milestones"]
            if row["window"] == window
        }
        self._numerators = {
            (row["channel"], row["kpi"]): row["numerator"]
            for row in case["kpis"]
            if row["window"] == window
        }
        plans = [event for event in case["events"] if event.get("type") == "campaign.planned"]
        latest: dict[str, Any] = max(plans, key=lambda event: str(event["time"]), default={})
        self._plan: dict[str, Any] = latest.get("data", {})

    def count(self, channel: str, milestone: str) -> int:
        assert milestone in MILESTONES[channel]  # type: ignore[index]
        return self._counts.get((channel, milestone), 0)

    def total(self, channel: str, name: str) -> int:
        return int(self._numerators.get((channel, SHOWN_BY.get(name, name)), 0))

    def planned(self, channel: str) -> int | None:
        return self._plan.get("planned", {}).get(channel) or None

    def key_questions(self) -> int | None:
        return self._plan.get("key_questions") or None

    def cost(self) -> Decimal | None:
        shown = self._numerators.get(("all", "cac"))
        return None if shown is None else Decimal(str(shown))


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


def test_the_worked_cases_are_there() -> None:
    assert len(CASES) >= 19


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_row_of_a_worked_case_is_what_the_catalogue_divides(path: Path) -> None:
    case = load(path)
    expected = {
        (row["channel"], row["kpi"], row["window"]): Value(
            row["value"], row["numerator"], row["denominator"]
        )
        for row in case["kpis"]
    }
    for kpi in CATALOGUE:
        for window in kpi.windows:
            value = kpi.evaluate(CaseTally(case, window))
            key = (kpi.channel, kpi.id, window)
            if key in expected:
                assert (key, value) == (key, expected.pop(key))
            else:
                assert (key, value.value, value.numerator or 0) == (key, None, 0)
    assert expected == {}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_milestone_of_a_worked_case_is_one_that_is_counted(path: Path) -> None:
    counted = {(channel, name) for channel, names in MILESTONES.items() for name in names}
    case = load(path)
    assert {(row["channel"], row["milestone"]) for row in case["milestones"]} <= counted
    reps = {row["milestone"] for row in case["rep_milestones"]}
    assert reps <= {row.id for row in REP_ROWS if row.unit == "count"}
