"""What is stored of rows, whatever their size, and wherever a writer is cut off."""

from collections.abc import Sequence
from unittest.mock import patch

import msgspec
import pytest

from streamer.state import ledger
from streamer.state.ledger import Epoch, Ledger, Section


class Block(msgspec.Struct, array_like=True):
    rows: list[tuple[int, str]]


Book = list[str]

SECTIONS = (
    Section[Book]("links", len, lambda book, rows: Block([(row, book[row]) for row in rows])),
)


def read(stored: dict[bytes, bytes]) -> dict[int, set[str]]:
    """Everything that any record says of a row: evidence is joined."""
    found: dict[int, set[str]] = {}
    for value in stored.values():
        for block in msgspec.msgpack.decode(value, type=list[Block]):
            for row, text in block.rows:
                found.setdefault(row, set()).add(text)
    return found


@pytest.mark.parametrize("cut_off", range(8))
def test_a_page_that_is_written_anew_in_smaller_parts_loses_nothing(cut_off: int) -> None:
    book: Book = ["a" * 60 for _ in range(8)]
    stored: dict[bytes, bytes] = {}

    def write(rows: Sequence[int], most: int) -> None:
        one.note("", 0, rows)
        for _, key, value in one.records()[:most]:
            assert value is not None
            stored[key] = value
        one.written()

    with patch.object(ledger, "_LARGEST_VALUE", 400):
        one = Ledger({"": book}, SECTIONS, Epoch(1, 1), page_rows=8)
        write(range(8), most=100)
        assert set(read(stored)) == set(range(8))
        book[:] = ["b" * 150 for _ in range(8)]
        write(range(8), most=cut_off)
        assert all("a" * 60 in found or "b" * 150 in found for found in read(stored).values())
        assert set(read(stored)) == set(range(8))
