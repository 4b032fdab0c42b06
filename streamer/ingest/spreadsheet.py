"""Tables as people export them: CSV from (French) Excel and its like, read as it arrives.

Owns encodings, separators, quotes and line breaks, each row by itself: a bad one costs no good one.
Memory is bounded by the longest row. Pure; never knows what a column means.
"""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from streamer.errors import Malformed

# The longest row, and the longest line.
LONGEST: Final = 64 * 1024
_BOM: Final = b"\xef\xbb\xbf"
_SEPARATORS: Final = ";,\t"
# Excel's own way to name the separator in a first line.
_NAMED: Final = "sep="
# What is no text: how it begins, and what it is.
_NO_TEXT: Final = {
    b"PK\x03\x04": "an Excel workbook: save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: save it as CSV UTF-8",
    b"\xff\xfe": "in UTF-16: save it as CSV UTF-8",
    b"\xfe\xff": "in UTF-16: save it as CSV UTF-8",
    b"\x1f\x8b": "compressed: unpack it first",
}
_LONGEST_MARK: Final = max(map(len, _NO_TEXT))
# Spellings of a charset → Python's. What calls itself Latin-1 is Windows-1252 in practice.
CHARSETS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-15": "iso8859-15",
}


class Line(NamedTuple):
    """A line, counted from 1, without its end; `text` None: it is too long."""

    number: int
    text: bytes | None


class Row(NamedTuple):
    """A row: the line on which it begins, and its cells, trimmed."""

    line: int
    cells: list[str]


class Unreadable(NamedTuple):
    """A row that cannot be read: the line on which it begins, and why."""

    line: int
    reason: str


class Lines:
    """Cuts bytes into lines, blank ones too; Malformed for what is no text from its first bytes."""

    def __init__(self) -> None:
        self._number = 0
        self._rest = b""
        self._skipping = False
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that are whole by now."""
        self._rest += chunk
        if not self._begun:
            if len(self._rest) < _LONGEST_MARK:
                return
            self._begin()
        *whole, self._rest = self._rest.split(b"\n")
        for text in whole:
            yield from self._line(text)
        if len(self._rest) > LONGEST and not self._skipping:
            yield Line(self._number + 1, None)
            self._skipping = True
        if self._skipping:
            self._rest = b""

    def end(self) -> Iterator[Line]:
        """The last line, which may have no end."""
        if not self._begun:
            self._begin()
        if self._rest or self._skipping:
            yield from self._line(self._rest)

    def _begin(self) -> None:
        self._begun = True
        for mark, what in _NO_TEXT.items():
            if self._rest.startswith(mark):
                raise Malformed(f"The file is {what}.")
        self._rest = self._rest.removeprefix(_BOM)

    def _line(self, text: bytes) -> Iterator[Line]:
        self._number += 1
        if self._skipping:
            # It was told when it became too long.
            self._skipping = False
        elif len(text) > LONGEST:
            yield Line(self._number, None)
        else:
            yield Line(self._number, text.removesuffix(b"\r"))


class Spreadsheet:
    """Rows of a CSV file, blank ones left out; `charset` is one of `CHARSETS`' values, if told.

    Otherwise the first line beyond ASCII decides: UTF-8 if it is that, else Windows-1252.
    """

    def __init__(self, charset: str | None = None) -> None:
        self._lines = Lines()
        self._charset = charset
        self._separator = ""
        # The row that is not whole yet: its lines, their size, whether they end within quotes.
        self._held: list[tuple[int, str]] = []
        self._size = 0
        self._open = False

    def feed(self, chunk: bytes) -> Iterator[Row | Unreadable]:
        """The rows that are whole by now."""
        for line in self._lines.feed(chunk):
            yield from self._take(line)

    def end(self) -> Iterator[Row | Unreadable]:
        """The rows that are left."""
        for line in self._lines.end():
            yield from self._take(line)
        while self._held:
            (first, _), *rest = self._release()
            yield _unclosed(first)
            for number, text in rest:
                yield from self._join(number, text)

    def _take(self, line: Line) -> Iterator[Row | Unreadable]:
        if line.text == b"" and not self._held:
            return
        if line.text is None:
            yield Unreadable(line.number, f"is above {LONGEST} bytes")
            return
        text = self._decode(line.text)
        if text is None:
            yield Unreadable(line.number, f"is not {self._charset}, as the lines before it are")
        elif self._separator or self._find_separator(text):
            yield from self._join(line.number, text)

    def _decode(self, text: bytes) -> str | None:
        if text.isascii():
            return text.decode()
        if self._charset is None:
            try:
                decoded = text.decode()
            except UnicodeDecodeError:
                self._charset = "cp1252"
            else:
                self._charset = "utf-8"
                return decoded
        try:
            return text.decode(self._charset)
        except UnicodeDecodeError:
            return None

    def _find_separator(self, text: str) -> bool:
        """Take it from the first line that is not blank; whether that line is a row."""
        if text.lower().startswith(_NAMED) and len(text) == len(_NAMED) + 1:
            self._separator = text[-1]
            return False
        if text.strip():
            self._separator = max(_SEPARATORS, key=text.count)
        return bool(self._separator)

    def _join(self, number: int, text: str) -> Iterator[Row | Unreadable]:
        """The rows that are whole with this line."""
        waiting = deque([(number, text)])
        while waiting:
            number, text = waiting.popleft()
            self._held.append((number, text))
            self._size += len(text) + 1
            self._open = _ends_within(text, self._separator, within=self._open)
            if not self._open:
                yield from _row(self._release(), self._separator)
            elif self._size > LONGEST:
                # No row is that long: a quote was left open, and only its line is lost.
                (first, _), *rest = self._release()
                yield _unclosed(first)
                waiting.extendleft(reversed(rest))

    def _release(self) -> list[tuple[int, str]]:
        held, self._held, self._size, self._open = self._held, [], 0, False
        return held


def _unclosed(line: int) -> Unreadable:
    return Unreadable(line, "opens a quote that is never closed")


def _ends_within(text: str, separator: str, *, within: bool) -> bool:
    """Whether a line ends within quotes, when it begins so or not."""
    at = 0
    if not within and text.startswith('"'):
        within, at = True, 1
    while True:
        if within:
            at = text.find('"', at)
            if at < 0:
                return True
            if text.startswith('""', at):
                at += 2
                continue
            within = False
        # A quote is one only where a cell begins.
        at = text.find(separator + '"', at)
        if at < 0:
            return False
        within, at = True, at + 2


def _row(lines: list[tuple[int, str]], separator: str) -> Iterator[Row | Unreadable]:
    number, text = lines[0]
    if len(lines) == 1 and '"' not in text:
        cells = text.split(separator)
    else:
        try:
            cells = next(
                csv.reader([f"{each}\n" for _, each in lines], delimiter=separator, strict=True)
            )
        except csv.Error:
            yield Unreadable(number, "has quotes within a cell that is not quoted as a whole")
            return
    trimmed = [cell.strip() for cell in cells]
    if any(trimmed):
        yield Row(number, trimmed)
