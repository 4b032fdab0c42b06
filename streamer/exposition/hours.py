"""The hours of one campaign as they wait for Redis: all of them, and which are not yet written.

They are kept as compact texts, because Redis may lose them and needs them all again. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from streamer.exposition.history import minutes_text
from streamer.kpis.catalogue import MILESTONES
from streamer.state import Epoch, Hour

Name = tuple[str, str]

_NAMES: Final[tuple[Name, ...]] = tuple(
    (channel, milestone) for channel, names in MILESTONES.items() for milestone in names
)
# So many hours go in one write: the scripts of Redis hold up everybody else.
_MOST_CELLS: Final = 4000


class Portion(NamedTuple):
    """What one write holds: for each name (channel, milestone) texts of minutes by hour.

    With `whole` these are all hours of their names.
    """

    names: list[Name]
    cells: list[Mapping[int, str]]
    whole: bool


class CampaignHours:
    """The hours of a campaign under one epoch of its partition."""

    def __init__(self, campaign: str, partition: int, epoch: Epoch) -> None:
        self.campaign = campaign
        self.partition = partition
        self.epoch = epoch
        self._cells: dict[Name, dict[int, str]] = {}
        self._unwritten: dict[Name, set[int]] = {}
        # Nothing of this epoch was written yet, or it was lost.
        self._whole = True

    def put(self, hour: Hour) -> None:
        """Replace an hour's counts."""
        name = (hour.channel, hour.milestone)
        text = minutes_text(hour.minutes)
        cells = self._cells.setdefault(name, {})
        if text:
            cells[hour.hour] = text
        else:
            cells.pop(hour.hour, None)
        self._unwritten.setdefault(name, set()).add(hour.hour)

    def lost(self) -> None:
        """What was taken did not arrive, or is there no longer: take everything again."""
        self._whole = True

    def take(self) -> Iterator[Portion]:
        """What is to be written, in portions that Redis takes quickly."""
        whole, unwritten = self._whole, self._unwritten
        self._whole, self._unwritten = False, {}
        names: list[Name] = []
        cells: list[Mapping[int, str]] = []
        size = 0
        for name in _NAMES if whole else unwritten:
            known = self._cells.get(name, {})
            own = known if whole else {hour: known.get(hour, "") for hour in unwritten[name]}
            names.append(name)
            cells.append(own)
            size += len(own)
            if size >= _MOST_CELLS:
                yield Portion(names, cells, whole)
                names, cells, size = [], [], 0
        if names:
            yield Portion(names, cells, whole)
