"""By which name somebody is known who is also called otherwise. Pure.

Evidence: a name is never taken back, and of several the one told last stands, so any order and
repetition of them give the same.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Name(NamedTuple):
    """From when a name is told, UTC seconds, and the identity that a person is known by."""

    at: int
    person: str


class Aliases:
    """The name of each identity that has one, in the order of their coming."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._names: list[tuple[str, Name]] = []

    def __len__(self) -> int:
        return len(self._names)

    def of(self, identity: str) -> str | None:
        """By which identity its person is known, None if by none other."""
        row = self._rows.get(identity)
        return None if row is None else self._names[row][1].person

    def join(self, identity: str, name: Name) -> int | None:
        """Join a name; its row if it stands, else None."""
        row = self._rows.setdefault(identity, len(self._names))
        if row == len(self._names):
            self._names.append((identity, name))
        elif name <= self._names[row][1]:
            return None
        self._names[row] = identity, name
        return row

    def of_rows(self, rows: Sequence[int]) -> list[tuple[str, Name]]:
        """Identities and their names, as they are to be stored."""
        return [self._names[row] for row in rows]
