"""Reading `inbound` and `identities`, and events as they are forwarded."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from streamer.errors import UnreadableRecord
from streamer.events import decode_record
from streamer.identity.decisions import passing_to
from streamer.processing.letters import SetAside
from streamer.processing.people import read_arrival, read_identities, records_of
from streamer.state import Arrival, Given
from streamer.transport.people import Alias, CampaignPlan, Link

EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/sms",
    "type": "sms.replied",
    "time": "2026-03-02T10:00:00Z",
    "subject": "é",
}
PLAN = {**EVENT, "type": "campaign.planned", "campaign": "c", "data": {"start": "2026-03-02"}}


def record(value: object, key: bytes | None = "é".encode()) -> Any:
    raw = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return SimpleNamespace(offset=7, key=key, value=raw, timestamp=1_772_445_700_999)


def test_an_event_is_taken_as_it_came() -> None:
    found = read_arrival(record({**EVENT, "campaign": None, "message": "m"}))
    assert (found.offset, found.identity, found.message, found.at) == (7, "é", "m", 1_772_445_600)
    assert found.came == 1_772_445_700
    assert read_arrival(record({**EVENT, "type": "fax.sent", "message": ""})).message is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (record(None), "no value"),
        (record(b"{"), "no JSON object"),
        (record(b'{"id": ' + b"[" * 100_000), "no JSON object"),
        (record([EVENT]), "no JSON object"),
        (record({**EVENT, "campaign": "c"}), "without a campaign"),
        (record({**EVENT, "time": "today"}), "time: must be RFC 3339"),
        (record({**EVENT, "subject": None, "message": "m"}), "not the subject"),
        (record(EVENT, key=None), "not the subject"),
        (record(EVENT, key=b"\xff"), "not the subject"),
        (record({**EVENT, "type": "email.sent"}), "must name its touch"),
    ],
)
def test_what_is_no_event_says_why(wrong: Any, reason: str) -> None:
    with pytest.raises(UnreadableRecord, match=reason):
        read_arrival(wrong)


def test_links_and_plans_are_read_beside_what_is_neither() -> None:
    entries = [{"identity": "p", "campaign": "c", "at": 5}, {"plan": PLAN}, {"identity": "p"}, 7]
    link, plan, *rest = read_identities(record(entries, key=None))
    assert link == Link("p", "c", 5)
    assert isinstance(plan, CampaignPlan)
    assert (plan.campaign, plan.plan.text) == ("c", '{"start":"2026-03-02"}')
    assert [(one.position, one.raw) for one in rest if isinstance(one, SetAside)] == [
        (2, b'{"identity": "p"}'),
        (3, b"7"),
    ]


def test_a_plan_with_a_number_beyond_a_double_is_read_as_touchpoints_reads_it() -> None:
    plan = json.dumps(PLAN).replace('"start"', '"cost": 1e400, "start"')
    (found,) = read_identities(record(f'[{{"plan": {plan}}}]'.encode(), key=None))
    assert isinstance(found, CampaignPlan)


def test_a_name_is_read_beside_links() -> None:
    entries = [{"identity": "p", "campaign": "c"}, {"identity": "x", "person": "p", "at": 5}]
    assert list(read_identities(record(entries))) == [Link("p", "c"), Alias("x", "p", 5)]


@pytest.mark.parametrize(
    "entry",
    [
        {"identity": "p", "campaign": passing_to("q")},
        {"identity": "p", "person": "p", "at": 5},
        {"identity": "p", "person": "", "at": 5},
        {"identity": "p", "person": "q", "at": 0},
        {"identity": "p", "person": "q"},
        {"identity": "", "campaign": "c"},
        {"identity": "p", "campaign": ""},
        {"identity": "p", "campaign": "c", "at": 0},
        {"identity": "p", "campaign": "c", "at": 2**32},
        {"plan": EVENT},
        {"plan": {**EVENT, "campaign": "c"}},
        {"plan": {**PLAN, "time": "today"}},
    ],
)
def test_an_unsound_entry_is_set_aside_alone(entry: object) -> None:
    good = {"identity": "p", "campaign": "c"}
    for entries in ([good, entry], [good, entry, {"plan": PLAN}]):
        aside = [one for one in read_identities(record(entries)) if isinstance(one, SetAside)]
        assert [one.position for one in aside] == [1]


@pytest.mark.parametrize("value", [None, b"", b"{", b"{}", b'"x"'])
def test_a_record_that_is_no_array_is_set_aside_whole(value: bytes | None) -> None:
    (aside,) = read_identities(record(value))
    assert isinstance(aside, SetAside)
    assert aside.position is None


def given(campaign: str, raw: bytes) -> Given:
    return Given(campaign, Arrival(0, "/sms", "1", "sms.replied", "é", None, 0, 0, raw))


def test_a_forwarded_event_is_as_it_was_written_and_readable() -> None:
    raw = json.dumps({**EVENT, "campaign": None}).encode()[:-1]
    raw += b', "data": {"amount": 12.50, "long": 0.12345678901234567890}}'
    ((_, key, value),) = records_of([given("ç", raw)])
    assert key == "ç".encode()
    assert b'"amount": 12.50, "long": 0.12345678901234567890}' in value
    batch = decode_record(key, value)
    assert [event.campaign for event in batch.events] == ["ç"]
    assert (batch.unknown, batch.rejected) == (0, [])


def test_an_event_that_is_passed_on_is_the_others_and_as_it_was_written_else() -> None:
    raw = json.dumps(EVENT).encode()[:-1] + b', "data": {"amount": 12.50}}'
    ((topic, key, value),) = records_of([given(passing_to("q"), raw)])
    assert (topic, key) == ("inbound", b"q")
    assert b'{"amount": 12.50}' in value
    assert json.loads(value) == json.loads(raw) | {"subject": "q"}
    passed = SimpleNamespace(offset=9, key=key, value=value, timestamp=0)
    assert read_arrival(passed).identity == "q"


def test_a_record_holds_one_campaign_and_is_not_too_large() -> None:
    large = json.dumps({**EVENT, "data": {"text": "x" * 200_000}}).encode()
    found = list(records_of([given("a", large), given("b", large), *[given("a", large)] * 3]))
    assert [(key, len(json.loads(value))) for _, key, value in found] == [
        (b"a", 2),
        (b"a", 2),
        (b"b", 1),
    ]
