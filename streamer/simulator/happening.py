"""What happens in a campaign, as the simulation knows it: an event, and what its teller knows more.

Plain values. The event is what must be counted: whichever vendor tells it, the gateway must make
the same of it, up to ids and what that vendor cannot tell.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

# Begins every `source` of a simulated event; what follows says who tells it.
PREFIX: Final = "/simulator/"


class Contact(NamedTuple):
    """How vendors know a prospect: raw addresses and numbers, which no event may hold."""

    name: str
    email: str
    phone: str
    lead: str
    record: str


class Call(NamedTuple):
    """A call that is over or will be: seconds of ringing and of talk, and when it ends.

    `ends` is in seconds since the campaign began in a moment, in UTC seconds in a happening.
    """

    ends: float
    ringing: int
    talk: int

    @property
    def answers(self) -> float:
        """When somebody answered, if anybody did."""
        return self.ends - self.talk

    @property
    def starts(self) -> float:
        """When it was made."""
        return self.answers - self.ringing


class Moment(NamedTuple):
    """Something that happened: when, and the event without its time.

    `before` is by how many seconds it lies before `at` on the clock: a call takes as long as it
    takes, however fast the campaign goes, so all of it is told when it ends.
    """

    at: float
    event: dict[str, Any]
    contact: Contact | None = None
    call: Call | None = None
    before: int = 0


class Happening(NamedTuple):
    """An event, and when it is told: seconds after the start, below zero for history."""

    due: float
    event: dict[str, Any]
    contact: Contact | None = None
    call: Call | None = None

    @property
    def teller(self) -> str:
        """Who tells it: `mail`, `sms`, `letters` and so on, see `voice.TELLERS`."""
        source: str = self.event["source"]
        return source.removeprefix(PREFIX)


def known(happening: Happening) -> Contact:
    """The contact of whom it is about: whatever a vendor tells is about somebody."""
    if happening.contact is None:
        raise ValueError(f"{happening.event['type']} is about nobody")
    return happening.contact


def seconds_of(event: Mapping[str, Any]) -> int:
    """When an event happened, in UTC seconds."""
    return int(datetime.fromisoformat(event["time"]).timestamp())
