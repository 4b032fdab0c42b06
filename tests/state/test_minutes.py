"""Windowed counters against a plain dictionary of (series, minute)."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streamer.state.layout import NONE
from streamer.state.minutes import WINDOWS, Minutes, Moves

moves = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1_000_000, 1_003_100), st.integers(-3, 3)), max_size=30
)


def filled(batches: list[list[tuple[int, int, int]]]) -> Minutes:
    minutes = Minutes(np.int64)
    for batch in batches:
        noted = Moves()
        for series, minute, amount in batch:
            noted.add(series, np.array([minute]), amount)
        minutes.apply(noted)
    return minutes


@given(st.lists(moves, max_size=4), st.integers(1_000_000, 1_003_100))
def test_windows_and_totals_are_the_sums_of_their_minutes(
    batches: list[list[tuple[int, int, int]]], now: int
) -> None:
    minutes = filled(batches)
    flat = [move for batch in batches for move in batch]
    for series in range(4):
        expected = sum(amount for kind, _, amount in flat if kind == series)
        assert minutes.totals().get(series, 0) == expected
        for length in WINDOWS.values():
            expected = sum(
                amount
                for kind, minute, amount in flat
                if kind == series and now - length < minute <= now
            )
            assert minutes.window(now, length).get(series, 0) == expected


def test_only_what_differs_moves() -> None:
    before = np.array([[60, 120], [NONE, 180]], np.uint32)
    after = np.array([[60, NONE], [240, 120]], np.uint32)
    noted = Moves()
    noted.move(10, before, after)
    series, minutes, amounts = noted.summed()
    assert sorted(zip(series.tolist(), minutes.tolist(), amounts.tolist(), strict=True)) == [
        (10, 2, -1),
        (11, 2, 1),
        (11, 3, -1),
        (11, 4, 1),
    ]


def test_an_hour_that_was_never_used_is_empty() -> None:
    assert Minutes(np.int32).hour(1, 2) == (0,) * 60
