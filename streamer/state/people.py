"""The milestones of persons, from their touches and from what they did themselves.

A person stands at the row of his root subject. Times move by minimum where they only came
earlier, and are computed anew for persons of whom one came later or a touch went away.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from streamer.events.vocabulary import CHANNELS
from streamer.state.campaign import Campaign, Changes, Rows
from streamer.state.grid import Grid, distinct, view
from streamer.state.layout import LAYOUTS, NONE, STAGES, Times
from streamer.state.lists import Lists
from streamer.state.minutes import Moves
from streamer.state.series import DELAY_BASE, PROSPECT_BASE

# The columns of a person: contacted, then answered by channel, then the stages.
_ANSWERED: Final = len(CHANNELS)
_STAGES: Final = 2 * len(CHANNELS)
_WIDTH: Final = _STAGES + len(STAGES)
_MEETING, _CANCELED, _QUALIFIED, _CUSTOMER = (_STAGES + i for i in range(len(STAGES)))

_NOBODY: Final[Rows] = np.empty(0, np.int64)


class Reached(NamedTuple):
    """Touches of one channel that were recomputed.

    `before` and `after` are (contact, answer, meeting) × touch.
    """

    channel: int
    rows: Rows
    before: Times
    after: Times


def brief(channel: int, times: Times) -> Times:
    """What persons need of touches: (contact, answer, meeting) × touch of milestone × touch."""
    layout = LAYOUTS[channel]
    return np.stack(
        [
            times[layout.column[layout.contact]],
            layout.earliest_answer(times),
            times[layout.column["meeting"]],
        ]
    )


class People:
    """The persons of one campaign."""

    __slots__ = ("_campaign", "_lists", "_times")

    def __init__(self, campaign: Campaign, lists: Lists) -> None:
        self._campaign = campaign
        self._lists = lists
        self._times = Grid(_WIDTH)

    def update(
        self,
        changes: Changes,
        reached: Sequence[Reached],
        effective: Sequence[Grid],
        counts: Moves,
        sums: Moves,
    ) -> None:
        """Bring the persons up to date and note how their counts move."""
        self._times.grow(len(self._campaign.subjects))
        roots = view(self._campaign.subjects.roots)
        stepped = np.array(changes.stepped, np.int64)
        merged = np.array(changes.merges, np.int64).ravel()
        lost = distinct(
            np.concatenate([_NOBODY, *(self._lost(part, changes, roots) for part in reached)])
        )
        owned = [self._owned(part, roots) for part in reached]
        dirty = distinct(np.concatenate([*(r for r, _ in owned), roots[stepped], merged, lost]))
        if not len(dirty):
            return
        times = self._times.view()
        before = times[dirty]
        for kept, absorbed in changes.merges:
            times[kept] = np.minimum(times[kept], times[absorbed])
            times[absorbed] = NONE
        for part, (owners, after) in zip(reached, owned, strict=True):
            _lower(times, part.channel, owners, after)
        if len(lost):
            times[lost] = NONE
            again = self._lists.gather(lost.tolist())
            for channel in range(len(CHANNELS)):
                there = again.channels == channel
                rows = again.rows[there]
                after = brief(channel, effective[channel].view()[rows].T)
                _lower(times, channel, lost[again.places[there]], after)
        self._lower_stages(times, roots, stepped, lost)
        _move(counts, sums, before, times[dirty])

    def _owned(self, part: Reached, roots: Times) -> tuple[Rows, Times]:
        """The persons of the touches that have one, and what these touches reached."""
        owners = view(self._campaign.touches[part.channel].owners)[part.rows]
        owned = owners != NONE
        return roots[owners[owned]].astype(np.int64), part.after[:, owned]

    def _lost(self, part: Reached, changes: Changes, roots: Times) -> Rows:
        """The persons of whom a time may have come later, or whom a touch left."""
        owners = view(self._campaign.touches[part.channel].owners)[part.rows]
        back = (part.after > part.before).any(axis=0) & (owners != NONE)
        left = [owner for owner in changes.moved[part.channel].values() if owner != NONE]
        lost: Rows = roots[np.append(owners[back], left).astype(np.int64)].astype(np.int64)
        return lost

    def _lower_stages(self, times: Times, roots: Times, stepped: Rows, lost: Rows) -> None:
        subjects = self._campaign.subjects
        steps = subjects.stages
        again = (s for root in lost.tolist() for s in subjects.group(root) if s in steps)
        for subject in (*stepped.tolist(), *again):
            row = times[roots[subject], _STAGES:]
            np.minimum(row, view(steps[subject]), out=row)


def _lower(times: Times, channel: int, owners: Rows, after: Times) -> None:
    contact, answer, meeting = after
    np.minimum.at(times[:, channel], owners, contact)
    np.minimum.at(times[:, _ANSWERED + channel], owners, answer)
    np.minimum.at(times[:, _MEETING], owners, meeting)


def _milestones(times: Times) -> Times:
    """What is counted of persons, in the order of the series: milestone × person."""
    # One pass over memory here saves twenty strided ones below.
    columns = np.ascontiguousarray(times.T)
    contacted, answered = columns[:_ANSWERED], columns[_ANSWERED:_STAGES]
    customer = columns[_CUSTOMER]
    return np.concatenate(
        [
            contacted,
            answered,
            # NONE is the latest of all: both must be known.
            np.maximum(contacted, customer),
            contacted.min(axis=0, keepdims=True),
            answered.min(axis=0, keepdims=True),
            columns[_MEETING][None],
            columns[_CANCELED][None],
            np.minimum(columns[_QUALIFIED], customer)[None],
            customer[None],
        ]
    )


def _move(counts: Moves, sums: Moves, before: Times, after: Times) -> None:
    old, new = _milestones(before), _milestones(after)
    counts.move(PROSPECT_BASE, old, new)
    # Reactivity: each channel, then all of them, as the series are ordered.
    pairs = [(i, _ANSWERED + i) for i in range(len(CHANNELS))]
    pairs.append((3 * len(CHANNELS), 3 * len(CHANNELS) + 1))
    for series, (contact, answer) in enumerate(pairs, DELAY_BASE):
        for sign, times in ((-1, old), (1, new)):
            known = times[answer] != NONE
            at = times[answer][known].astype(np.int64)
            sums.add(series, at // 60, sign * (at - times[contact][known]))
