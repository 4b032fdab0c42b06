"""Windowed counters: what happened in each minute, and the totals of windows over minutes.

Cells are moved by difference and may go back. Exactness never depends on what was stored of
them: they are rebuilt from the evidence.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from streamer.state.layout import NONE, Times

Integers = npt.NDArray[np.int64]

MINUTE: Final = 60
MINUTES_PER_HOUR: Final = 60
# Windows by name, in minutes; the current minute is one of them.
WINDOWS: Final = {"5m": 5, "1h": 60, "24h": 1440}
_SERIES_BITS: Final = 32
_FIRST_SIZE: Final = 16


class Moves:
    """Differences to apply: (series, minute, amount) by the array."""

    def __init__(self) -> None:
        self._parts: list[tuple[Integers, Integers, Integers]] = []

    def add(self, series: Any, minutes: Any, amounts: Any) -> None:  # noqa: ANN401 - arrays or scalars
        """Note amounts at these minutes; a scalar series or amount is that of each of them."""
        size = len(minutes)
        if size:
            self._parts.append(
                (
                    np.full(size, series, np.int64),
                    minutes.astype(np.int64),
                    np.full(size, amounts, np.int64),
                )
            )

    def move(self, base: int, before: Times, after: Times) -> None:
        """Note the difference between milestones, series × who: one less there, one more here."""
        for sign, there, here in ((-1, before, after), (1, after, before)):
            series, who = np.nonzero((there != here) & (there != NONE))
            self.add(base + series, there[series, who] // MINUTE, sign)

    def summed(self) -> tuple[Integers, Integers, Integers]:
        """Every (series, minute) once, with the sum of its amounts; zeros are left out."""
        if not self._parts:
            empty = np.empty(0, np.int64)
            return empty, empty, empty
        series, minutes, amounts = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        keys, sums = _sum_by(minutes << _SERIES_BITS | series, amounts)
        keys, sums = keys[sums != 0], sums[sums != 0]
        return keys & (1 << _SERIES_BITS) - 1, keys >> _SERIES_BITS, sums


def _sum_by(keys: Integers, amounts: Integers) -> tuple[Integers, Integers]:
    """Every key once, in order, with the sum of its amounts."""
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[starts], np.add.reduceat(amounts[order], starts)


class Minutes:
    """The counters of one campaign: a row of 60 minutes for each (series, hour) that was used.

    `changed` collects the rows that moved since it was last cleared.
    """

    def __init__(self, dtype: type[np.signedinteger[Any]]) -> None:
        self._cells = np.zeros((_FIRST_SIZE, MINUTES_PER_HOUR), dtype)
        self._rows: dict[int, int] = {}
        self._by_hour: dict[int, list[tuple[int, int]]] = {}
        self._totals: dict[int, int] = {}
        self.changed: set[tuple[int, int]] = set()

    def apply(self, moves: Moves) -> None:
        """Move the cells and the totals."""
        series, minutes, amounts = moves.summed()
        if not len(series):
            return
        hours = minutes // MINUTES_PER_HOUR
        keys, places = np.unique(hours << _SERIES_BITS | series, return_inverse=True)
        rows = np.array([self._row(key) for key in keys.tolist()], np.int64)
        np.add.at(self._cells, (rows[places], minutes % MINUTES_PER_HOUR), amounts)
        kinds, sums = _sum_by(series, amounts)
        for kind, amount in zip(kinds.tolist(), sums.tolist(), strict=True):
            self._totals[kind] = self._totals.get(kind, 0) + amount

    def _row(self, key: int) -> int:
        hour, series = key >> _SERIES_BITS, key & (1 << _SERIES_BITS) - 1
        self.changed.add((series, hour))
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = len(self._rows)
            self._by_hour.setdefault(hour, []).append((series, row))
            if row >= len(self._cells):
                self._cells = np.concatenate([self._cells, np.zeros_like(self._cells)])
        return row

    def totals(self) -> dict[int, int]:
        """The whole campaign's amount by series."""
        return self._totals

    def window(self, minute: int, length: int) -> dict[int, int]:
        """The amounts of `length` minutes up to and with `minute`, by series."""
        first = minute - length + 1
        found: dict[int, int] = {}
        for hour in range(first // MINUTES_PER_HOUR, minute // MINUTES_PER_HOUR + 1):
            used = self._by_hour.get(hour)
            if used is None:
                continue
            start = max(first - hour * MINUTES_PER_HOUR, 0)
            stop = min(minute - hour * MINUTES_PER_HOUR + 1, MINUTES_PER_HOUR)
            rows = [row for _, row in used]
            sums = self._cells[rows, start:stop].sum(axis=1, dtype=np.int64).tolist()
            for (series, _), amount in zip(used, sums, strict=True):
                found[series] = found.get(series, 0) + amount
        return found

    def hour(self, series: int, hour: int) -> tuple[int, ...]:
        """The 60 minutes of one series in one hour."""
        row = self._rows.get(hour << _SERIES_BITS | series)
        if row is None:
            return (0,) * MINUTES_PER_HOUR
        return tuple(self._cells[row].tolist())

    def series_of(self, hour: int) -> list[int]:
        """The series that have a row for the hour."""
        return [series for series, _ in self._by_hour.get(hour, ())]

    def used(self) -> Iterator[tuple[int, int]]:
        """Every (series, hour) that has a row."""
        for hour, used in self._by_hour.items():
            for series, _ in used:
                yield series, hour
