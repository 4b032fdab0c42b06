"""The mapping of a generic source: what each key finds, and what keys cannot do together."""

from pathlib import Path
from typing import Any

import pytest

from streamer.errors import SettingsError
from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest import mapping
from tests.ingest.support import SECRET
from tests.ingest.vendors.support import case_of, tell

CASE = case_of("generic")
KNOWN = Identities(SECRET.encode())
# None takes a key of the case away.
BARE: dict[str, Any] = {"message": "m", "phone": None, "sentiment": None, "time_format": None}
MAPPING: dict[str, Any] = BARE | {"type": "t", "id": "i", "time": "at"}


def told(**changes: Any) -> dict[str, Any]:
    return {"t": "x", "i": "1", "m": "m-1", "at": "2026-03-02T10:00:00Z"} | changes


async def one(tmp_path: Path, kind: str, body: dict[str, Any], **keys: Any) -> Event:
    events, letters = await tell(CASE, tmp_path, body, **MAPPING | {"types": {"x": kind}} | keys)
    assert letters == []
    (event,) = events
    return event


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("email.bounced:hard", {"bounce": "hard"}),
        ("email.bounced:soft", {"bounce": "soft"}),
        ("email.replied:negative", {"sentiment": "negative"}),
        ("linkedin.replied", None),
        ("phone.completed:off_target", {"outcome": "off_target"}),
        ("phone.completed", None),
        ("postal.returned", None),
    ],
)
async def test_a_word_may_say_more_than_a_type(tmp_path: Path, kind: str, data: object) -> None:
    event = await one(tmp_path, kind, told())
    assert (event.type, event.data or None) == (kind.partition(":")[0], data)


@pytest.mark.parametrize(
    ("key", "body", "kind", "value"),
    [
        ("email", {"v": "Prospect@example.fr"}, "email", "prospect@example.fr"),
        ("phone", {"v": "06 12 34 56 78"}, "phone", "+33612345678"),
        ("linkedin", {"v": "https://linkedin.com/in/Jane"}, "linkedin", "jane"),
        ("crm", {"v": 88}, "crm", "88"),
    ],
)
async def test_a_person_is_an_identity(
    tmp_path: Path, key: str, body: dict[str, Any], kind: str, value: str
) -> None:
    event = await one(tmp_path, "email.opened", told(**body), **{key: "v"})
    assert event.subject == KNOWN.of(kind, value)


async def test_the_first_person_that_is_found_is_taken(tmp_path: Path) -> None:
    keys = {"email": "who.mail", "phone": "who.number", "crm": "who.id"}
    for who, kind, value in (
        ({"mail": "", "number": "0612345678", "id": 1}, "phone", "+33612345678"),
        ({"mail": None, "number": "nonsense", "id": 1}, "crm", "1"),
        ({"mail": ["a@b.fr"], "id": 1}, "crm", "1"),
    ):
        event = await one(tmp_path, "sms.replied", told(who=who), **keys)
        assert event.subject == KNOWN.of(kind, value)


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        ({}, "2026-03-02T10:00:00Z"),
        ({"time_format": "iso"}, "2026-03-02T11:00:00+01:00"),
        ({"time_format": "seconds"}, 1_772_445_600),
        ({"time_format": "seconds"}, "1772445600.0"),
        ({"time_format": "milliseconds"}, 1_772_445_600_000),
        ({"time_format": "rfc2822"}, "Mon, 02 Mar 2026 11:00:00 +0100"),
        ({"time_format": "%d/%m/%Y %H:%M", "time_zone": "Europe/Paris"}, "02/03/2026 11:00"),
        ({"time_format": "%Y-%m-%d %H:%M", "time_zone": None}, "2026-03-02 10:00"),
        ({"time_format": "%d/%m/%Y %H:%M %z", "time_zone": "Europe/Paris"}, "02/03/2026 10:00 Z"),
    ],
)
async def test_a_time_is_read_as_the_source_says(
    tmp_path: Path, keys: dict[str, Any], at: object
) -> None:
    event = await one(tmp_path, "sms.sent", told(at=at), **keys)
    assert event.time == "2026-03-02T10:00:00Z"


async def test_without_a_time_it_is_when_it_came(tmp_path: Path) -> None:
    event = await one(tmp_path, "sms.sent", told(), time=None)
    assert event.time > "2026-03-02T10:00:01Z"


async def test_the_campaign_and_the_rest_may_come_from_a_passthrough(tmp_path: Path) -> None:
    body = told(meta='{"cmp": "spring", "id": "p_8", "mail": "m-9"}', cmp="autumn")
    keys = {"campaign_from": "cmp", "prospect_from": "id", "message_from": "mail"}
    event = await one(tmp_path, "sms.sent", body, passthrough="meta", **keys)
    assert (event.campaign, event.subject, event.message) == ("spring", "p_8", "m-9")
    event = await one(tmp_path, "sms.sent", body, **keys)
    assert (event.campaign, event.subject, event.message) == ("autumn", None, "m-1")
    event = await one(tmp_path, "sms.sent", body, passthrough="meta", campaign_path="cmp", **keys)
    assert event.campaign == "autumn"


CALL = {"dur": "12.5", "keys": 3, "who": "rep@example.fr", "out": " RDV ", "feel": "Nope"}
CALL_KEYS = {
    "duration": "dur",
    "key_answers": "keys",
    "rep": "who",
    "outcome": "out",
    "sentiment": "feel",
    "tags": {"rdv": "meeting", "nope": "negative"},
}


async def test_each_type_has_the_values_that_it_may_have(tmp_path: Path) -> None:
    rep = KNOWN.email("rep@example.fr")
    call = {"duration": 12.5, "key_answers": 3, "rep": rep}
    for kind, data in (
        ("phone.completed", call | {"outcome": "meeting"}),
        ("phone.completed:callback", call | {"outcome": "callback"}),
        ("phone.made", call),
        ("sms.replied", {"sentiment": "negative"}),
        ("sms.replied:neutral", {"sentiment": "neutral"}),
        ("sms.sent", None),
    ):
        event = await one(tmp_path, kind, told(**CALL), **CALL_KEYS)
        assert (event.data or None) == data
    named = await one(tmp_path, "phone.made", told(who="7"), rep="who", reps={"7": "Camille"})
    assert named.data == {"rep": "Camille"}


async def test_an_answer_whose_text_is_a_stop_is_an_opt_out(tmp_path: Path) -> None:
    keys = {
        "text": "words",
        "sentiment": "feel",
        "tags": {"1": "positive", "nope": "negative"},
        "opt_out_words": ["Ras-le-bol"],
    }
    for body, kind, ours, data in (
        (told(words="STOP 36180"), "sms.replied", "sms.opted_out", None),
        (told(words="ras le bol !"), "sms.replied", "sms.opted_out", None),
        (told(words="Stop", feel="nope"), "sms.replied:neutral", "sms.opted_out", None),
        (told(words="1"), "sms.replied", "sms.replied", {"sentiment": "positive"}),
        (told(words="non", feel="nope"), "sms.replied", "sms.replied", {"sentiment": "negative"}),
        (told(words="1"), "sms.replied:neutral", "sms.replied", {"sentiment": "neutral"}),
        (told(words=None), "sms.replied", "sms.replied", None),
        # The text of anything else is nobody's answer.
        (told(words="STOP"), "sms.sent", "sms.sent", None),
    ):
        types = {"x": kind, "y": "sms.replied"}
        (event,), letters = await tell(CASE, tmp_path, body, **MAPPING | keys | {"types": types})
        assert (event.type, event.data or None, letters) == (ours, data, [])


async def test_a_word_that_no_tag_names_means_nothing(tmp_path: Path) -> None:
    body = told(out="negative", feel="rdv", dur="long")
    event = await one(tmp_path, "phone.completed", body, **CALL_KEYS)
    assert (event.data or None) is None
    # A sentiment is no outcome, and an outcome no sentiment.
    event = await one(tmp_path, "phone.completed", told(out="nope"), **CALL_KEYS)
    assert event.data == {"outcome": "negative"}
    event = await one(tmp_path, "sms.replied", body, **CALL_KEYS)
    assert (event.data or None) is None


async def test_a_meeting_has_the_channel_that_the_mapping_gives(tmp_path: Path) -> None:
    event = await one(tmp_path, "meeting.booked", told(), channel="'email'", crm="m")
    assert event.data == {"channel": "email"}
    event = await one(tmp_path, "meeting.booked", told(via="fax"), channel="via", crm="m")
    assert (event.data or None) is None


async def test_ids_tell_events_apart_and_a_redelivery_from_none(tmp_path: Path) -> None:
    async def ids(*bodies: dict[str, Any], **keys: Any) -> list[str]:
        types = {"x": "sms.sent", "y": "sms.delivered"}
        events, _ = await tell(CASE, tmp_path, *bodies, **MAPPING | {"types": types} | keys)
        assert len(events) == len(bodies)
        return [event.id for event in events]

    same, again = await ids(told(), told(attempt=2))
    assert same == again
    # The same number for another word, or for another person, is another event.
    assert len(set(await ids(told(), told(t="y"), told(i="2")))) == 3
    persons = [told(who="a@example.fr"), told(who="b@example.fr")]
    assert len(set(await ids(*persons, email="who"))) == 2
    both = [told(i="1", part="a"), told(i="1", part="b"), told(i="1")]
    assert len(set(await ids(*both, id="[i, part]"))) == 3
    without = [told(), told(m="m-2"), told(at="2026-03-02T10:00:01Z"), told(i="9")]
    found = await ids(*without, id=None)
    assert len(set(found)) == 3
    assert found[3] == found[0]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (told(t="y"), {}),
        (told(t=None), {}),
        (told(t=["x"]), {}),
        (told(t={"x": 1}), {}),
        (told(i=None), {}),
        (told(i={}), {}),
        (told(i=None), {"id": "[i, j]"}),
        (told(at=None), {}),
        (told(at="noon"), {}),
        (told(at="noon"), {"time_format": "%d/%m/%Y"}),
        (told(at=1), {"time_format": "seconds"}),
        (told(m=None), {}),
        (told(m=["m-1"]), {}),
        (told(m=7), {"message": "length(m)"}),
        ({"a": 1}, {}),
    ],
)
async def test_what_the_mapping_cannot_read_is_kept(
    tmp_path: Path, body: dict[str, Any], keys: dict[str, Any]
) -> None:
    given = MAPPING | {"types": {"x": "sms.sent"}} | keys
    events, letters = await tell(CASE, tmp_path, body, **given)
    assert (len(events), len(letters)) == (0, 1)


async def test_words_are_texts_whatever_they_were(tmp_path: Path) -> None:
    types = {"true": "sms.delivered", "false": "sms.failed", "3": "sms.sent", "4": ""}
    bodies = [told(t=word) for word in (True, False, 3, 4, "3")]
    events, letters = await tell(CASE, tmp_path, *bodies, **MAPPING | {"types": types})
    assert [event.type for event in events] == [
        "sms.delivered",
        "sms.failed",
        "sms.sent",
        "sms.sent",
    ]
    assert letters == []


async def test_a_word_that_the_source_ignores_is_passed_over(tmp_path: Path) -> None:
    given = MAPPING | {"types": {"x": "sms.sent"}, "ignore": ["x", "levitated"]}
    bodies = [told(), told(t="levitated")]
    assert await tell(CASE, tmp_path, *bodies, **given) == ([], [])


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"types": {}}, "types of [sources.it] is missing: write a table"),
        ({"types": {"x": "email.levitated"}}, "has no type of event for x: it must be one such as"),
        ({"types": {"x": "campaign.planned"}}, "has no type of event for x"),
        ({"types": {"x": "prospect.linked"}}, "has no type of event for x"),
        (
            {"types": {"x": "email.bounced"}},
            "has no such event for x: it must be email.bounced:hard, email.bounced:soft",
        ),
        ({"types": {"x": "email.bounced:medium"}}, "it must be email.bounced:hard"),
        ({"types": {"x": "email.sent:hard"}}, "for x: it must be email.sent."),
        ({"types": {"x": "sms.replied:meeting"}}, "it must be sms.replied:negative"),
        ({"type": None}, "type of [sources.it] is missing: write a JMESPath"),
        ({"type": "a.["}, "type of [sources.it] is no JMESPath expression"),
        ({"duration": "sums(a)"}, "duration of [sources.it] is no JMESPath expression: there is"),
        ({"time_format": "unix"}, "time_format of [sources.it] must be one of iso, seconds"),
        ({"time_format": "%H:%M"}, "or a pattern with a whole date"),
        ({"time_format": "%Y %"}, "or a pattern with a whole date"),
        ({"id": None, "time": None}, "id of [sources.it] is missing: write it, or time"),
        ({"message": None}, "message of [sources.it] is missing: some of types need it"),
        ({"types": {"x": "customer.won"}}, "types of [sources.it] needs a person for some"),
        ({"types": {"x": "sms.replied"}, "message": None}, "needs a person for some"),
        ({"text": "w"}, "text of [sources.it] goes with sms.replied only"),
        (
            {"types": {"x": "sms.replied"}, "opt_out_words": ["9"]},
            "opt_out_words of [sources.it] needs text",
        ),
        ({"types": {"x": "cost.incurred"}}, "amount of [sources.it] is missing"),
    ],
)
def test_what_cannot_be_read_by_is_told_with_its_line(
    tmp_path: Path, keys: dict[str, Any], told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        CASE.sources(tmp_path, **MAPPING | {"types": {"x": "sms.sent"}} | keys)
    assert told in str(caught.value)
    lines = (tmp_path / "sources.toml").read_text().splitlines()
    key = str(caught.value).partition(": ")[2].partition(" of ")[0]
    wanted = next((n for n, line in enumerate(lines, 1) if line.startswith(f"{key} =")), 1)
    assert f"line {wanted}:" in str(caught.value)


def test_it_can_tell_what_its_words_and_tags_tell(tmp_path: Path) -> None:
    types = {"a": "email.bounced:hard", "b": "phone.completed", "c": "sms.replied", "d": ""}
    keys = MAPPING | CALL_KEYS | {"types": types, "key_answers": None}
    assert mapping.tells(CASE.sources(tmp_path, **keys)["it"].wishes) == {
        "email.bounced:hard",
        "phone.completed",
        "phone.completed:duration",
        "phone.completed:meeting",
        "phone.completed:negative",
        "sms.replied",
        "sms.replied:negative",
    }
