"""The hours of one campaign as they wait for Redis: all of them, and which are not yet written.

They are kept as compact texts, because Redis may lose them and needs them all again. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
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
        # Not yet made texts of: after a recovery they come all at once, and the engine waits.
        self._unwritten: dict[Name, dict[int, Sequence[int]]] = {}
        # Nothing of this epoch was written yet, or it was lost.
        self._whole = True

    def put(self, hour: Hour) -> None:
        """Replace an hour's counts."""
        name = (hour.channel, hour.milestone)
        self._unwritten.setdefault(name, {})[hour.hour] = hour.minutes

    def lost(self) -> None:
        """What was taken did not arrive, or is there no longer: take everything again."""
        self._whole = True

    def take(self) -> Iterator[Portion]:
        """What is to be written, in portions that Redis takes quickly.

        Each portion is to be used before the next is asked for; `lost` tells that not all arrived.
        """
        whole, self._whole = self._whole, False
        changed = self._settle()
        names: list[Name] = []
        cells: list[Mapping[int, str]] = []
        size = 0
        for name in _NAMES if whole else changed:
            own = self._cells.get(name, {}) if whole else changed[name]
            names.append(name)
            cells.append(own)
            size += len(own)
            if size >= _MOST_CELLS:
                yield Portion(names, cells, whole)
                names, cells, size = [], [], 0
        if names:
            yield Portion(names, cells, whole)

    def _settle(self) -> dict[Name, dict[int, str]]:
        """Make texts of what is new; these."""
        unwritten, self._unwritten = self._unwritten, {}
        changed: dict[Name, dict[int, str]] = {}
        for name, hours in unwritten.items():
            texts = {hour: minutes_text(minutes) for hour, minutes in hours.items()}
            known = self._cells.setdefault(name, {})
            known.update(texts)
            for hour in [hour for hour, text in texts.items() if not text]:
                del known[hour]
            changed[name] = texts
        return changed
