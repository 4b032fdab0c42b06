"""The windowed counters as they are stored and served: absolute values, hour by hour.

They are written from the derived layer and compared with it on recovery: whatever was stored
wrongly, by a writer that had lost its partition, say, is written again.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from streamer.state.derived import Derived
from streamer.state.ledger import TableRecord
from streamer.state.series import COUNTS

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(dict[str, list[int]]).decode
_decode_key: Final = msgspec.json.Decoder(tuple[str, int]).decode


class Hour(NamedTuple):
    """One milestone of a campaign in one hour (UTC seconds // 3600): the count of each minute."""

    campaign: str
    channel: str
    milestone: str
    hour: int
    minutes: tuple[int, ...]


class Counters:
    """Which hours of a partition's campaigns are to be stored, and which to be served."""

    def __init__(self) -> None:
        self._unstored: set[tuple[str, int]] = set()
        self._unserved: set[tuple[str, int, int]] = set()
        self._found: dict[tuple[str, int], bytes] = {}

    def note(self, campaign: str, derived: Derived, *, stored: bool) -> None:
        """Take the cells of a campaign that moved; `stored` if they come from the store itself."""
        moved = {(series, hour) for series, hour in derived.counts.changed if series < len(COUNTS)}
        derived.counts.changed.clear()
        derived.sums.changed.clear()
        self._unserved.update((campaign, series, hour) for series, hour in moved)
        if not stored:
            self._unstored.update((campaign, hour) for _, hour in moved)

    def records(self, derived: Mapping[str, Derived]) -> Iterator[TableRecord]:
        """The hours to be written: one record for each (campaign, hour)."""
        unstored, self._unstored = self._unstored, set()
        for campaign, hour in sorted(unstored):
            stored = _hour(derived.get(campaign), hour)
            key = msgspec.json.encode((campaign, hour))
            yield TableRecord("counters", key, _encode(stored) if stored else None)

    def found(self, key: bytes, value: bytes | None) -> None:
        """Take note of a record found at recovery."""
        if value is None:
            self._found.pop(_decode_key(key), None)
        else:
            self._found[_decode_key(key)] = value

    def recovered(self, derived: Mapping[str, Derived]) -> None:
        """Have every hour written again of which something else was stored than holds."""
        hours = {(name, hour) for name, known in derived.items() for _, hour in known.counts.used()}
        for campaign, hour in hours | set(self._found):
            value = self._found.get((campaign, hour))
            stored = {} if value is None else _decode(value)
            if stored != _hour(derived.get(campaign), hour):
                self._unstored.add((campaign, hour))
        self._found = {}

    def hours(self, derived: Mapping[str, Derived]) -> list[Hour]:
        """The hours to be served, each once."""
        unserved, self._unserved = self._unserved, set()
        return [
            Hour(campaign, *COUNTS[series], hour, derived[campaign].counts.hour(series, hour))
            for campaign, series, hour in sorted(unserved)
        ]


def _hour(derived: Derived | None, hour: int) -> dict[str, list[int]]:
    """The minutes by `channel.milestone` of whatever happened in that hour."""
    if derived is None:
        return {}
    return {
        ".".join(COUNTS[series]): list(minutes)
        for series in derived.counts.series_of(hour)
        if series < len(COUNTS) and any(minutes := derived.counts.hour(series, hour))
    }
