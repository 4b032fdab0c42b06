"""Columns of 32-bit numbers that grow with what they describe, and sets of row numbers."""

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from streamer.state.layout import NONE, Times


def view(cells: "array[int]") -> Times:
    """The numbers of an array, not copied; to be dropped before the array grows."""
    return np.frombuffer(cells, np.uint32)


def distinct(numbers: "Sequence[int] | npt.NDArray[np.int64]") -> npt.NDArray[np.int64]:
    """The numbers in ascending order, each once; by sorting, which beats `np.unique` here."""
    found = np.sort(np.array(numbers, np.int64))
    if len(found) > 1:
        new = np.ones(len(found), np.bool_)
        np.not_equal(found[1:], found[:-1], out=new[1:])
        found = found[new]
    return found


class Grid:
    """A table of `width` columns, every new cell being NONE. `cells` is row after row."""

    __slots__ = ("cells", "width")

    def __init__(self, width: int) -> None:
        self.width = width
        self.cells = array("I")

    def grow(self, rows: int) -> None:
        """Have at least so many rows; no view may be alive."""
        lacking = rows * self.width - len(self.cells)
        if lacking > 0:
            self.cells.frombytes(np.full(lacking, NONE, np.uint32).tobytes())

    def view(self) -> Times:
        """All of it as rows × width; to be dropped before it grows."""
        return view(self.cells).reshape(-1, self.width)
