"""Telling what happens to a prospect: events with the names that each source knows.

Owns the shape of the simulated events. Never decides what happens.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from streamer.simulator.campaigns import Channel

SOURCES: Final[Mapping[str, str]] = {
    "email": "/simulator/mailbox",
    "sms": "/simulator/sms",
    "postal": "/simulator/letters",
    "phone": "/simulator/telephony",
    "linkedin": "/simulator/linkedin",
}
CRM: Final = "/simulator/crm"


class Prospect(NamedTuple):
    """A person under the pseudonym of each channel; the mail address is only for the vendor."""

    number: int
    begins: float
    subject: str
    mail: str
    phone: str
    profile: str
    address: str

    def known_on(self, channel: Channel) -> str:
        """The subject that events of the channel carry."""
        names = {"email": self.mail, "sms": self.phone, "phone": self.phone}
        return {**names, "linkedin": self.profile}.get(channel, self.subject)


class Moment(NamedTuple):
    """Something that happened: when, and the event without its time; mails have a recipient."""

    at: float
    event: dict[str, Any]
    address: str | None = None


class Voice:
    """Tells one prospect's events; `moments` holds all that was told, in no order of time."""

    def __init__(self, run: str, campaign: str, prospect: Prospect) -> None:
        self.moments: list[Moment] = []
        self._run = run
        self._campaign = campaign
        self._who = prospect

    def touch(self, at: float, kind: str, touch: str, **facts: object) -> None:
        """An event of a touch, as the channel's source tells it."""
        channel: Any = kind.partition(".")[0]
        address = self._who.address if channel == "email" else None
        names = {"subject": self._who.known_on(channel), "message": touch}
        self._say(at, kind, SOURCES[channel], {**names, "data": facts}, address)

    def reply(self, at: float, kind: str, touch: str, **facts: object) -> None:
        """An event of a touch by whoever knows the touch and not the person."""
        source = SOURCES[kind.partition(".")[0]]
        self._say(at, kind, source, {"message": touch, "data": facts})

    def person(self, at: float, kind: str, **facts: object) -> None:
        """An event of the person, by a channel's source that does not know the touch."""
        channel: Any = kind.partition(".")[0]
        # Mailboxes are read by the CRM, which knows its own pseudonym.
        subject = self._who.subject if channel == "email" else self._who.known_on(channel)
        self._say(at, kind, SOURCES[channel], {"subject": subject, "data": facts})

    def crm(self, at: float, kind: str, message: str | None = None, **facts: object) -> None:
        """An event of the person, by the CRM."""
        names = {"subject": self._who.subject, "message": message}
        self._say(at, kind, CRM, {**names, "data": facts})

    def _say(
        self,
        at: float,
        kind: str,
        source: str,
        optional: Mapping[str, object],
        address: str | None = None,
    ) -> None:
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{self._run}-{self._who.subject}-{len(self.moments)}",
            "source": source,
            "type": kind,
            "campaign": self._campaign,
        }
        event |= {name: value for name, value in optional.items() if value}
        self.moments.append(Moment(at, event, address))
