"""What files of rows have in common: named columns, taking in portions, telling what was not.

Owns the answer. A file is never held: its lines are taken as they come, some hundred at a time.
Never knows what a column means.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from streamer.errors import Malformed, UnsupportedMediaType
from streamer.ingest.bodies import header
from streamer.ingest.problems import Scope
from streamer.ingest.spreadsheet import CHARSETS, Row, Spreadsheet, Unreadable

# Lines that are read in one go, while nothing else is served: some ten milliseconds.
PORTION: Final = 200
# Bytes likewise: they may be thousands of lines.
_SLICE: Final = 4 * 1024
# Refusals that are told one by one.
TOLD: Final = 100


Taken_co = TypeVar("Taken_co", covariant=True)
TakenT = TypeVar("TakenT")
# The columns' names in a file, each with what it holds; None: nothing that is taken.
Columns = list[tuple[str, str | None]]
# The cells of a row that say something: the column's name in the file, what it holds, the cell.
Cells = list[tuple[str, str, str]]


class Wrong(NamedTuple):
    """Why a line is refused; `field` is the column's name as it stands in the file, or empty."""

    line: int
    field: str
    reason: str


class Table(Protocol[Taken_co]):
    """A file that is read as it arrives."""

    @property
    def ignored(self) -> Sequence[str]:
        """The columns that were passed over."""
        ...

    def feed(self, chunk: bytes) -> Iterator[Taken_co | Wrong]:
        """What the lines say that are whole by now."""
        ...

    def end(self) -> Iterator[Taken_co | Wrong]:
        """What the lines say that are left."""
        ...


class CsvTable(Generic[TakenT]):
    """A file as CSV.

    `columns` reads the first line, and raises Malformed when it can be none; `read` each other.
    """

    def __init__(
        self,
        columns: Callable[[Sequence[str]], Columns],
        read: Callable[[int, Cells], TakenT | Wrong],
        charset: str | None = None,
    ) -> None:
        self._find = columns
        self._read = read
        self._rows = Spreadsheet(charset)
        self._columns: Columns | None = None

    @property
    def ignored(self) -> list[str]:
        """The columns that were passed over."""
        return [name for name, held in self._columns or () if name and not held]

    def feed(self, chunk: bytes) -> Iterator[TakenT | Wrong]:
        """What the lines say that are whole by now."""
        return self._each(self._rows.feed(chunk))

    def end(self) -> Iterator[TakenT | Wrong]:
        """What the lines say that are left; Malformed when there were none."""
        yield from self._each(self._rows.end())
        if self._columns is None:
            raise Malformed("The file is empty: its first line names the columns.")

    def _each(self, rows: Iterable[Row | Unreadable]) -> Iterator[TakenT | Wrong]:
        for row in rows:
            if isinstance(row, Unreadable):
                yield Wrong(row.line, "", row.reason)
            elif self._columns is None:
                self._columns = self._find(row.cells)
            elif any(row.cells[len(self._columns) :]):
                yield Wrong(row.line, "", "has more cells than there are columns")
            else:
                cells = zip(self._columns, row.cells, strict=False)
                said = [(name, held, cell) for (name, held), cell in cells if held and cell]
                yield self._read(row.line, said)


class Refusals:
    """The lines of a file that are refused; the first hundred are told, the others counted."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []
        self._more = 0

    def add(self, wrong: Wrong) -> None:
        """Note one."""
        if len(self._told) < TOLD:
            self._told.append(wrong._asdict())
        else:
            self._more += 1

    def answer(self, accepted: int, ignored: Sequence[str]) -> bytes:
        """The body of the answer: what was taken, what was not, and what was passed over."""
        body: dict[str, Any] = {"accepted": accepted, "refused": self._told}
        if self._more:
            body["more_refused"] = self._more
        if ignored:
            body["ignored"] = ignored
        return msgspec.json.encode(body)


def table_type(scope: Scope) -> tuple[str, str | None]:
    """The media type, and Python's name of the charset if one is told."""
    full = (header(scope, b"content-type") or b"").decode("latin-1").lower()
    name, *parameters = (part.strip() for part in full.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset":
            charset = CHARSETS.get(value.strip(" \"'"))
            if charset is None:
                raise UnsupportedMediaType(
                    "The charset must be utf-8, windows-1252 or iso-8859-15."
                )
            return name, charset
    return name, None


async def portions(
    pieces: AsyncIterator[bytes], table: Table[Taken_co], refusals: Refusals
) -> AsyncIterator[list[Taken_co]]:
    """What the lines of a file say, so many at a time; what is refused is noted."""
    portion: list[Taken_co] = []
    async for found in _found(pieces, table):
        if isinstance(found, Wrong):
            refusals.add(found)
            continue
        portion.append(found)
        if len(portion) == PORTION:
            yield portion
            portion = []
    if portion:
        yield portion


async def _found(
    pieces: AsyncIterator[bytes], table: Table[Taken_co]
) -> AsyncIterator[Taken_co | Wrong]:
    async for piece in pieces:
        for at in range(0, len(piece), _SLICE):
            for found in table.feed(piece[at : at + _SLICE]):
                yield found
            # Others are served meanwhile, also when no line is taken.
            await asyncio.sleep(0)
    for found in table.end():
        yield found
