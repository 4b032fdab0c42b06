"""The decisions of an inbox, against a reference that looks at everything for every event."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.identity.aliases import Name
from streamer.identity.identities import Identities
from streamer.processing.people import read_arrival, read_identities, records_of
from streamer.state import Epoch, Given, Inbox, TableRecord
from streamer.transport.people import INBOUND, Alias, CampaignPlan, Link
from tests.identity.reference import campaigns_of
from tests.identity.world import JSON, World, world

seeds = st.integers(0, 2**32)


def tell(inbox: Inbox, entries: Sequence[JSON]) -> None:
    record: Any = SimpleNamespace(offset=0, key=None, value=json.dumps(entries).encode())
    for found in read_identities(record):
        match found:
            case Link():
                inbox.link(found.identity, found.campaign, found.at)
            case Alias():
                inbox.alias(found.identity, Name(found.at, found.person))
            case CampaignPlan():
                inbox.plan(found.campaign, found.plan)
            case _:
                raise AssertionError(found)


def arrive(inbox: Inbox, offset: int, event: JSON) -> None:
    record: Any = SimpleNamespace(
        offset=offset,
        key=event["subject"].encode(),
        value=json.dumps(event).encode(),
        timestamp=0,
    )
    inbox.arrive(read_arrival(record))


def settle(inbox: Inbox, stored: dict[Any, bytes | None] | None = None) -> dict[str, str]:
    """Decide everything and store it; what is due, by id."""
    return {one.arrival.id: one.decided for one in settle_all(inbox, stored)}


def settle_all(inbox: Inbox, stored: dict[Any, bytes | None] | None = None) -> Sequence[Given]:
    """Decide everything and store it; what is due, as often as it is."""
    inbox.expect(0)
    inbox.decide(0, 1_000_000)
    store(inbox.checkpoint(), stored)
    inbox.written()
    due = inbox.due()
    inbox.forwarded(due)
    return due


def store(records: Sequence[TableRecord], stored: dict[Any, bytes | None] | None) -> None:
    for table, key, value in records:
        if stored is not None:
            stored[table, key] = value


def recovered(stored: dict[Any, bytes | None], number: int = 2) -> Inbox:
    inbox = Inbox(Epoch(0, 0), 4)
    for (table, key), value in stored.items():
        inbox.restore(table, key, value)
    inbox.restored()
    assert inbox.found_epoch < number
    inbox.epoch = Epoch(number, 7)
    return inbox


def entries_of(one: World, chance: random.Random) -> list[JSON]:
    """Links and plans in any order, some of them twice."""
    entries = [*one.links, *({"plan": plan} for plan in one.plans)]
    entries += chance.sample(entries, len(entries) // 3)
    chance.shuffle(entries)
    return entries


@given(seeds)
def test_what_is_known_before_decides_in_whatever_order_it_came(seed: int) -> None:
    one = world(seed, 6, 25)
    chance = random.Random(seed)
    inbox = Inbox(Epoch(1, 1), 4)
    entries = entries_of(one, chance)
    while entries:
        cut = chance.randint(1, len(entries))
        tell(inbox, entries[:cut])
        entries = entries[cut:]
        settle(inbox)
    due: dict[str, str] = {}
    for offset, event in enumerate(one.events):
        arrive(inbox, offset, event)
        if chance.random() < 0.3:
            due |= settle(inbox)
    due |= settle(inbox)
    expected = campaigns_of(one.events, one.links, one.plans)
    assert due == {name: campaign for name, campaign in expected.items() if campaign}
    assert len(inbox.waiting) == sum(campaign is None for campaign in expected.values())


@given(seeds)
def test_a_replay_from_any_point_repeats_every_decision(seed: int) -> None:
    one = world(seed, 6, 25)
    chance = random.Random(seed)
    stored: dict[Any, bytes | None] = {}
    inbox = Inbox(Epoch(1, 1), 4)
    decided: dict[str, str] = {}
    entries = entries_of(one, chance)
    news = [*(("told", entry) for entry in entries), *(("event", event) for event in one.events)]
    chance.shuffle(news)
    number, place, stored_to = 1, 0, 0
    while place < len(news):
        kind, what = news[place]
        tell(inbox, [what]) if kind == "told" else arrive(inbox, place, what)
        place += 1
        if chance.random() < 0.3:
            for name, campaign in settle(inbox, stored).items():
                assert decided.setdefault(name, campaign) == campaign
            stored_to = place
        if chance.random() < 0.1:
            # Killed: what was not stored is gone, and reading goes on somewhere before that.
            number += 1
            inbox = recovered(stored, number)
            place = stored_to = chance.randint(0, stored_to)
    for name, campaign in settle(inbox, stored).items():
        assert decided.setdefault(name, campaign) == campaign
    for what in one.events:
        arrive(inbox, 0, what)
    again = settle(inbox, stored)
    assert again == decided
    waiting = {arrival.id for arrival in inbox.waiting.all()}
    assert waiting.isdisjoint(decided)
    assert waiting | set(decided) == {event["id"] for event in one.events}


@given(seeds)
def test_what_was_decided_and_not_forwarded_is_due_again_after_a_kill(seed: int) -> None:
    one = world(seed, 6, 25)
    inbox = Inbox(Epoch(1, 1), 4)
    stored: dict[Any, bytes | None] = {}
    for offset, event in enumerate(one.events):
        arrive(inbox, offset, event)
    settle(inbox, stored)
    waited = {arrival.id for arrival in inbox.waiting.all()}
    tell(inbox, [*one.links, *({"plan": plan} for plan in one.plans)])
    inbox.expect(0)
    inbox.decide(0, 1_000_000)
    store(inbox.checkpoint(), stored)
    # Killed before anything is forwarded; what had waited is not read again.
    expected = campaigns_of(one.events, one.links, one.plans)
    due = {one.arrival.id: one.decided for one in recovered(stored).due()}
    assert due == {name: campaign for name, campaign in expected.items() if campaign}
    assert set(due) <= waited


def event(number: int, **more: Any) -> JSON:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "/s",
        "type": "sms.replied",
        "time": "2026-03-02T10:00:00Z",
        "subject": "p",
        **more,
    }


def test_events_of_one_message_follow_the_first_decision() -> None:
    inbox = Inbox(Epoch(1, 1))
    arrive(inbox, 0, event(1, subject="q", message="m"))
    tell(inbox, [{"identity": "p", "campaign": "a", "at": 1_772_000_000}])
    arrive(inbox, 1, event(2, message="m"))
    assert settle(inbox) == {"1": "a", "2": "a"}
    tell(inbox, [{"identity": "p", "campaign": "b", "at": 1_772_000_001}])
    arrive(inbox, 2, event(3, message="m"))
    arrive(inbox, 3, event(4))
    assert settle(inbox) == {"3": "a", "4": "b"}


def test_a_touch_known_by_its_person_is_of_whichever_campaign_contacted_last() -> None:
    touch = Identities(b"s").touch("p")
    january, june = 1_767_600_000, 1_780_300_000
    inbox = Inbox(Epoch(1, 1))
    due: dict[str, str] = {}
    for number, campaign, at in ((1, "janvier", january), (3, "juin", june)):
        tell(inbox, [{"identity": "p", "campaign": campaign, "at": at}])
        time = datetime.fromtimestamp(at + 3600, UTC).isoformat()
        arrive(inbox, number, event(number, message=touch, time=time))
        due |= settle(inbox)
    # Of January's, and told only now.
    arrive(inbox, 4, event(4, message=touch, time="2026-01-06T10:00:00Z"))
    assert due | settle(inbox) == {"1": "janvier", "3": "juin", "4": "janvier"}


def test_nothing_is_judged_before_what_was_there_when_it_came() -> None:
    inbox = Inbox(Epoch(1, 1))
    tell(inbox, [{"identity": "p", "campaign": "a"}])
    arrive(inbox, 5, event(1))
    inbox.expect(3)
    inbox.decide(2, 100)
    assert (inbox.unjudged, inbox.first_unjudged) == (1, 5)
    tell(inbox, [{"identity": "p", "campaign": "b", "at": 1_772_000_000}])
    inbox.decide(3, 100)
    assert inbox.unjudged == 0
    inbox.checkpoint()
    assert inbox.due() == ()
    inbox.written()
    assert [one.decided for one in inbox.due()] == ["b"]


def test_a_plan_that_begins_to_run_lets_events_go() -> None:
    inbox = Inbox(Epoch(1, 1))
    plans = [
        {"specversion": "1.0", "id": name, "source": "/v1/campaigns", "type": "campaign.planned",
         "time": "2026-01-01T00:00:00Z", "campaign": name, "data": {"start": "2027-01-01"}}
        for name in "ab"
    ]  # fmt: skip
    tell(inbox, [{"identity": "p", "campaign": "a"}, {"identity": "p", "campaign": "b"}])
    tell(inbox, [{"plan": plan} for plan in plans])
    arrive(inbox, 0, event(1))
    assert settle(inbox) == {}
    tell(inbox, [{"plan": {**plans[1], "time": "2026-01-02T00:00:00Z", "data": {}}}])
    assert settle(inbox) == {"1": "b"}


def test_what_is_dropped_waits_no_more_and_is_stored_no_more() -> None:
    inbox = Inbox(Epoch(1, 1))
    stored: dict[Any, bytes | None] = {}
    arrive(inbox, 0, event(1))
    settle(inbox, stored)
    assert [arrival.id for arrival in recovered(stored).waiting.all()] == ["1"]
    inbox.waiting.drop(inbox.waiting.all())
    settle(inbox, stored)
    assert len(recovered(stored).waiting) == 0


LINK = {"identity": "p", "campaign": "a", "at": 1_772_000_000}
# One call, tagged, untagged and tagged again; and two rows of a table under one reference.
SAME_ID = [
    [
        event(1, type="phone.completed", message="m", data={"outcome": outcome}, time=time)
        for outcome, time in (
            ("meeting", "2026-03-02T10:00:00Z"),
            ("none", "2026-03-02T10:01:00Z"),
            ("meeting", "2026-03-02T10:02:00Z"),
        )
    ],
    [event(1, type="meeting.booked"), event(1, type="customer.won")],
]


@pytest.mark.parametrize("events", SAME_ID)
def test_what_waits_under_one_id_is_forwarded_as_if_the_list_had_been_there(
    events: list[JSON],
) -> None:
    raws = [json.dumps(each).encode() for each in events]
    for link_at in range(len(events) + 1):
        for restarts in (False, True):
            inbox, due = Inbox(Epoch(1, 1)), list[Given]()
            stored: dict[Any, bytes | None] = {}
            for offset, each in enumerate([*events, None]):
                if offset == link_at:
                    inbox = recovered(stored) if restarts else inbox
                    tell(inbox, [LINK])
                    due += settle_all(inbox, stored)
                if each is not None:
                    arrive(inbox, offset, each)
                    # As a vendor sends it again that heard no answer.
                    arrive(inbox, offset, each)
                    due += settle_all(inbox, stored)
                    waited = [arrival.raw for arrival in inbox.waiting.all()]
                    assert waited == (raws[: offset + 1] if offset < link_at else [])
            assert {one.arrival.raw for one in due} == set(raws)
            assert {one.decided for one in due} == {"a"}
            settle_all(inbox, stored)
            assert len(recovered(stored, 3).waiting) == 0


def test_what_waits_is_given_once_however_many_decisions_give_it() -> None:
    inbox = Inbox(Epoch(1, 1))
    for number in range(3):
        arrive(inbox, number, event(number, message="m"))
    arrive(inbox, 3, event(0, message="n"))
    arrive(inbox, 4, event(0, message="m", type="customer.won"))
    arrive(inbox, 5, event(9, subject="q", message="n"))
    assert settle_all(inbox) == ()
    tell(inbox, [LINK])
    due = [one.arrival.offset for one in settle_all(inbox)]
    assert sorted(due) == [0, 1, 2, 3, 4, 5]


# One person, known to lists as p, to some events as x.

ALIAS = {"identity": "x", "person": "p", "at": 5}
JANUARY = {"identity": "p", "campaign": "janvier", "at": 1_767_600_000}
JUNE = {"identity": "p", "campaign": "juin", "at": 1_780_300_000}


class Pair:
    """The inboxes of x and of p, or one of both, and where each event was forwarded to."""

    def __init__(self, number_of_p: int) -> None:
        self.numbers = {"x": 0, "p": number_of_p}
        self.stored: list[dict[Any, bytes | None]] = [{}, {}]
        self.inboxes = [Inbox(Epoch(1, 1), 4), Inbox(Epoch(1, 1), 4)]
        self.found: dict[str, set[tuple[str, str]]] = {}
        self.read: list[JSON] = []
        self.epoch = 1

    def take(self, news: list[JSON]) -> None:
        """An event of x, or what is told."""
        for one in news:
            if "type" in one:
                arrive(self.inboxes[0], 0, one)
                self.read.append(one)
            else:
                tell(self.inboxes[self.numbers[one["identity"]]], [one])

    def settle(self) -> None:
        """Until nothing is passed on any more, and once more."""
        for _ in range(3):
            for inbox, kept in zip(self.inboxes, self.stored, strict=True):
                self._forward(settle_all(inbox, kept))

    def _forward(self, due: Sequence[Given]) -> None:
        for one in due:
            if one.receiver is None:
                place = (one.decided, one.arrival.identity)
                self.found.setdefault(one.arrival.id, set()).add(place)
        for topic, key, value in records_of(due):
            if topic == INBOUND:
                arrive(self.inboxes[self.numbers[key.decode()]], 0, json.loads(value))

    def is_killed(self) -> None:
        """What was stored is read back, and every event read again."""
        self.epoch += 1
        self.inboxes = [recovered(kept, self.epoch) for kept in self.stored]
        self.take(self.read[:])


REPLIES = [
    event(1, subject="x", time="2026-01-06T10:00:00Z"),
    event(2, subject="x", time="2026-06-02T10:00:00Z"),
]


@given(st.permutations([[REPLIES[0]], [REPLIES[1]], [ALIAS], [JANUARY, JUNE]]), seeds)
def test_events_under_another_name_come_to_the_campaigns_of_their_person(
    order: list[list[JSON]], seed: int
) -> None:
    chance = random.Random(seed)
    pair = Pair(chance.randrange(2))
    for news in order:
        pair.take(news)
        if chance.random() < 0.6:
            pair.settle()
            if chance.random() < 0.5:
                pair.is_killed()
    pair.settle()
    pair.is_killed()
    pair.settle()
    assert pair.found == {"1": {("janvier", "p")}, "2": {("juin", "p")}}
    assert [len(inbox.waiting) for inbox in pair.inboxes] == [0, 0]


def test_who_has_campaigns_of_his_own_is_not_passed_on() -> None:
    inbox = Inbox(Epoch(1, 1))
    tell(inbox, [ALIAS, JANUARY, {"identity": "x", "campaign": "own"}])
    arrive(inbox, 0, event(1, subject="x"))
    assert settle(inbox) == {"1": "own"}


def test_a_passing_is_made_once_whatever_is_known_later() -> None:
    inbox = Inbox(Epoch(1, 1))
    stored: dict[Any, bytes | None] = {}
    tell(inbox, [ALIAS])
    arrive(inbox, 0, event(1, subject="x"))
    assert [one.receiver for one in settle_all(inbox, stored)] == ["p"]
    inbox = recovered(stored)
    tell(inbox, [ALIAS | {"person": "q", "at": 6}, {"identity": "x", "campaign": "own"}])
    arrive(inbox, 0, event(1, subject="x"))
    arrive(inbox, 1, event(2, subject="x"))
    due = {one.arrival.id: one.receiver or one.decided for one in settle_all(inbox)}
    assert due == {"1": "p", "2": "own"}
