"""Which touches are whose: a chained list of touches for each subject.

Owns the chains alone. Lists rather than sets of rows keep a person with 100,000 touches as cheap
as a hundred thousand persons with one.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from streamer.events.vocabulary import CHANNELS
from streamer.state.campaign import Campaign, Changes, Rows
from streamer.state.grid import Grid, view
from streamer.state.layout import NONE

# A touch of any channel as one number: its row and the place of its channel.
CHANNEL_BITS: Final = 3
CHANNEL_MASK: Final = (1 << CHANNEL_BITS) - 1


class Gathered(NamedTuple):
    """Touches of persons: the place of the person among those asked for, channel, row."""

    places: Rows
    channels: Rows
    rows: Rows


class Lists:
    """The touches of every subject of one campaign."""

    __slots__ = ("_campaign", "_heads", "_next")

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._heads = Grid(1)
        self._next = [Grid(1) for _ in CHANNELS]

    def relink(self, changes: Changes) -> None:
        """Put new and moved touches into the lists of their owners."""
        self._heads.grow(len(self._campaign.subjects))
        for channel, touches in enumerate(self._campaign.touches):
            self._next[channel].grow(len(touches))
        for channel, touches in enumerate(self._campaign.touches):
            moved = changes.moved[channel]
            if moved:
                self._unlink(channel, moved)
                self._link(channel, np.fromiter(moved, np.int64, len(moved)))
            if len(touches) > changes.settled[channel]:
                self._link(channel, np.arange(changes.settled[channel], len(touches)))

    def _unlink(self, channel: int, moved: dict[int, int]) -> None:
        former: dict[int, set[int]] = {}
        for row, owner in moved.items():
            if owner != NONE:
                former.setdefault(owner, set()).add(row << CHANNEL_BITS | channel)
        for owner, leaving in former.items():
            staying = [touch for touch in self._chain([owner]) if touch not in leaving]
            self._heads.cells[owner] = staying[0] if staying else NONE
            for touch, following in zip(staying, [*staying[1:], NONE], strict=False):
                self._next[touch & CHANNEL_MASK].cells[touch >> CHANNEL_BITS] = following

    def _link(self, channel: int, rows: Rows) -> None:
        owners = view(self._campaign.touches[channel].owners)[rows]
        owned = owners != NONE
        rows, owners = rows[owned], owners[owned]
        if not len(rows):
            return
        order = np.argsort(owners, kind="stable")
        rows, owners = rows[order], owners[order]
        touches = (rows << CHANNEL_BITS | channel).astype(np.uint32)
        ends = np.ones(len(rows), np.bool_)
        ends[:-1] = owners[1:] != owners[:-1]
        starts = np.ones(len(rows), np.bool_)
        starts[1:] = ends[:-1]
        heads = view(self._heads.cells)
        following = np.empty(len(rows), np.uint32)
        following[:-1] = touches[1:]
        following[ends] = heads[owners[ends]]
        view(self._next[channel].cells)[rows] = following
        heads[owners[starts]] = touches[starts]

    def gather(self, roots: Sequence[int]) -> Gathered:
        """The touches of these persons."""
        group = self._campaign.subjects.group
        chains = [self._chain(group(root)) for root in roots]
        lengths = np.fromiter(map(len, chains), np.int64, len(chains))
        touches = np.fromiter((t for chain in chains for t in chain), np.int64, int(lengths.sum()))
        places = np.repeat(np.arange(len(chains)), lengths)
        return Gathered(places, touches & CHANNEL_MASK, touches >> CHANNEL_BITS)

    def _chain(self, members: Iterable[int]) -> list[int]:
        heads = self._heads.cells
        following = [grid.cells for grid in self._next]
        found: list[int] = []
        for subject in members:
            touch = heads[subject]
            while touch != NONE:
                found.append(touch)
                touch = following[touch & CHANNEL_MASK][touch >> CHANNEL_BITS]
        return found
