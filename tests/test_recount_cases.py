"""The recount gives what was computed by hand where rules meet, in any order."""

import random
from collections.abc import Callable

import pytest

from tests.recount import cases_attribution, cases_values
from tests.recount.cases import NOW, Case, says
from tests.recount.recount import compare, recount

every_case = pytest.mark.parametrize(
    "case", cases_attribution.CASES + cases_values.CASES, ids=lambda case: case.__name__
)


@every_case
def test_the_recount_gives_what_was_computed_by_hand(case: Callable[[], Case]) -> None:
    events, expected = case()
    result = recount(events, NOW)
    assert {name: says(result, name) for name in expected} == expected


@every_case
def test_a_case_says_why(case: Callable[[], Case]) -> None:
    assert case.__doc__


@every_case
def test_no_order_changes_a_case(case: Callable[[], Case]) -> None:
    events, _ = case()
    expected = recount(events, NOW)
    for seed in range(10):
        shuffled = events * 2
        random.Random(seed).shuffle(shuffled)
        result = recount(shuffled, NOW)
        del result["rejected"]
        assert compare(expected, result) == []
