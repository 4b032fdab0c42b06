"""Brevo's words, ids, times and passthrough, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.vendors import brevo, vendors
from tests.ingest.support import SECRET
from tests.ingest.vendors.support import case_of, told

CASE = case_of("brevo")
IDENTITIES = Identities(SECRET.encode())


def event(**changes: Any) -> dict[str, Any]:
    """One event as Brevo sends it; a change to None takes the field away."""
    whole = {
        "event": "delivered",
        "email": "Prospect@Example.fr",
        "id": 123456,
        "message-id": "<1@smtp-relay.mailin.fr>",
        "ts_epoch": 1_772_445_600_123,
        "ts": 1_772_449_200,
        "ts_event": 1_772_449_200,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def marketing(**changes: Any) -> dict[str, Any]:
    """One event of a marketing mail, which has no id and no `ts_epoch`."""
    changes = {"camp_id": 42, "campaign name": "Printemps", "ts_event": 1_772_445_600} | changes
    return event(**{"message-id": None, "ts_epoch": None} | changes)


async def one(tmp_path: Path, body: object, **keys: Any) -> Event:
    events, letters = await told(CASE, tmp_path, body, **keys)
    assert letters == []
    (found,) = events
    return found


def test_every_documented_word_is_a_milestone_or_ignored() -> None:
    words = (
        "request delivered hard_bounce soft_bounce blocked invalid_email deferred error spam "
        "complaint unique_opened opened unique_proxy_open proxy_open click unsubscribe "
        "unsubscribed list_addition"
    )
    assert set(words.split()) == set(brevo.TYPES) | brevo.IGNORED
    bounced = {word for word, kind in brevo.TYPES.items() if kind == "email.bounced"}
    assert bounced == set(brevo.BOUNCES)


def test_no_failure_is_answered_with_what_is_final_to_it() -> None:
    retries = vendors()["brevo"].retries
    assert retries.retried == frozenset({429}) == {retries.away, retries.refused}
    assert retries.horizon == sum(retries.delays)


async def test_an_event_has_its_time_and_its_person(tmp_path: Path) -> None:
    found = await one(tmp_path, event())
    assert found.time == "2026-03-02T10:00:00.123000Z"
    assert found.subject == IDENTITIES.email("prospect@example.fr")


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "opened"},
        {"email": "other@example.fr"},
        {"message-id": "<2@smtp-relay.mailin.fr>"},
        {"ts_epoch": 1_772_445_600_124},
        {"link": "https://example.fr/b"},
    ],
)
async def test_what_differs_has_another_id_and_a_redelivery_has_not(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    first = await one(tmp_path, event())
    again = await one(tmp_path, event(ts_event=1, id=7, sending_ip="192.0.2.9"))
    other = await one(tmp_path, event(**changes))
    assert first.id == again.id != other.id


async def test_the_message_is_in_angle_brackets_as_sending_returned_it(tmp_path: Path) -> None:
    for header in ("<1@smtp-relay.mailin.fr>", "1@smtp-relay.mailin.fr"):
        found = await one(tmp_path, event(**{"message-id": header}))
        assert found.message == "<1@smtp-relay.mailin.fr>"


@pytest.mark.parametrize(
    ("changes", "campaign"),
    [
        ({"tags": ["camp-12", "x"], "tag": '["camp-12","x"]'}, "camp-12"),
        ({"tag": "camp-12"}, "camp-12"),
        ({"X-Mailin-custom": '{"tag": "camp-12"}', "tag": "template"}, "camp-12"),
        ({"X-Mailin-custom": "tag=camp-12"}, "camp-12"),
        ({"X-Mailin-custom": "a text"}, "c"),
        ({}, "c"),
    ],
)
async def test_the_campaign_is_a_tag_or_in_the_custom_header(
    tmp_path: Path, changes: dict[str, Any], campaign: str
) -> None:
    assert (await one(tmp_path, event(**changes), campaign_from="tag")).campaign == campaign


async def test_the_custom_header_may_name_the_prospect_and_the_message(tmp_path: Path) -> None:
    custom = '{"prospect": "p-8", "mail": "step-1"}'
    found = await one(
        tmp_path,
        event(**{"X-Mailin-custom": custom}),
        prospect_from="prospect",
        message_from="mail",
    )
    assert (found.subject, found.message) == ("p-8", "step-1")


async def test_a_marketing_mail_is_a_campaign_and_an_address(tmp_path: Path) -> None:
    first = await one(tmp_path, marketing())
    opened = await one(tmp_path, marketing(event="opened", email="prospect@example.fr"))
    others = [
        await one(tmp_path, marketing(email="other@example.fr")),
        await one(tmp_path, marketing(camp_id=43)),
    ]
    assert first.time == "2026-03-02T10:00:00Z"
    assert first.message == opened.message
    assert first.id != opened.id
    assert len({first.message, *(each.message for each in others)}) == 3


async def test_a_mail_may_be_known_by_its_marketing_campaign(tmp_path: Path) -> None:
    found = await one(tmp_path, marketing(), campaign_from="camp_id", campaigns={"42": "spring"})
    assert found.campaign == "spring"


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    bodies = [event(event="request"), event(event="levitated"), event()]
    events, letters = await told(CASE, tmp_path, bodies, ignore=["request", "levitated"])
    assert [each.type for each in events] == ["email.delivered"]
    assert letters == []


def mail(**changes: Any) -> dict[str, Any]:
    """One mail that was received; a change to None takes the field away."""
    whole = {
        "Uuid": ["u-1"],
        "From": {"Name": "Prospect", "Address": "Prospect@Example.fr"},
        "InReplyTo": "<1@smtp-relay.mailin.fr>",
        "Headers": {"Received": ["a", "b"]},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def test_a_reply_is_of_its_sender_and_names_no_mail(tmp_path: Path) -> None:
    keys = {"campaign_from": "tag", "message_from": "InReplyTo"}
    found = await one(tmp_path, {"items": [mail()]}, **keys)
    assert (found.type, found.id, found.message) == ("email.replied", "u-1", None)
    assert found.subject == IDENTITIES.email("prospect@example.fr")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": ["no", "auto-replied"]},
        {"Return-Path": "<>"},
    ],
)
async def test_a_machine_does_not_reply(tmp_path: Path, headers: dict[str, Any]) -> None:
    assert await told(CASE, tmp_path, {"items": [mail(Headers=headers)]}) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "levitated"},
        {"event": "hardBounce"},
        {"event": None},
        {"event": 7},
        {"email": None},
        {"email": ""},
        {"message-id": None},
        # Seconds where milliseconds are documented: never guessed.
        {"ts_epoch": 1_772_445_600},
        {"ts_epoch": "2026-03-02 11:00:00"},
        {"message-id": None, "ts_epoch": None, "camp_id": 42, "ts_event": None},
        {"Uuid": []},
        {"Uuid": "u-1"},
        {"Uuid": ["u-1"], "From": None},
        {"Uuid": ["u-1"], "From": {"Address": ""}},
    ],
)
async def test_one_that_is_not_understood_does_not_hold_back_the_others(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    for body in ([event(**changes), event()], {"items": [event(**changes), event()]}):
        events, letters = await told(CASE, tmp_path, body)
        assert [each.type for each in events] == ["email.delivered"]
        assert len(letters) == 1
