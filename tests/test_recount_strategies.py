"""What is generated is what the judge is meant to meet: every rule, rejection and limit."""

import itertools
import random
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recount.acceptance import read_all
from tests.recount.evidence import IMPLIES
from tests.recount.recount import POSITIONS, SECTIONS, compare, recount
from tests.recount.strategies import NOW, event_sets, stream, valid_event_sets

UNHURRIED = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=60)


@UNHURRIED
@given(valid_event_sets())
def test_events_that_are_called_valid_are_taken(events: list[object]) -> None:
    _, rejected, unknown = read_all(events, "c")
    assert (rejected, unknown) == ([], [])


@UNHURRIED
@given(event_sets(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_moves_a_number(
    events: list[Any], chance: random.Random
) -> None:
    shuffled = events + chance.sample(events, len(events) // 2)
    chance.shuffle(shuffled)
    expected, actual = recount(events, NOW), recount(shuffled, NOW)
    for name in ("rejected", "unknown"):
        del expected[name], actual[name]
    assert compare(expected, actual) == []


def test_event_sets_reach_every_section() -> None:
    reached: set[str] = set()

    @settings(UNHURRIED, max_examples=100, derandomize=True, database=None)
    @given(event_sets())
    def look(events: list[object]) -> None:
        reached.update(name for name, rows in recount(events, NOW).items() if rows)

    look()
    assert reached == {*SECTIONS, *POSITIONS}


def test_the_same_arguments_give_the_same_stream() -> None:
    first, second = (list(stream(7, 500, 3, 40, rate=2.0)) for _ in range(2))
    assert first == second
    assert first != list(stream(8, 500, 3, 40, rate=2.0))


def test_a_stream_is_as_long_and_as_repeated_as_asked() -> None:
    assert len(list(stream(1, 1_234, 2, 100))) == 1_234
    in_order = list(stream(1, 1_000, 1, 100, duplicates=0, disorder=0, noise=0))
    assert [event["time"] for event in in_order] == sorted(event["time"] for event in in_order)
    often = Counter(repr(event) for event in stream(1, 4_000, 1, 100, duplicates=0.3))
    assert 0.1 < sum(count - 1 for count in often.values()) / 4_000 < 0.4


def test_a_stream_keeps_every_campaign_busy() -> None:
    counts = Counter(event["campaign"] for event in stream(1, 4_000, 4, 100))
    assert sorted(counts) == ["c0", "c1", "c2", "c3"]
    assert min(counts.values()) > 800


def test_a_stream_has_every_rule_in_play() -> None:
    events = list(stream(5, 12_000, 1, 1_500, rate=0.1))
    result = recount(events, events[-1]["time"], campaign="c0", every_row=True)
    ever = {
        (row["channel"], row["milestone"])
        for row in result["milestones"]
        if row["window"] == "campaign"
    }
    named = itertools.chain.from_iterable(
        ((channel, milestone), *((channel, implied) for implied in chain))
        for channel, rules in IMPLIES.items()
        for milestone, chain in rules.items()
    )
    assert set(named) <= ever
    assert all(row["value"] is not None for row in result["kpis"] if row["window"] == "campaign")
    for section in ("rejected", "unknown", "attributed", "unattributed", "cost_left_out"):
        assert result[section], section
