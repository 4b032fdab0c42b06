"""Which campaign an event that names none belongs to: the rule, and what was decided. Pure.

The rule may give another answer once more is known; what was decided never changes. Links, plans
and their order play no part any more once an event's campaign is among the decisions.
"""

import math
from array import array
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from streamer.errors import DecidedTwice

KEY_BYTES: Final = 16
# So begins a touch that is known by its person alone, since nothing names single ones: there is one
# of them in each campaign.
PERSONAL: Final = "person:"


class Term(NamedTuple):
    """From when until before when a campaign runs, UTC seconds; None: always has, never ends."""

    start: int | None = None
    end: int | None = None

    def holds(self, at: int) -> bool:
        """Whether the campaign runs at this second."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


ALWAYS: Final = Term()


def choose(
    links: Iterable[tuple[str, int | None]], terms: Mapping[str, Term], at: int
) -> str | None:
    """The campaign of an event at `at` of somebody with these links; None if none fits.

    The only campaign is the one. Of several it is the one that contacted last at or before the
    event, in the same second the smallest by name. If none had, it is of those whose plan runs at
    that second the one that started last: one without a start, or without a plan, started before
    all others, and of equals it is the smallest by name.
    """
    known = list(links)
    campaigns = {campaign for campaign, _ in known}
    if len(campaigns) == 1:
        return campaigns.pop()
    contacts = [(moment, campaign) for campaign, moment in known if moment is not None]
    before = [contact for contact in contacts if contact[0] <= at]
    if before:
        last = max(before)[0]
        return min(campaign for moment, campaign in before if moment == last)
    running = {c: terms.get(c, ALWAYS) for c in campaigns if terms.get(c, ALWAYS).holds(at)}
    return min(running, key=lambda c: (_youth(running[c]), c), default=None)


def _youth(term: Term) -> float:
    """The smaller, the later it started."""
    return math.inf if term.start is None else -term.start


def event_key(source: str, identifier: str) -> bytes:
    """What an event is known by among the decisions."""
    return _key("event", source, identifier)


def message_key(source: str, message: str) -> bytes | None:
    """What a vendor's message is known by among the decisions.

    None for a touch that is known by its person alone: it may be of the next campaign already.
    """
    return None if message.startswith(PERSONAL) else _key("message", source, message)


def _key(*parts: str) -> bytes:
    return blake2b(msgspec.json.encode(parts), digest_size=KEY_BYTES).digest()


# So begins what is decided of an event that is passed on; the name of no linked campaign does.
_PASSED: Final = "\0"


def passed_key(source: str, identifier: str, identity: str) -> bytes:
    """What the passing of an event from one identity to another is known by."""
    return _key("passed", source, identifier, identity)


def passing_to(person: str) -> str:
    """What is decided of an event that is passed on to this identity of its person."""
    return _PASSED + person


def receiver(decided: str) -> str | None:
    """To which identity an event is passed on, None if this is a campaign."""
    return decided.removeprefix(_PASSED) if decided.startswith(_PASSED) else None


class Decisions:
    """The campaign that each event, and each vendor's message, was given to.

    Or the identity that an event was passed on to: see `receiver`.
    Kept as columns, in the order in which they were made, and as a mapping to find them by.
    """

    __slots__ = ("_found", "campaigns", "given", "keys", "numbers")

    def __init__(self) -> None:
        self._found: dict[bytes, int] = {}
        self.keys = bytearray()
        self.given = array("I")
        self.campaigns: list[str] = []
        self.numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.given)

    def of(self, key: bytes) -> str | None:
        """The campaign, None if nothing was decided."""
        number = self._found.get(key)
        return None if number is None else self.campaigns[number]

    def make(self, key: bytes, campaign: str) -> int | None:
        """Decide; the row of the decision, None if it was made before.

        DecidedTwice if it was another one.
        """
        number = self.numbers.get(campaign)
        if number is None:
            number = self.numbers[campaign] = len(self.campaigns)
            self.campaigns.append(campaign)
        found = self._found.setdefault(key, number)
        if found != number:
            raise DecidedTwice(
                f"An event was given to the campaigns {self.campaigns[found]} and {campaign}."
            )
        if len(self._found) == len(self.given):
            return None
        self.keys += key
        self.given.append(number)
        return len(self.given) - 1
