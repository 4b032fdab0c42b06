"""HubSpot's changes and its signature, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import vendors
from tests.ingest.support import bench
from tests.ingest.vendors.cases import URL, Request, now
from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("hubspot")


def told(
    word: object = "contact.propertyChange",
    name: object = "lifecyclestage",
    value: object = "salesqualifiedlead",
    **changes: Any,
) -> dict[str, Any]:
    return {
        "eventId": 1,
        "subscriptionId": 2,
        "portalId": 3,
        "occurredAt": 1_772_445_600_945,
        "subscriptionType": word,
        "attemptNumber": 0,
        "objectId": 88,
        "propertyName": name,
        "propertyValue": value,
    } | changes


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (told(), "lead.qualified"),
        (told(value="closedwon"), "customer.won"),
        (told("deal.propertyChange", "dealstage", "closedwon"), "customer.won"),
        # Each kind of record has its own property.
        (told("deal.propertyChange", "lifecyclestage"), None),
        (told(name="dealstage", value="closedwon"), None),
        (told("company.propertyChange"), None),
        (told("object.propertyChange"), None),
        (told(value="subscriber"), None),
        (told(value=""), None),
        (told(value=None), None),
        (told("contact.creation"), None),
        (told("contact.privacyDeletion"), None),
        (told("deal.merge"), None),
        (told("ticket.restore"), None),
        (told("contact.associationChange"), None),
        (told("conversation.newMessage"), None),
    ],
)
async def test_only_a_stage_that_the_source_names_is_told(
    tmp_path: Path, event: dict[str, Any], kind: str | None
) -> None:
    events, letters = await exchange(CASE, tmp_path, [event])
    assert [found.type for found in events] == ([kind] if kind else [])
    assert letters == []


async def test_a_retry_is_the_same_event_and_another_change_is_not(tmp_path: Path) -> None:
    named = ("eventId", "subscriptionId", "portalId", "objectId")
    others = [told(**{name: 99}) for name in named] + [told(occurredAt=1_772_445_600_946)]
    batch = [told(), told(attemptNumber=3), *others]
    events, _ = await exchange(CASE, tmp_path, batch)
    ids = [event.id for event in events]
    assert ids[1] == ids[0]
    assert len(set(ids)) == 6


@pytest.mark.parametrize(
    "strange",
    [
        told("contact.levitation"),
        told("spaceship.propertyChange"),
        told("contact"),
        told(None),
        told(objectId=None),
        told(eventId=None),
        told(occurredAt="noon"),
        told(occurredAt=1),
    ],
)
async def test_one_that_is_not_understood_does_not_hold_back_the_others(
    tmp_path: Path, strange: dict[str, Any]
) -> None:
    events, letters = await exchange(CASE, tmp_path, [strange, told()])
    assert (len(events), len(letters)) == (1, 1)
    assert json.loads(letters[0].value or b"") == strange


async def test_a_word_that_the_source_ignores_is_passed_over(tmp_path: Path) -> None:
    event = told("contact.levitation")
    assert await exchange(CASE, tmp_path, [event], ignore=["contact.levitation"]) == ([], [])


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        ("", ""),
        ("?a=1", "?a=1"),
        ("?to=a%40b%2Cc%3a", "?to=a@b,c:"),
        # Other codes are signed as they are.
        ("?to=a%20b%2B", "?to=a%20b%2B"),
    ],
)
async def test_the_url_is_signed_as_it_is_called_but_for_some_codes(
    tmp_path: Path, called: str, signed: str
) -> None:
    body = json.dumps([told()]).encode()
    request = CASE.sign(Request(body, query=signed.removeprefix("?")), "first", now())
    async with bench(CASE.sources(tmp_path), PUBLIC_URL=URL) as it:
        for target, status in ((f"/webhooks/it{called}", 200), ("/webhooks/it?b=2", 401)):
            headers = dict(request.headers)
            response = await it.client.post(target, content=body, headers=headers)
            assert response.status_code == status


def test_it_can_tell_what_its_stages_tell(tmp_path: Path) -> None:
    tells = vendors()["hubspot"].tells
    assert tells(CASE.sources(tmp_path)["it"].wishes) == {"lead.qualified", "customer.won"}
    assert tells(CASE.sources(tmp_path, stages={})["it"].wishes) == frozenset()
