"""Who belongs to which campaign, and when each campaign contacted whom. Pure.

Evidence: links are never taken back, so any order and repetition of them give the same. Kept small,
since there is an entry for every address that was ever written to.
"""

import struct
from collections.abc import Iterator
from typing import Final

# A campaign's number and the second of a contact; the second is 0 when only a list tells of it.
_PAIR: Final = struct.Struct("=II")
_LISTED: Final = 0
# The latest contacts of one identity by one campaign that are kept. Nobody is written to so often:
# it bounds what an address that is no person can cost.
MOST_CONTACTS: Final = 256


class Links:
    """The campaigns of each identity.

    Identities are numbered in the order of their coming, and so are `campaigns`. `identities`
    and `pairs` are columns: what is known of the identity with a number is at that place.
    """

    __slots__ = ("campaigns", "identities", "numbers", "pairs", "rows")

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.identities: list[str] = []
        self.pairs: list[bytes] = []
        self.campaigns: list[str] = []
        self.numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.identities)

    def campaign(self, name: str) -> int:
        """The number of a campaign, a new one if it is not known yet."""
        number = self.numbers.get(name)
        if number is None:
            number = self.numbers[name] = len(self.campaigns)
            self.campaigns.append(name)
        return number

    def join(self, identity: str, campaign: str, at: int | None) -> int | None:
        """Join a link; the number of the identity if it told anything new, else None.

        `at` is when the campaign contacted the identity, UTC seconds; None when it only belongs.
        """
        return self.join_pairs(identity, _PAIR.pack(self.campaign(campaign), at or _LISTED))

    def join_pairs(self, identity: str, pairs: bytes) -> int | None:
        """Join what is stored of an identity, in the numbers of these campaigns; see `join`."""
        row = self.rows.get(identity)
        if row is None:
            row = self.rows[identity] = len(self.identities)
            self.identities.append(identity)
            self.pairs.append(pairs)
            return row
        known = self.pairs[row]
        if known.endswith(pairs):
            return None
        joined = known + pairs if _is_next(known, pairs) else _union(known, pairs)
        if joined == known:
            return None
        self.pairs[row] = joined
        return row

    def of(self, identity: str) -> Iterator[tuple[str, int | None]]:
        """The links of an identity: each campaign with the moments of its contacts, or None."""
        row = self.rows.get(identity)
        if row is not None:
            for number, at in _PAIR.iter_unpack(self.pairs[row]):
                yield self.campaigns[number], at or None


def _is_next(known: bytes, pairs: bytes) -> bool:
    """Whether a contact is a later one of the same campaign than the last known: the usual news."""
    if len(pairs) != _PAIR.size or len(known) >= MOST_CONTACTS * _PAIR.size:
        return False
    (last, before), (number, at) = _PAIR.unpack(known[-_PAIR.size :]), _PAIR.unpack(pairs)
    return bool(last == number and _LISTED < before < at)


def _union(one: bytes, other: bytes) -> bytes:
    """Both, in order; a campaign with contacts needs no word that it is listed."""
    contacts: dict[int, set[int]] = {}
    for pairs in (one, other):
        for number, at in _PAIR.iter_unpack(pairs):
            contacts.setdefault(number, set()).add(at)
    return b"".join(
        _PAIR.pack(number, at)
        for number, moments in sorted(contacts.items())
        for at in sorted(moments)[-MOST_CONTACTS:]
        if at != _LISTED or len(moments) == 1
    )
