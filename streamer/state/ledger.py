"""What of the evidence is stored, under which key, and what must still be written.

Evidence is stored in pages of consecutive rows, written whole when many of their rows moved, and
in deltas, which hold scattered rows of many pages: a million old touches that are opened one by
one would otherwise write a page each. When deltas weigh more than what they belong to, the pages
that they owe are written, and then the deltas are removed.

Every key begins with the writer's epoch, so no writer ever overwrites what another wrote: a
worker that stalled, lost its partitions and woke up cannot push newer evidence aside. What other
writers left is removed only after its content was written anew and acknowledged.

The key of a page, or of a part of one, names a range of rows that is its own for good, and its
value holds all of these rows that there are: so it only ever replaces what it contains itself,
and whichever of the records of a checkpoint arrive, nothing is lost that stood there before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

import msgspec
import numpy as np

from streamer.state.campaign import Rows

Table = Literal["touches", "prospects", "plans", "counters", "links", "decisions", "waiting"]
# What counting stores, and what finding the campaign of an event stores.
COUNTING_TABLES: Final[tuple[Table, ...]] = ("touches", "prospects", "plans", "counters")
INBOX_TABLES: Final[tuple[Table, ...]] = ("links", "decisions", "waiting")
TABLES: Final = COUNTING_TABLES + INBOX_TABLES

# What has sections: a campaign, or the inbox of a partition.
Book = TypeVar("Book")

_DELTA_BYTES: Final = 256 * 1024
# A page whose ids are so long is cut in halves; Kafka takes no record above a limit.
_LARGEST_VALUE: Final = 1024 * 1024
_SMALLEST_LIMIT: Final = 8 * 1024 * 1024
_SMALLEST_FOLD: Final = 1024 * 1024
# What a stored row weighs, roughly: it only balances deltas against pages.
_ROW_BYTES: Final = 90
# A page is written whole when at least one row in so many moved.
_PAGE_SHARE: Final = 4
# What other writers left is written anew when it holds so many times the rows that live.
_FOREIGN_SHARE: Final = 2
_FOREIGN_SLACK: Final = 20_000


class Epoch(NamedTuple):
    """A writer of a partition: greater than those before it, and like no other."""

    number: int
    writer: int


class TableRecord(NamedTuple):
    """A record of a table's changelog; None as value removes the key."""

    table: Table
    key: bytes
    value: bytes | None


class Section(NamedTuple, Generic[Book]):
    """A kind of rows of a book: where they are stored, how many there are, their encoding."""

    table: Table
    size: Callable[[Book], int]
    encode: Callable[[Book, Sequence[int]], msgspec.Struct]


class Page(NamedTuple):
    """A page of one section of a book."""

    book: str
    section: int
    number: int


class _Part(NamedTuple):
    """Rows of one section of a book, to be encoded."""

    book: str
    section: int
    rows: Sequence[int]


def _halves(parts: list[_Part]) -> list[list[_Part]]:
    """The same rows in two; nothing if there is but one."""
    if len(parts) > 1:
        return [parts[: len(parts) // 2], parts[len(parts) // 2 :]]
    only = parts[0]
    half = len(only.rows) // 2
    if not half:
        return []
    return [[only._replace(rows=only.rows[:half])], [only._replace(rows=only.rows[half:])]]


class _Generation(NamedTuple):
    """Stored records to be removed once the pages that they owe are written."""

    keys: dict[bytes, Table]
    owed: set[Page]


_PACK: Final[Callable[[Any], bytes]] = msgspec.msgpack.Encoder().encode


class Ledger(Generic[Book]):
    """The stored form of the evidence of one partition, which stands in books of some sections."""

    def __init__(
        self,
        books: Mapping[str, Book],
        sections: Sequence[Section[Book]],
        epoch: Epoch,
        page_rows: int,
    ) -> None:
        self.epoch = epoch
        self._books = books
        self._sections = sections
        self._page_rows = page_rows
        self._dirty: dict[tuple[str, int], list[Rows]] = {}
        self._deltas = _Generation({}, set())
        self._delta_bytes = 0
        self._sequence = 0
        self._folding: _Generation | None = None
        self._in_flight: set[Page] = set()
        self._foreign: dict[bytes, Table] = {}
        self._foreign_rows = 0

    def note(self, book: str, section: int, rows: Sequence[int] | Rows) -> None:
        """Take rows of a section as not yet stored."""
        if len(rows):
            self._dirty.setdefault((book, section), []).append(np.array(rows, np.int64))

    def records(self) -> list[TableRecord]:
        """Everything to be written now; to be followed by `written` before the next call."""
        scattered: dict[Table, list[tuple[Page, Rows]]] = {}
        written: list[TableRecord] = []
        for (book, section), parts in self._dirty.items():
            rows = np.unique(np.concatenate(parts))
            pages, starts = np.unique(rows // self._page_rows, return_index=True)
            groups = np.split(rows, starts[1:])
            for number, group in zip(pages.tolist(), groups, strict=True):
                page = Page(book, section, number)
                if len(group) * _PAGE_SHARE >= len(self._rows_of(page)):
                    written += self._page_records(page)
                else:
                    scattered.setdefault(self._sections[section].table, []).append((page, group))
        self._dirty.clear()
        deltas = [
            record for table, parts in scattered.items() for record in self._pack(table, parts)
        ]
        return [*written, *deltas, *self._fold(sum(len(d.value or b"") for d in deltas))]

    def written(self) -> None:
        """Everything that `records` gave is acknowledged."""
        for generation in (self._deltas, self._folding):
            if generation is not None:
                generation.owed.difference_update(self._in_flight)
        self._in_flight.clear()

    def found(self, table: Table, key: bytes, rows: int | None) -> None:
        """Take note of a record found at recovery, with its number of rows; None if removed."""
        if rows is None:
            self._foreign.pop(key, None)
        else:
            self._foreign[key] = table
            self._foreign_rows += rows

    def recovered(self) -> None:
        """All was found: decide whether what others left is to be written anew."""
        live = sum(self._sizes())
        if self._foreign_rows > _FOREIGN_SHARE * live + _FOREIGN_SLACK:
            self._folding = _Generation(self._foreign, set(self._all_pages()))
        self._foreign = {}
        self._foreign_rows = 0

    def _pack(self, table: Table, parts: Iterable[tuple[Page, Rows]]) -> Iterator[TableRecord]:
        """Deltas of scattered rows, of many sections in one record, each up to a size."""
        groups: dict[tuple[str, int], list[int]] = {}
        for page, rows in parts:
            self._deltas.owed.add(page)
            groups.setdefault((page.book, page.section), []).extend(rows.tolist())
        limit = _DELTA_BYTES // _ROW_BYTES
        packed: list[_Part] = []
        weight = 0
        for (book, section), numbers in groups.items():
            for start in range(0, len(numbers), limit):
                packed.append(_Part(book, section, numbers[start : start + limit]))
                weight += len(packed[-1].rows)
                if weight >= limit:
                    yield from self._delta_records(table, packed)
                    packed, weight = [], 0
        if packed:
            yield from self._delta_records(table, packed)

    def _delta_records(self, table: Table, packed: list[_Part]) -> Iterator[TableRecord]:
        value = self._encode(packed)
        if len(value) > _LARGEST_VALUE and (halves := _halves(packed)):
            for half in halves:
                yield from self._delta_records(table, half)
            return
        self._sequence += 1
        key = msgspec.json.encode([*self.epoch, self._sequence])
        self._deltas.keys[key] = table
        self._delta_bytes += len(value)
        yield TableRecord(table, key, value)

    def _encode(self, packed: Iterable[_Part]) -> bytes:
        return _PACK(
            [self._sections[s].encode(self._books[book], rows) for book, s, rows in packed]
        )

    def _page_records(self, page: Page) -> Iterator[TableRecord]:
        """A page as one record, or as several when its ids are long.

        A page that has grown too large leaves its former record behind: older evidence of rows
        that stand in its halves, which does no harm.
        """
        self._in_flight.add(page)
        start = page.number * self._page_rows
        yield from self._range_records(page, range(start, start + self._page_rows))

    def _range_records(self, page: Page, span: range) -> Iterator[TableRecord]:
        rows = self._rows_in(page, span)
        value = self._encode([_Part(page.book, page.section, rows)])
        if len(value) > _LARGEST_VALUE and len(rows) > 1:
            # Halves of the range, not of the rows that there are so far: these become more.
            half = len(span) // 2
            for part in (span[:half], span[half:]):
                if self._rows_in(page, part):
                    yield from self._range_records(page, part)
            return
        key = msgspec.json.encode([*self.epoch, page.book, page.section, span.start, len(span)])
        yield TableRecord(self._sections[page.section].table, key, value)

    def _fold(self, delta_bytes: int) -> Iterator[TableRecord]:
        """Write some of the pages owed; once none is, remove what owed them."""
        if self._folding is None and self._delta_bytes > self._limit():
            self._folding = self._deltas
            self._deltas = _Generation({}, set())
            self._delta_bytes = 0
        if self._folding is None:
            return
        budget = max(_SMALLEST_FOLD, 2 * delta_bytes)
        for page in self._folding.owed - self._in_flight:
            if budget <= 0:
                return
            for record in self._page_records(page):
                budget -= len(record.value or b"")
                yield record
        if not self._folding.owed:
            for key, table in self._folding.keys.items():
                yield TableRecord(table, key, None)
            self._folding = None

    def _limit(self) -> int:
        return max(_SMALLEST_LIMIT, _ROW_BYTES * sum(self._sizes()))

    def _sizes(self) -> Iterator[int]:
        for book in self._books.values():
            for section in self._sections:
                yield section.size(book)

    def _rows_of(self, page: Page) -> range:
        start = page.number * self._page_rows
        return self._rows_in(page, range(start, start + self._page_rows))

    def _rows_in(self, page: Page, span: range) -> range:
        """The rows of a range that there are by now."""
        size = self._sections[page.section].size(self._books[page.book])
        return range(span.start, min(span.stop, size))

    def _all_pages(self) -> Iterator[Page]:
        for name, book in self._books.items():
            for number, section in enumerate(self._sections):
                for start in range(0, section.size(book), self._page_rows):
                    yield Page(name, number, start // self._page_rows)
