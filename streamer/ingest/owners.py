"""Whose each address of a list is, so that one that several persons share joins none of them. Pure.

Links are never taken back: two persons who were made one stay one. So the second line in which an
address is somebody else's is refused, and so is what only one person in very many addresses could
explain. Owns nothing beyond one request.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from streamer.errors import TooLarge

# A person's lines with something new in each: his mail address, profile, mobile and direct line, a
# line for each. More come of a word or a shared address in the column that names the persons.
_MOST_LINES: Final = 4
# Addresses that a list may have; each takes some 150 bytes until its end.
MOST: Final = 500_000
# Which address names a person without an id: the least. A phone number (a switchboard's) and a deal
# (of several contacts) are shared more often than a mail address.
_NAMING: Final = {"email": 0, "linkedin": 1, "crm": 2, "phone": 4, "deal": 5}
_OWN_ID: Final = 3
_OTHERS_TOO: Final = (
    "stands in a line of somebody else too: give both lines the same id if they are one person, "
    "else leave it out"
)
_TOO_MANY: Final = (
    f"joins more than {_MOST_LINES} lines with other addresses each: give each person an id of his "
    "own, and leave out what several share"
)


class Claim(NamedTuple):
    """An identity that a line holds: its column's name, its kind, itself."""

    column: str
    kind: str
    identity: str


class Owners:
    """The persons of one list, each by the first name that he had.

    A switchboard's number would be right for nobody: which of the lines that have it is called
    through it is not known. So there is no number of lines up to which sharing is taken.
    """

    def __init__(self) -> None:
        # Hashes of names and identities: they take half of the memory.
        self._of: dict[int, int] = {}
        self._lines: Counter[int] = Counter()

    def take(self, name: str | None, claims: Sequence[Claim]) -> tuple[str, str] | None:
        """Note whose the identities of a line are; None, or the column at fault and the reason.

        `name` is the person's own, if the line has one. A line at fault leaves nothing behind.
        """
        if not claims:
            return None
        naming = min(claims, key=lambda claim: _NAMING.get(claim.kind, _OWN_ID))
        person = self._first(hash(naming.identity if name is None else name))
        fresh: list[int] = []
        for claim in claims:
            key = hash(claim.identity)
            owner = self._first(key)
            # Known to nobody, or so far the only name of somebody.
            if owner == key and (key != person or key not in self._of):
                fresh.append(key)
            elif owner != person:
                return claim.column, _OTHERS_TOO
        lines = 1 + self._lines[person] + sum(self._lines[key] for key in fresh if key != person)
        if fresh and lines > _MOST_LINES:
            return naming.column, _TOO_MANY
        self._note(person, fresh, lines)
        return None

    def _note(self, person: int, fresh: Sequence[int], lines: int) -> None:
        if len(self._of) + len(fresh) > MOST:
            raise TooLarge(f"The list has more than {MOST} addresses: send it in parts.")
        self._of.update(dict.fromkeys(fresh, person))
        if any(key != person for key in fresh):
            self._lines[person] = lines

    def _first(self, key: int) -> int:
        """The person whose an identity is: itself when no other is known for it."""
        while (owner := self._of.get(key, key)) != key:
            key = owner
        return key
