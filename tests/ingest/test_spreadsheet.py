"""Tables as they are exported: every habit is read, and a bad row costs no good one."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.errors import Malformed
from streamer.ingest.spreadsheet import LONGEST, Line, Lines, Row, Spreadsheet, Unreadable

BOM = b"\xef\xbb\xbf"


def read(
    content: bytes, charset: str | None = None, size: int | None = None
) -> list[Row | Unreadable]:
    sheet = Spreadsheet(charset)
    step = size or max(len(content), 1)
    found = [
        each for at in range(0, len(content), step) for each in sheet.feed(content[at : at + step])
    ]
    return found + list(sheet.end())


def cells(content: bytes, charset: str | None = None) -> list[list[str]]:
    return [row.cells for row in read(content, charset) if isinstance(row, Row)]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_first_line_tells_the_separator(separator: str) -> None:
    content = f"id{separator}email{separator}tel\r\n1{separator}a;b,c{separator}2\r\n"
    first, *_ = cells(content.encode())
    assert first == ["id", "email", "tel"]


def test_excel_may_name_the_separator_itself() -> None:
    assert cells(b"sep=,\r\na;b,c\r\n") == [["a;b", "c"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("é;ÿ\n€;œ\n".encode(), ["é", "ÿ"]),
        (BOM + "é;ÿ\n€;œ\n".encode(), ["é", "ÿ"]),
        ("é;ÿ\n€;œ\n".encode("cp1252"), ["é", "ÿ"]),
    ],
)
def test_the_encoding_is_found(content: bytes, said: list[str]) -> None:
    assert cells(content) == [said, ["€", "œ"]]


def test_once_it_is_known_the_encoding_does_not_change() -> None:
    mixed = "é;1\n".encode() + "è;2\n".encode("cp1252") + b"e;3\n"
    assert read(mixed) == [
        Row(1, ["é", "1"]),
        Unreadable(2, "is not utf-8, as the lines before it are"),
        Row(3, ["e", "3"]),
    ]


def test_what_is_told_of_the_encoding_holds() -> None:
    assert cells(b"\xc3\xa9;1\n", "cp1252") == [["Ã©", "1"]]
    assert cells(b"\xa4;1\n", "iso8859-15") == [["€", "1"]]
    assert isinstance(read(b"\xe9;1\n", "utf-8")[0], Unreadable)


def test_quoted_cells_hold_separators_quotes_and_line_breaks() -> None:
    content = b'a;b\r\n"1;""x""\r\n2";3\r\n4;5" pouces\r\n'
    assert read(content) == [
        Row(1, ["a", "b"]),
        Row(2, ['1;"x"\n2', "3"]),
        Row(4, ["4", '5" pouces']),
    ]


def test_empty_columns_and_blank_rows_are_passed_over() -> None:
    assert read(b"a;b;;\n\n;;;\n1;2;;\n") == [
        Row(1, ["a", "b", "", ""]),
        Row(4, ["1", "2", "", ""]),
    ]


def test_a_quote_that_is_never_closed_costs_its_line_alone() -> None:
    found = read(b'a;b\n1;"2\n3;4\n5;6\n')
    assert found == [
        Row(1, ["a", "b"]),
        Unreadable(2, "opens a quote that is never closed"),
        Row(3, ["3", "4"]),
        Row(4, ["5", "6"]),
    ]
    many = b'a;b\n1;"2\n' + b"3;4\n" * LONGEST
    assert len([each for each in read(many) if isinstance(each, Row)]) == LONGEST + 1


def test_quotes_that_make_no_sense_cost_their_line_alone() -> None:
    found = read(b'a;b\n"x" y;2\n3;4\n')
    assert found[1:] == [
        Unreadable(2, "has quotes within a cell that is not quoted as a whole"),
        Row(3, ["3", "4"]),
    ]


def test_a_line_without_end_is_told_once_and_not_held() -> None:
    sheet = Spreadsheet()
    found = list(sheet.feed(b"a;b\n"))
    for _ in range(100):
        found += sheet.feed(b"x" * LONGEST)
        assert len(sheet._lines._rest) <= LONGEST
    found += sheet.feed(b"\n1;2\n")
    assert found == [
        Row(1, ["a", "b"]),
        Unreadable(2, f"is above {LONGEST} bytes"),
        Row(3, ["1", "2"]),
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04...", "Excel workbook: save it as CSV"),
        ("a;b".encode("utf-16"), "in UTF-16"),
        (b"\x1f\x8b....", "compressed"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(content: bytes, what: str) -> None:
    with pytest.raises(Malformed, match=what):
        read(content)


TEXTS = st.text(st.sampled_from('a1é"; ,\n'), max_size=6)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=6), st.integers(1, 7))
def test_what_a_writer_of_csv_wrote_is_read_however_it_arrives(
    rows: list[list[str]], size: int
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([["k1", "k2"], *rows])
    expected = [[cell.strip() for cell in row] for row in rows]
    found = read(out.getvalue().encode(), size=size)
    assert [row.cells for row in found if isinstance(row, Row)][1:] == [
        row for row in expected if any(row)
    ]
    assert not [each for each in found if isinstance(each, Unreadable)]


@given(st.binary(max_size=200), st.integers(1, 9))
def test_any_bytes_are_read_the_same_however_they_arrive(content: bytes, size: int) -> None:
    def outcome(step: int | None) -> object:
        try:
            return read(content, size=step)
        except Malformed as error:
            return str(error)

    assert outcome(None) == outcome(size)


def test_lines_are_counted_with_the_blank_ones() -> None:
    lines = Lines()
    found = [*lines.feed(b"aaaa\r\n\nb"), *lines.end()]
    assert found == [Line(1, b"aaaa"), Line(2, b""), Line(3, b"b")]
