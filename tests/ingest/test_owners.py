"""Whose an address of a list is: shared ones join nobody, and one person's own are taken."""

import pytest

from streamer.errors import TooLarge
from streamer.ingest import owners
from streamer.ingest.owners import Claim, Owners

# A line: the person's own name or None, and addresses, of which the first letter tells the kind.
Line = tuple[str | None, str]
KINDS = {"e": "email", "l": "linkedin", "c": "crm", "v": "lemlist", "t": "phone", "d": "deal"}


def refused(*lines: Line) -> list[int]:
    """The lines that are refused, from 1 on."""
    taken, found = Owners(), []
    for number, (name, addresses) in enumerate(lines, start=1):
        kinds = [(KINDS[each[0]], each) for each in addresses.split()]
        if taken.take(name, [Claim(kind, kind, each) for kind, each in kinds]):
            found.append(number)
    return found


@pytest.mark.parametrize(
    "lines",
    [
        # The same line again, and one that says less.
        [("p1", "e1 t1"), ("p1", "e1 t1"), ("p1", "")],
        [(None, "e1 t1"), (None, "e1"), (None, "t1"), (None, "t1 e1")],
        # A second tool knows more of him, or his name.
        [(None, "e1 t1"), (None, "e1 l1"), (None, "e1 c1")],
        [(None, "e1 t1"), ("p1", "e1"), ("p1", "t1 l1")],
        [("p1", "e1"), (None, "e1 t1"), ("p1", "t1")],
        [(None, "t1"), (None, "t1 e1")],
        [(None, "t1"), ("p1", "t1")],
        # A line for each of his addresses.
        [("p1", "e1"), ("p1", "e2"), ("p1", "t1"), ("p1", "t2")],
        [(None, "e1 e2"), (None, "e2 t1")],
        # Different persons with nothing in common.
        [("p1", "e1 t1"), ("p2", "e2 t2"), (None, "e3 t3"), (None, "t4")],
        # Nothing but names.
        [("p1", ""), ("p2", ""), (None, "")],
    ],
)
def test_what_one_persons_lines_say_is_taken(lines: list[Line]) -> None:
    assert refused(*lines) == []


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        # A switchboard, a number of the company, a deal with several contacts, info@.
        ([("p1", "e1 t1"), ("p2", "e2 t1"), ("p3", "e3 t3")], [2]),
        ([(None, "e1 t1"), (None, "t1 e2")], [2]),
        ([(None, "t1"), (None, "t1 e1"), (None, "t1 e2")], [3]),
        ([("p1", "c1"), ("p2", "c1"), ("p3", "c1")], [2, 3]),
        ([("p1", "d1"), ("p2", "d1")], [2]),
        ([("p1", "e1"), ("p2", "e1")], [2]),
        ([(None, "e1 l1"), (None, "e2 l1")], [2]),
        ([(None, "e1 v1"), (None, "e2 v1")], [2]),
        ([(None, "t1"), ("p1", "t1"), ("p2", "t1")], [3]),
        # Somebody without a name has a number of somebody with one.
        ([("p1", "e1 t1"), (None, "e2 t1")], [2]),
        # Two persons are not made one by a third line.
        ([("p1", "e1"), ("p2", "e2"), (None, "e1 e2")], [3]),
        # The same word in the column that names: bounded.
        ([("p", f"e{number}") for number in range(9)], [5, 6, 7, 8, 9]),
        ([(None, f"e t{number}") for number in range(9)], [5, 6, 7, 8, 9]),
    ],
)
def test_what_several_persons_share_is_refused_from_the_second_line_on(
    lines: list[Line], wrong: list[int]
) -> None:
    assert refused(*lines) == wrong


def test_a_line_at_fault_leaves_nothing_behind() -> None:
    lines: list[Line] = [("p1", "t1"), ("p2", "e2 t1"), ("p3", "e2")]
    assert refused(*lines) == [2]


def test_a_list_of_very_many_addresses_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "MOST", 3)
    with pytest.raises(TooLarge, match="send it in parts"):
        refused(("p1", "e1 t1"), ("p2", "e2"), ("p3", "e3"))
