"""What follows from the evidence of one campaign: effective times, persons, attribution, counts.

Never the stored truth. It is moved by difference: what the affected touches and persons
contributed is taken away, they are computed again, and what they contribute now is added.
"""

from collections.abc import Sequence

import numpy as np

from streamer.events.vocabulary import CHANNELS
from streamer.kpis.drift import WATCHES, Watch
from streamer.state.attribution import Attribution
from streamer.state.calls import Calls, prove_outcomes
from streamer.state.campaign import Campaign, Changes, Rows
from streamer.state.drift import Drifts
from streamer.state.grid import Grid, distinct, view
from streamer.state.layout import LAYOUTS, NONE, Times
from streamer.state.lists import CHANNEL_BITS, CHANNEL_MASK, Lists
from streamer.state.minutes import Minutes, Moves
from streamer.state.people import People, Reached, brief
from streamer.state.series import TOUCH_BASES


class Derived:
    """The derived layer of one campaign.

    `counts` and `sums` are its windowed counters, `drifts` what is watched while it is sent.
    """

    __slots__ = (
        "_calls",
        "_campaign",
        "_effective",
        "_lists",
        "_people",
        "attribution",
        "counts",
        "drifts",
        "sums",
    )

    def __init__(self, campaign: Campaign, watches: Sequence[Watch] = WATCHES) -> None:
        self._campaign = campaign
        self._lists = Lists(campaign)
        self._people = People(campaign, self._lists)
        self._calls = Calls()
        self._effective = [Grid(len(layout.milestones)) for layout in LAYOUTS]
        self.attribution = Attribution(campaign, self._lists)
        self.counts = Minutes(np.int32)
        self.sums = Minutes(np.int64)
        self.drifts = Drifts(watches)

    def update(self, changes: Changes) -> None:
        """Follow the evidence."""
        self._lists.relink(changes)
        touched = self._attribute(changes)
        counts, sums = Moves(), Moves()
        reached = [
            self._reach(channel, rows, counts, sums) for channel, rows in touched if len(rows)
        ]
        self._people.update(changes, reached, self._effective, counts, sums)
        self.counts.apply(counts)
        self.sums.apply(sums)

    def _attribute(self, changes: Changes) -> list[tuple[int, Rows]]:
        """The rows by channel that must be computed again: touched, or by attribution."""
        elsewhere: list[list[int]] = [[] for _ in CHANNELS]
        subjects = self._campaign.subjects
        if subjects.nameless:
            asked = self._asked(changes)
            for touch in self.attribution.update(asked, set(changes.heard), self._named):
                elsewhere[touch & CHANNEL_MASK].append(touch >> CHANNEL_BITS)
        return [
            (channel, distinct(np.append(rows, also)) if (also := elsewhere[channel]) else rows)
            for channel, rows in enumerate(changes.touched)
        ]

    def _asked(self, changes: Changes) -> Rows:
        """The persons with nameless events about whom anything moved."""
        subjects = self._campaign.subjects
        roots = view(subjects.roots)
        parts = [np.array([subjects.nameless[row].subject for row in changes.heard], np.int64)]
        parts.append(np.array(changes.merges, np.int64).ravel())
        for touches, rows, moved in zip(
            self._campaign.touches, changes.touched, changes.moved, strict=True
        ):
            parts.append(view(touches.owners)[rows].astype(np.int64))
            parts.append(np.fromiter(moved.values(), np.int64, len(moved)))
        owners = np.concatenate(parts)
        listening = np.zeros(len(roots), np.bool_)
        listening[roots[np.fromiter(subjects.by_subject, np.int64)]] = True
        asked = distinct(roots[owners[owners != NONE]])
        heeded: Rows = asked[listening[asked]]
        return heeded

    def _named(self, channel: int, rows: Rows) -> Times:
        """What events that name these touches prove, milestone × touch."""
        touches = self._campaign.touches[channel]
        times: Times = np.ascontiguousarray(touches.evidence()[rows].T)
        if touches.layout.has_facts:
            prove_outcomes(touches, rows, times)
        touches.layout.close(times)
        return times

    def _reach(self, channel: int, rows: Rows, counts: Moves, sums: Moves) -> Reached:
        """Compute touches of one channel again and note how their counts move."""
        touches = self._campaign.touches[channel]
        self._effective[channel].grow(len(touches))
        after = self._named(channel, rows)
        added = self.attribution.concerned(channel, rows)
        for place in added:
            for column, at in self.attribution.added(int(rows[place]) << CHANNEL_BITS | channel):
                after[column, place] = min(int(after[column, place]), at)
        if added:
            touches.layout.close(after)
        kept = self._effective[channel].view()
        before: Times = np.ascontiguousarray(kept[rows].T)
        kept[rows] = after.T
        counts.move(TOUCH_BASES[channel], before, after)
        self.drifts.move(channel, before, after)
        if touches.layout.has_facts:
            self._calls.update(touches, rows, before, after, counts, sums)
        return Reached(channel, rows, brief(channel, before), brief(channel, after))

    def uses(self, channel: int) -> bool:
        """Whether the campaign has touches on a channel."""
        return len(self._campaign.touches[channel]) > 0
