"""The recount agrees with every worked case, in any order and with any repetition."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.recount.recount import compare, recount

CASES = sorted((Path(__file__).parent / "vectors").glob("*.json"))
by_case = pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


def test_there_are_worked_cases() -> None:
    assert len(CASES) >= 19


@by_case
def test_the_recount_gives_exactly_the_rows_of_the_case(path: Path) -> None:
    case = read(path)
    result = recount(case["events"], case["now"])
    for section, rows in result.items():
        assert rows == case[section], section


@by_case
def test_neither_order_nor_repetition_moves_a_number(path: Path) -> None:
    case = read(path)
    for seed in range(20):
        chance = random.Random(seed)
        events = case["events"] + chance.choices(case["events"], k=chance.randrange(40))
        chance.shuffle(events)
        result = recount(events, case["now"])
        for name in ("rejected", "unknown"):
            kept = [case["events"][position] for position in case[name]]
            assert all(events[position] in kept for position in result.pop(name))
        assert compare(case, result) == []


def test_the_comparison_tells_what_differs() -> None:
    case = read(CASES[0])
    other = json.loads(json.dumps(case))
    other["milestones"][0]["value"] += 1
    del other["kpis"][0]
    other["rejected"] = [3]
    assert compare(case, other) == [
        "rejected: expected [], got [3]",
        "kpis all meeting_rate 1h: expected (0.0, 0, 2), got None",
        "milestones all answered 1h: expected (1,), got (2,)",
    ]


def test_the_comparison_takes_absent_and_zero_alike() -> None:
    case = read(CASES[0])
    full = recount(case["events"], case["now"], every_row=True)
    full["unattributed"].append({"milestone": "replied", "value": 0})
    assert len(full["kpis"]) > len(case["kpis"])
    assert compare(case, full) == []
