import json

from streamer.commands.read_back import Record, differences, events_of
from streamer.events import decode_record
from streamer.exposition import bodies
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.state import Epoch, Partition
from tests.simulator.happened import START, of_campaign

CAMPAIGN = CAMPAIGNS[2].id
EVENTS = of_campaign(CAMPAIGN, 5.0)
NOW = START + 60


def records(events: list[dict[str, object]]) -> list[Record]:
    halves = events[::2], events[1::2]
    return [Record(CAMPAIGN.encode(), json.dumps(each).encode()) for each in halves]


def shown(events: list[dict[str, object]]) -> dict[str, bytes]:
    partition = Partition(Epoch(1, 1))
    partition.apply(decode_record(CAMPAIGN.encode(), json.dumps(events).encode()))
    partition.refresh()
    return {CAMPAIGN: bodies.kpis(partition.snapshot(CAMPAIGN, NOW))}


def test_numbers_of_the_same_events_do_not_differ() -> None:
    twice = [*EVENTS, *EVENTS[:100]]
    assert differences(records(twice), shown(EVENTS), NOW) == []


def test_a_lost_event_is_seen_and_named() -> None:
    sent = next(each for each in EVENTS if each["type"] == "phone.made")
    fewer = [each for each in EVENTS if each.get("message") != sent["message"]]
    found = differences(records(EVENTS), shown(fewer), NOW)
    assert any(" phone calls_made: " in each for each in found)


def test_an_event_that_is_counted_though_it_is_not_there_is_seen() -> None:
    sent = next(each for each in EVENTS if each["type"] == "phone.made")
    assert differences(records(EVENTS), shown([*EVENTS, {**sent, "message": "more"}]), NOW)


def test_a_record_holds_a_list_or_one_event() -> None:
    one = Record(b"c", json.dumps(EVENTS[0]).encode())
    assert events_of([one, *records(EVENTS[1:4])]) == [EVENTS[0], EVENTS[1], EVENTS[3], EVENTS[2]]
