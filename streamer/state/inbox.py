"""The events of one partition of `inbound`, which name a person and no campaign.

The seam between the pure rules and the engine: takes events, links and plans, gives events with
their campaign and records to be written. Does no I/O and knows no clock.

An event arrives; then it is given to a campaign, or waits; once the decision is stored it is due;
once it was forwarded nothing but the decision is left of it.
"""

from array import array
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from streamer.identity.aliases import Aliases, Name
from streamer.identity.decisions import Decisions, choose, passing_to, receiver
from streamer.identity.links import Links
from streamer.state import inbox_blocks as blocks
from streamer.state.ledger import Epoch, Ledger, Section, Table, TableRecord
from streamer.state.money import Plan
from streamer.state.plans import Plans
from streamer.state.waiting import Arrival, Waiting, read_waiting

DEFAULT_PAGE_ROWS: Final = 256
# All of an inbox is one book of the ledger.
_BOOK: Final = ""
_LINKS, _DECISIONS, _PLANS, _ALIASES = range(4)


class Given(NamedTuple):
    """An event and what was decided of it: its campaign, or whom it is passed on to."""

    decided: str
    arrival: Arrival

    @property
    def receiver(self) -> str | None:
        """The identity as whose it is to be judged; None where `decided` is its campaign."""
        return receiver(self.decided)


_SECTIONS: Final[tuple[Section["Inbox"], ...]] = (
    Section(
        "links",
        lambda inbox: len(inbox.links),
        lambda inbox, rows: blocks.links_block(inbox.links, rows),
    ),
    Section(
        "decisions",
        lambda inbox: len(inbox.decisions),
        lambda inbox, rows: blocks.decisions_block(inbox.decisions, rows),
    ),
    Section(
        "links",
        lambda inbox: len(inbox.plans.plans),
        lambda i, rows: blocks.PlansBlock(i.plans.of_rows(rows)),
    ),
    Section(
        "links",
        lambda inbox: len(inbox.aliases),
        lambda inbox, rows: blocks.AliasesBlock(inbox.aliases.of_rows(rows)),
    ),
)


class Inbox:
    """What one partition of `inbound` and `identities` has told, and what was decided.

    `found_epoch` is the greatest epoch number that recovery found; `epoch` is to be set, greater,
    before the first records are written.
    """

    def __init__(self, epoch: Epoch, page_rows: int = DEFAULT_PAGE_ROWS) -> None:
        self.found_epoch = 0
        self.links: Links = Links()
        self.decisions: Decisions = Decisions()
        self.plans: Plans = Plans()
        self.aliases: Aliases = Aliases()
        self.waiting: Waiting = Waiting()
        self._arrived: deque[Arrival] = deque()
        self._queue: deque[tuple[int, Arrival]] = deque()
        # Those who wait and of whom there is news; then with the place that must be known first.
        self._news: set[str] = set()
        self._ripe: dict[str, int] = {}
        self._given: list[Given] = []
        self._being_stored: list[Given] = []
        self._due: list[Given] = []
        # Rows of each section that the ledger does not know of yet.
        self._moved = [array("q") for _ in _SECTIONS]
        self._ledger = Ledger({_BOOK: self}, _SECTIONS, epoch, page_rows)

    @property
    def epoch(self) -> Epoch:
        """Under which the partition's records are written."""
        return self._ledger.epoch

    @epoch.setter
    def epoch(self, epoch: Epoch) -> None:
        self._ledger.epoch = epoch

    # What comes in.

    def arrive(self, arrival: Arrival) -> None:
        """Take an event; what becomes of it waits for `decide`."""
        self._arrived.append(arrival)

    def link(self, identity: str, campaign: str, at: int | None) -> None:
        """Join a link."""
        row = self.links.join(identity, campaign, at)
        if row is not None:
            self._moved[_LINKS].append(row)
            if self.waiting.of_identity(identity):
                self._news.add(identity)

    def alias(self, identity: str, name: Name) -> None:
        """Join by which name the person of an identity is known."""
        row = self.aliases.join(identity, name)
        if row is not None:
            self._moved[_ALIASES].append(row)
            if self.waiting.of_identity(identity):
                self._news.add(identity)

    def plan(self, campaign: str, plan: Plan) -> None:
        """Join a plan."""
        row = self.plans.join(campaign, plan)
        if row is not None:
            self._moved[_PLANS].append(row)
            self._news.update(self.waiting.identities())

    def expect(self, end: int) -> None:
        """What has come so far is judged once `identities` is known up to this offset.

        So all that was stored there before an event came plays its part, whichever of the two
        topics is read faster.
        """
        self._queue.extend((end, arrival) for arrival in self._arrived)
        self._arrived.clear()
        for identity in self._news:
            self._ripe.setdefault(identity, end)
        self._news.clear()

    # What is decided.

    def decide(self, known_to: int, most: int) -> None:
        """Judge at most so many events, `identities` being known up to this offset."""
        for identity in [name for name, end in self._ripe.items() if end <= known_to]:
            del self._ripe[identity]
            for arrival in self.waiting.of_identity(identity):
                # It may have followed another one by now.
                if arrival in self.waiting:
                    self._judge(arrival)
        while self._queue and self._queue[0][0] <= known_to and most > 0:
            self._judge(self._queue.popleft()[1])
            most -= 1

    def _judge(self, arrival: Arrival) -> None:
        decided = (
            self._decided(arrival)
            or choose(self.links.of(arrival.identity), self.plans.terms, arrival.at)
            or self._passing(arrival.identity)
        )
        if decided is None:
            self.waiting.add(arrival)
            return
        self.waiting.give(arrival)
        if receiver(decided) is None:
            self._give(arrival, decided)
        else:
            self._decide(arrival.passed_by, decided)
            self._given.append(Given(decided, arrival))

    def _decided(self, arrival: Arrival) -> str | None:
        keys = (arrival.passed_by, *arrival.decided_by)
        return next(filter(None, map(self.decisions.of, keys)), None)

    def _passing(self, identity: str) -> str | None:
        """What is decided of somebody's event whose campaigns are known under another name."""
        person = self.aliases.of(identity)
        return passing_to(person) if person else None

    def _give(self, arrival: Arrival, campaign: str) -> None:
        """Give it to its campaign, and with it all that waits and is to follow it."""
        leaving = deque([arrival])
        while leaving:
            one = leaving.popleft()
            self._given.append(Given(campaign, one))
            for key in one.decided_by:
                if self.decisions.of(key) is None:
                    self._decide(key, campaign)
                    followers = self.waiting.of_decision(key)
                    for follower in followers:
                        self.waiting.give(follower)
                    leaving += followers

    def _decide(self, key: bytes, campaign: str) -> None:
        row = self.decisions.make(key, campaign)
        if row is not None:
            self._moved[_DECISIONS].append(row)

    # What is to be done.

    @property
    def unjudged(self) -> int:
        """How many events came and were not judged yet."""
        return len(self._arrived) + len(self._queue)

    @property
    def first_unjudged(self) -> int | None:
        """Where the first of them stands in `inbound`; None if there is none."""
        if self._queue:
            return self._queue[0][1].offset
        return self._arrived[0].offset if self._arrived else None

    @property
    def busy(self) -> bool:
        """Whether anything is to be judged, stored as decided, or forwarded."""
        to_judge = self._arrived or self._queue or self._news or self._ripe
        return bool(to_judge or self._given or self._due)

    def checkpoint(self) -> list[TableRecord]:
        """All that is not yet stored, as records; then `written` must be called before the next."""
        self._being_stored, self._given = self._given, []
        for section, rows in enumerate(self._moved):
            self._ledger.note(_BOOK, section, rows)
            self._moved[section] = array("q")
        return [*self._ledger.records(), *self.waiting.records()]

    def written(self) -> None:
        """All records of the last checkpoint are stored for good: what they decided is due."""
        self._ledger.written()
        self._due += self._being_stored
        self._being_stored = []

    def due(self) -> Sequence[Given]:
        """What is to be forwarded now, its decision being stored."""
        return tuple(self._due)

    def forwarded(self, given: Sequence[Given]) -> None:
        """These, the first of what was due, are acknowledged."""
        for one in given:
            self.waiting.forwarded(one.arrival)
        del self._due[: len(given)]

    # What is found at recovery.

    def restore(self, table: Table, key: bytes, value: bytes | None) -> None:
        """Join the last record under a key of a table's changelog; in any order."""
        if table == "waiting":
            if value is not None:
                self.waiting.add(read_waiting(value), stored=True)
            return
        self.found_epoch = max(self.found_epoch, int(msgspec.json.decode(key)[0]))
        rows = None
        if value is not None:
            rows = sum(self._join(block) for block in blocks.decode_blocks(value))
        self._ledger.found(table, key, rows)

    def restored(self) -> None:
        """All records were restored: what was given to a campaign may not have been forwarded."""
        self._ledger.recovered()
        arrivals = self.waiting.all()
        self.waiting = Waiting()
        for arrival in arrivals:
            self.waiting.add(arrival, stored=True)
            decided = self._decided(arrival)
            if decided is not None:
                self.waiting.give(arrival)
                self._due.append(Given(decided, arrival))
        self._news.update(self.waiting.identities())

    def _join(self, block: blocks.Block) -> int:
        match block:
            case blocks.LinksBlock():
                return blocks.join_links(self.links, block)
            case blocks.DecisionsBlock():
                return blocks.join_decisions(self.decisions, block)
            case blocks.AliasesBlock():
                for identity, name in block.rows:
                    self.aliases.join(identity, name)
                return len(block.rows)
            case blocks.PlansBlock():
                for campaign, plan in block.rows:
                    self.plans.join(campaign, plan)
                return len(block.rows)
