"""Mailjet's words, ids, bounces and passthrough, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.vendors import mailjet
from tests.ingest.support import SECRET
from tests.ingest.vendors.support import case_of, told

CASE = case_of("mailjet")


def event(**changes: Any) -> dict[str, Any]:
    """One event as Mailjet sends it; a change to None takes the field away."""
    whole = {
        "event": "sent",
        "time": 1_772_445_600,
        "MessageID": 19421777835146490,
        "email": "Prospect@Example.fr",
        "customcampaign": "",
        "CustomID": "",
        "Payload": "",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def bounce(**changes: Any) -> dict[str, Any]:
    """One bounce."""
    told = {"event": "bounce", "blocked": False, "hard_bounce": False, "error": "user unknown"}
    return event(**(told | changes))


async def one(tmp_path: Path, body: object, **keys: Any) -> Event:
    events, letters = await told(CASE, tmp_path, body, **keys)
    assert letters == []
    (found,) = events
    return found


def test_every_documented_word_is_a_milestone_or_ignored() -> None:
    words = {"sent", "open", "click", "bounce", "blocked", "spam", "unsub"}
    assert words == set(mailjet.TYPES) | mailjet.IGNORED


@pytest.mark.parametrize(
    ("changes", "kind", "data"),
    [
        ({"hard_bounce": True}, "email.bounced", {"bounce": "hard"}),
        ({"hard_bounce": True, "error": "greylisted"}, "email.bounced", {"bounce": "hard"}),
        ({"hard_bounce": False, "error": "content blocked"}, "email.bounced", {"bounce": "soft"}),
        ({"hard_bounce": False, "error": None}, "email.bounced", {"bounce": "soft"}),
        ({"hard_bounce": False, "error": "greylisted"}, "email.deferred", None),
    ],
)
async def test_a_bounce_is_hard_when_its_error_is_permanent(
    tmp_path: Path, changes: dict[str, Any], kind: str, data: object
) -> None:
    found = await one(tmp_path, bounce(**changes))
    assert (found.type, found.data) == (kind, data)


@pytest.mark.parametrize("error", sorted(mailjet.NOT_SENT))
async def test_what_mailjet_did_not_send_has_not_bounced(tmp_path: Path, error: str) -> None:
    assert await told(CASE, tmp_path, bounce(error=error, hard_bounce=True)) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "open"},
        {"email": "other@example.fr"},
        {"MessageID": 19421777835146491},
        {"time": 1_772_445_601},
        {"url": "https://example.fr/b"},
    ],
)
async def test_what_differs_has_another_id_and_a_redelivery_has_not(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    first = await one(tmp_path, event())
    again = await one(tmp_path, [event(smtp_reply="sent (250 OK)")])
    other = await one(tmp_path, event(**changes))
    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("name", "changes", "campaign"),
    [
        ("customcampaign", {"customcampaign": "camp-12"}, "camp-12"),
        ("CustomID", {"CustomID": "camp-12"}, "camp-12"),
        ("mj_campaign_id", {"mj_campaign_id": 7257}, "7257"),
        ("cmp", {"Payload": '{"cmp": "camp-12"}'}, "camp-12"),
        ("cmp", {"Payload": "cmp=camp-12"}, "camp-12"),
        ("Payload", {"Payload": "camp-12"}, "camp-12"),
        ("customcampaign", {}, "c"),
    ],
)
async def test_the_campaign_is_a_field_of_the_event_or_of_its_payload(
    tmp_path: Path, name: str, changes: dict[str, Any], campaign: str
) -> None:
    assert (await one(tmp_path, event(**changes), campaign_from=name)).campaign == campaign


async def test_the_person_is_the_recipient_or_as_the_payload_says(tmp_path: Path) -> None:
    found = await one(tmp_path, event())
    assert found.subject == Identities(SECRET.encode()).email("prospect@example.fr")
    named = event(Payload='{"prospect": "p-8"}')
    assert (await one(tmp_path, named, prospect_from="prospect")).subject == "p-8"


async def test_an_unsubscription_may_name_no_mail(tmp_path: Path) -> None:
    found = await one(tmp_path, event(event="unsub", MessageID=None))
    assert (found.type, found.message) == ("email.unsubscribed", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "levitated"},
        {"event": None},
        {"event": 7},
        {"email": None},
        {"MessageID": None},
        {"time": None},
        {"time": "at noon"},
        {"event": "bounce"},
        {"event": "bounce", "hard_bounce": "true"},
    ],
)
async def test_one_that_is_not_understood_does_not_hold_back_the_others(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    events, letters = await told(CASE, tmp_path, [event(**changes), event()])
    assert [each.type for each in events] == ["email.delivered"]
    assert len(letters) == 1
