"""Telling what happens to a prospect: events with the names that each teller knows.

Owns the shape of the simulated events. Never decides what happens.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from streamer.simulator.campaigns import Channel
from streamer.simulator.happening import PREFIX, Call, Contact, Moment

# Who tells of the touches of a channel.
TELLERS: Final[Mapping[Channel, str]] = {
    "email": "mail",
    "sms": "sms",
    "postal": "letters",
    "phone": "telephony",
    "linkedin": "linkedin",
}
# Who reads the replies that no vendor tells, and who tells of persons rather than of touches.
MAILBOX: Final = "mailbox"
MAILROOM: Final = "mailroom"
QUESTIONS: Final = "questions"
BOOKINGS: Final = "bookings"
SECRETARY: Final = "secretary"
DEALS: Final = "deals"
LISTS: Final = "lists"
_READERS: Final[Mapping[str, str]] = {"email": MAILBOX, "postal": MAILROOM}


class Prospect(NamedTuple):
    """A person: his own pseudonym, and the identities under which tellers name him."""

    number: int
    begins: float
    subject: str
    mail: str
    phone: str
    lead: str
    record: str
    contact: Contact

    def known_on(self, channel: Channel) -> str:
        """The subject that events of the channel carry."""
        names = {"email": self.mail, "sms": self.phone, "phone": self.phone}
        return {**names, "linkedin": self.lead}.get(channel, self.subject)


class Voice:
    """Tells one prospect's events; `moments` holds all that was told, in no order of time."""

    def __init__(self, run: str, campaign: str, prospect: Prospect) -> None:
        self.moments: list[Moment] = []
        self._run = run
        self._campaign = campaign
        self._who = prospect

    def touch(self, at: float, kind: str, touch: str, **facts: object) -> None:
        """An event of a touch, as the channel's vendor tells it."""
        self._say(at, kind, TELLERS[_channel(kind)], self._named(kind, touch, facts))

    def call(
        self, at: float, kind: str, touch: str, call: Call, before: int = 0, **facts: object
    ) -> None:
        """An event of a call, that many seconds before `at`."""
        self._say(at, kind, TELLERS["phone"], self._named(kind, touch, facts), call, before)

    def questions(self, at: float, touch: str, key_answers: int) -> None:
        """How many key questions a call answered, as the rep's own form tells it."""
        facts = {"key_answers": key_answers}
        self._say(at, "phone.completed", QUESTIONS, {"message": touch, "data": facts})

    def reply(self, at: float, kind: str, touch: str, **facts: object) -> None:
        """A reply by whoever reads it and knows the touch, not the person."""
        self._say(at, kind, _READERS[_channel(kind)], {"message": touch, "data": facts})

    def person(self, at: float, kind: str, **facts: object) -> None:
        """An event of the person by whoever reads replies and does not know the touch."""
        channel = _channel(kind)
        # Letters and mails are read by somebody who knows the prospect's own pseudonym.
        teller = _READERS.get(channel, TELLERS[channel])
        subject = self._who.subject if channel in _READERS else self._who.known_on(channel)
        self._say(at, kind, teller, {"subject": subject, "data": facts})

    def meeting(self, at: float, kind: str, message: str | None = None, **facts: object) -> None:
        """A meeting as the booking page tells it."""
        names = {"subject": self._who.subject, "message": message}
        self._say(at, kind, BOOKINGS, {**names, "data": facts})

    def noted(self, at: float, kind: str) -> None:
        """What somebody notes by hand of the person."""
        self._say(at, kind, SECRETARY, {"subject": self._who.subject})

    def deal(self, at: float, kind: str) -> None:
        """What a deal of the person came to, as the CRM tells it."""
        self._say(at, kind, DEALS, {"subject": self._who.record})

    def listed(self, at: float) -> None:
        """Under which identities the person is known, as the prospect list says."""
        names = [self._who.mail, self._who.phone, self._who.lead, self._who.record]
        subject = {"subject": self._who.subject, "data": {"identities": names}}
        self._say(at, "prospect.linked", LISTS, subject)

    def _named(self, kind: str, touch: str, facts: Mapping[str, object]) -> Mapping[str, object]:
        return {"subject": self._who.known_on(_channel(kind)), "message": touch, "data": facts}

    def _say(
        self,
        at: float,
        kind: str,
        teller: str,
        optional: Mapping[str, object],
        call: Call | None = None,
        before: int = 0,
    ) -> None:
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{self._run}-{self._who.subject}-{len(self.moments)}",
            "source": PREFIX + teller,
            "type": kind,
            "campaign": self._campaign,
        }
        event |= {name: value for name, value in optional.items() if value}
        self.moments.append(Moment(at, event, self._who.contact, call, before))


def _channel(kind: str) -> Any:  # noqa: ANN401 - one of the channels, by the table of types
    return kind.partition(".")[0]
