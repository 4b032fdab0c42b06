"""Dead letters of the worker read again, and what tells one letter of the gateway from another."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from streamer.errors import KafkaUnavailable
from streamer.events import decode_record
from streamer.ingest.bodies import Budget
from streamer.ingest.intake import Intake
from streamer.ingest.packing import Packer, Record
from streamer.ingest.replay import Replay, Understood
from streamer.ingest.routing import Routed
from streamer.ingest.sources import Source
from streamer.ingest.vendors import Delivery
from streamer.ingest.webhooks import Reading
from streamer.transport import deadletters
from streamer.transport.deadletters import DeadLetter
from streamer.transport.people import Link
from tests.ingest.support import SECRET, FakeKafka, event, settings
from tests.ingest.vendors.support import case_of

GIVEN = settings(MAX_EVENT_BYTES="2000")


def letter(value: Any, **changes: Any) -> DeadLetter:
    made: dict[str, Any] = {
        "topic": "touchpoints",
        "partition": 3,
        "offset": 1024,
        "position": None,
        "source": "",
        "reason": "once",
        "key": b"c",
        "value": value if isinstance(value, bytes | None) else json.dumps(value).encode(),
        "at": 1_772_445_600.5,
    }
    return DeadLetter(**made | changes)


def read(told: DeadLetter) -> Understood:
    return Replay(GIVEN, {}).read(told)


def ids(understood: Understood) -> list[str]:
    return [
        each.id
        for fragment in understood.routed.fragments
        for each in decode_record(fragment.key, b"[" + fragment.body + b"]").events
    ]


def test_a_whole_record_gives_its_sound_events_and_says_what_is_wrong_with_the_others() -> None:
    found = read(letter([event(id="1"), event(id="2", subject=7), event(id="3"), 4]))
    assert ids(found) == ["1", "3"]
    assert found.events == 2
    assert found.reason == "subject: must be a string, or absent; an event is a JSON object"


def test_a_quarantined_record_gives_all_of_it_as_it_came() -> None:
    raws = [b'{"n": 1.50, ' + json.dumps(event(id=each)).encode()[1:] for each in ("1", "2")]
    (fragment,) = read(letter(b"[ %b ,\n%b ]" % tuple(raws))).routed.fragments
    assert fragment.body == b",".join(raws)
    assert ids(read(letter(raws[0]))) == ["1"], "a record may be one object"


def test_one_event_of_a_record_is_judged_alone() -> None:
    assert ids(read(letter(event(id="9"), position=4))) == ["9"]
    assert read(letter(event(id="9", campaign="other"), position=4)) == Understood(
        Routed([], [], [], {}), "campaign: is not the campaign that the record's key names"
    )


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (letter(b"no JSON"), "its value is not JSON"),
        (letter(b"7"), "neither an array"),
        (letter(None), "it has no value"),
        (letter([event()], key=None), "it has no key"),
        (letter([event()], key=b"\xff"), "its key is not UTF-8"),
        (letter([event(data={"x": "y" * 2000})]), "it is above 2000 bytes"),
        (letter([event()], topic="elsewhere"), "letters of elsewhere cannot be replayed"),
        (letter(b"{}", topic="webhooks", source="it"), "the sources file has no source it"),
    ],
)
def test_what_cannot_be_read_says_why_and_gives_nothing(told: DeadLetter, reason: str) -> None:
    found = read(told)
    assert not found.events
    assert reason in found.reason


def test_a_webhook_whose_request_was_not_kept_stays(tmp_path: Path) -> None:
    sources = case_of("sendgrid").sources(tmp_path)
    old = letter(b"{}", topic="webhooks", source="it", request=None)
    assert "its request was not kept" in Replay(GIVEN, sources).read(old).reason


PERSONAL = {
    "specversion": "1.0",
    "id": "1",
    "source": "/sms",
    "type": "sms.replied",
    "time": "2026-03-02T10:00:00Z",
    "subject": "somebody",
}


def inbound(value: Any) -> Understood:
    return read(letter(value, topic="inbound", key=b"any"))


@pytest.mark.parametrize("more", [{}, {"campaign": None}, {"campaign": ""}])
def test_an_event_of_a_person_goes_to_its_person_again_as_it_came(more: dict[str, Any]) -> None:
    raw = b" " + json.dumps(PERSONAL | more).encode() + b"\n"
    found = inbound(raw)
    assert found.routed.inbound == [Record("inbound", b"somebody", raw.strip())]
    assert (found.events, found.reason) == (1, "")
    both = inbound([PERSONAL | more, PERSONAL | {"subject": "another"}])
    assert [each.key for each in both.routed.inbound] == [b"somebody", b"another"]


def test_one_that_names_its_campaign_goes_there() -> None:
    found = inbound(PERSONAL | {"campaign": "c", "type": "sms.delivered", "message": "m"})
    assert ids(found) == ["1"]
    assert found.routed.links == [Link("somebody", "c", 1_772_445_600)]
    assert found.routed.inbound == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"no JSON", "its value is not JSON"),
        ([7], "an event is a JSON object"),
        (PERSONAL | {"time": "today"}, "time: must be RFC 3339"),
        (PERSONAL | {"type": "email.sent"}, "must name its touch"),
        (PERSONAL | {"subject": None, "message": "m"}, "neither a campaign nor a person"),
        (PERSONAL | {"data": {"x": "y" * 2000}}, "it is above 2000 bytes"),
        (b'{"id": ' + b"[" * 1000, "deep"),
    ],
)
def test_an_event_of_a_person_that_is_none_stays_and_says_why(value: Any, reason: str) -> None:
    found = inbound(value)
    assert found.routed == Routed([], [], [], {})
    assert reason in found.reason


PLAN = {"plan": event(type="campaign.planned", message=None, subject=None)}
LINK = {"identity": "somebody", "campaign": "c", "at": 5}


def test_what_was_told_of_persons_and_plans_goes_to_its_partition_again() -> None:
    found = read(letter([LINK, 7, PLAN], topic="identities", key=None))
    (fragment,) = found.routed.fragments
    assert (fragment.topic, fragment.partition, fragment.events) == ("identities", 3, 0)
    assert json.loads(b"[" + fragment.body + b"]") == [LINK, PLAN]
    assert found.reason == "it is neither a link nor a name nor a plan"
    alone = read(letter(PLAN, topic="identities", key=None, position=2))
    assert [json.loads(each.body) for each in alone.routed.fragments] == [PLAN]
    assert alone.reason == ""


@pytest.mark.parametrize("value", [b"no JSON", {"identity": "p"}, None])
def test_what_tells_nothing_of_persons_stays(value: Any) -> None:
    found = read(letter(value, topic="identities", key=None))
    assert found.routed.fragments == []
    assert found.reason


async def test_plans_and_links_are_sent_to_their_partition_alone() -> None:
    kafka = FakeKafka()
    intake = Intake(Packer(kafka, Budget(1_000_000)), GIVEN.partitions)
    told = letter([LINK, PLAN], topic="identities", key=None)
    await Replay(GIVEN, {}).put_through(told, intake)
    assert [(each.topic, each.partition) for each in kafka.records] == [("identities", 3)]


async def test_a_replay_returns_once_kafka_has_acknowledged() -> None:
    kafka = FakeKafka()
    packer = Packer(kafka, Budget(1_000_000), patience=0.05)
    intake = Intake(packer, GIVEN.partitions)
    found = await Replay(GIVEN, {}).put_through(letter([event(id="1")]), intake)
    assert (found.events, [each.id for each in kafka.events()]) == (1, ["1"])
    kafka.acknowledges.clear()
    with pytest.raises(KafkaUnavailable):
        await Replay(GIVEN, {}).put_through(letter([event(id="1")]), intake)


# Which letters are one.


def place(source: Source, **changes: Any) -> bytes:
    told = Delivery("POST", {}, b"", b'{"event": "new"}', 1.0)._replace(**changes)
    (record,) = Reading(source, told, GIVEN).letters.records()
    assert record.key is not None
    return record.key


def test_what_is_read_otherwise_is_another_letter(tmp_path: Path) -> None:
    source = case_of("twilio_sms").sources(tmp_path)["it"]
    same = place(source)
    assert place(source, received=2.0) == same
    assert place(source, headers={b"content-type": b"x", b"x-twilio-signature": b"y"}) == same
    assert place(source, query=b"cmp=other") != same
    assert place(source, body=b'{"event": "newer"}') != same
    assert place(dataclasses.replace(source, name="other")) != same


def test_the_id_of_a_delivery_tells_letters_apart(tmp_path: Path) -> None:
    source = case_of("resend").sources(tmp_path)["it"]
    assert place(source, headers={b"svix-id": b"1"}) != place(source, headers={b"svix-id": b"2"})


@pytest.mark.parametrize(("vendor", "keeps"), [("heyreach", "a-new-word"), ("sendgrid", None)])
def test_a_last_segment_is_kept_only_where_it_is_a_word(
    vendor: str, keeps: str | None, tmp_path: Path
) -> None:
    source = case_of(vendor).sources(tmp_path)["it"]
    told = Delivery("POST", {}, b"", b"x", 1.0, secret="s3cret", kind="a-new-word")  # noqa: S106
    (sealed,) = Reading(source, told, GIVEN).letters.records()
    opened = deadletters.read(SECRET.encode(), sealed.key or b"", sealed.value)
    assert opened.request is not None
    assert opened.request.kind == keeps
    assert "s3cret" not in repr(opened)
