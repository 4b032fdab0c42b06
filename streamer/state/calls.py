"""The values of calls: talk time, key answers, and the figures of the sales reps."""

from typing import Final

import numpy as np

from streamer.state.campaign import Rows
from streamer.state.grid import Grid
from streamer.state.layout import NONE, OUTCOME_COLUMNS, PHONE, Times
from streamer.state.minutes import Moves
from streamer.state.series import REP_BASE, REP_MILESTONES, REP_TALK_BASE, SUM_NUMBERS
from streamer.state.touches import FACTS, Touches

_MADE: Final = PHONE.column["made"]
_CONNECTED: Final = PHONE.column["connected"]
_DURATION, _ANSWERS, _REP = range(3)


def prove_outcomes(touches: Touches, rows: Rows, times: Times) -> None:
    """Let the outcomes that stand prove their milestones; `times` is milestone × touch."""
    facts = touches.fact_columns()[rows]
    at, code = (facts[:, 2 * FACTS.index("outcome") + i] for i in range(2))
    for outcome, column in enumerate(OUTCOME_COLUMNS):
        if column >= 0:
            proved = np.where((at > 0) & (code == outcome), at, NONE).astype(np.uint32)
            np.minimum(times[column], proved, out=times[column])


class Calls:
    """The values that the calls of one campaign contribute, as last counted."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values = Grid(3)

    def update(
        self, touches: Touches, rows: Rows, before: Times, after: Times, counts: Moves, sums: Moves
    ) -> None:
        """Note how sums and reps' figures move for these calls; times are milestone × touch."""
        self._values.grow(len(touches))
        facts = touches.fact_columns()[rows]
        values = np.full((3, len(rows)), NONE, np.uint32)
        for place, fact in enumerate(("duration", "key_answers", "rep")):
            column = 2 * FACTS.index(fact)
            known = facts[:, column] > 0
            values[place][known] = facts[known, column + 1]
        kept = self._values.view()
        for sign, calls, times in ((-1, kept[rows].T, before), (1, values, after)):
            _contribute(sign, calls, times, counts, sums)
        kept[rows] = values.T


def _contribute(sign: int, values: Times, times: Times, counts: Moves, sums: Moves) -> None:
    duration, answers, rep = values
    for series, value, at in (
        (SUM_NUMBERS["phone", "duration"], duration, times[_MADE]),
        (SUM_NUMBERS["phone", "key_answers"], answers, times[_CONNECTED]),
    ):
        known = (value != NONE) & (at != NONE)
        sums.add(series, at[known] // 60, sign * value[known].astype(np.int64))
    for place, milestone in enumerate(REP_MILESTONES):
        at = times[PHONE.column[milestone]]
        known = (rep != NONE) & (at != NONE)
        series_of_rep = REP_BASE + rep[known].astype(np.int64) * len(REP_MILESTONES) + place
        counts.add(series_of_rep, at[known] // 60, sign)
    at = times[_MADE]
    known = (rep != NONE) & (duration != NONE) & (at != NONE)
    talk = sign * duration[known].astype(np.int64)
    sums.add(REP_TALK_BASE + rep[known].astype(np.int64), at[known] // 60, talk)
