"""Columns of 32-bit numbers that grow with what they describe."""

from array import array

import numpy as np

from streamer.state.layout import NONE, Times


def view(cells: "array[int]") -> Times:
    """The numbers of an array, not copied; to be dropped before the array grows."""
    return np.frombuffer(cells, np.uint32)


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
