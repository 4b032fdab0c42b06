"""One partition of events that name a person: its inbox, its journal, its places in both topics."""

from typing import Any

from streamer.errors import UnreadableRecord
from streamer.identity.aliases import Name
from streamer.processing.journal import Journal
from streamer.processing.letters import SetAside
from streamer.processing.people import read_arrival, read_identities
from streamer.processing.place import Place
from streamer.state import Inbox
from streamer.transport.people import IDENTITIES, INBOUND, Alias, CampaignPlan, Link


class Desk:
    """One partition of `inbound` and `identities`: what it knows, and where it stands in both.

    `live`: records may be taken.
    """

    def __init__(self, number: int, inbox: Inbox, journal: Journal) -> None:
        self.inbox = inbox
        self.journal = journal
        stored = inbox.found_epoch > 0 or len(inbox.waiting) > 0
        self.inbound = Place(INBOUND, number, stored=stored)
        self.identities = Place(IDENTITIES, number, stored=stored)
        self.live = False

    @property
    def number(self) -> int:
        """The partition."""
        return self.inbound.number

    def covered(self) -> dict[Place, int]:
        """To where each place is covered by what the inbox would store now."""
        first = self.inbox.first_unjudged
        places = {
            self.inbound: self.inbound.next_offset if first is None else first,
            self.identities: self.identities.next_offset,
        }
        return {place: offset for place, offset in places.items() if offset is not None}

    def take(self, place: Place, record: Any) -> list[SetAside]:  # noqa: ANN401 - aiokafka's
        """Take a record of one of the places; what of it is not taken."""
        return self._arrival(record) if place is self.inbound else self._identities_of(record)

    def _arrival(self, record: Any) -> list[SetAside]:  # noqa: ANN401
        try:
            self.inbox.arrive(read_arrival(record))
        except UnreadableRecord as error:
            return [SetAside(record, None, str(error), None)]
        return []

    def _identities_of(self, record: Any) -> list[SetAside]:  # noqa: ANN401
        letters = []
        for found in read_identities(record):
            match found:
                case Link():
                    self.inbox.link(found.identity, found.campaign, found.at)
                case Alias():
                    self.inbox.alias(found.identity, Name(found.at, found.person))
                case CampaignPlan():
                    self.inbox.plan(found.campaign, found.plan)
                case SetAside():
                    letters.append(found)
        return letters
