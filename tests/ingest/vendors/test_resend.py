"""Resend's words, bounces, recipients and ids, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.vendors import resend
from tests.ingest.support import SECRET
from tests.ingest.vendors.support import case_of, told

CASE = case_of("resend")
IDENTITIES = Identities(SECRET.encode())
HEADERS = {"svix-id": "msg_1"}


def event(word: str = "email.delivered", **changes: Any) -> dict[str, Any]:
    """One event as Resend sends it; a change of its `data` to None takes the field away."""
    whole = {
        "created_at": "2026-03-02T09:00:00.000Z",
        "email_id": "m-1",
        "to": ["Prospect <Prospect@Example.fr>"],
    }
    data = {name: value for name, value in (whole | changes).items() if value is not None}
    return {"type": word, "created_at": "2026-03-02T10:00:00.736Z", "data": data}


async def one(tmp_path: Path, body: object, **keys: Any) -> Event:
    events, letters = await told(CASE, tmp_path, body, HEADERS, **keys)
    assert letters == []
    (found,) = events
    return found


async def test_an_event_has_its_own_time_and_id_and_a_recipient_without_his_name(
    tmp_path: Path,
) -> None:
    found = await one(tmp_path, event())
    assert (found.id, found.message, found.time) == ("msg_1", "m-1", "2026-03-02T10:00:00.736000Z")
    assert found.subject == IDENTITIES.email("prospect@example.fr")


@pytest.mark.parametrize(("kind", "bounce"), resend.BOUNCES.items())
async def test_only_a_permanent_bounce_is_hard(tmp_path: Path, kind: str, bounce: str) -> None:
    found = await one(tmp_path, event("email.bounced", bounce={"type": kind, "subType": "General"}))
    assert found.data == {"bounce": bounce}
    assert (bounce == "hard") == (kind == "Permanent")


@pytest.mark.parametrize("word", sorted(resend.IGNORED))
async def test_what_proves_nothing_is_ignored(tmp_path: Path, word: str) -> None:
    assert await told(CASE, tmp_path, event(word)) == ([], [])


@pytest.mark.parametrize("subtype", sorted(resend.NOT_SENT))
async def test_what_resend_did_not_send_has_not_bounced(tmp_path: Path, subtype: str) -> None:
    bounce = {"type": "Permanent", "subType": subtype}
    assert await told(CASE, tmp_path, event("email.bounced", bounce=bounce)) == ([], [])


async def test_several_recipients_are_one_mail_and_an_event_each(tmp_path: Path) -> None:
    to = ["a@example.fr", "B <b@example.fr>", "A@example.fr", 7, ""]
    events, _ = await told(CASE, tmp_path, event(to=to), HEADERS)
    persons = [IDENTITIES.email(each) for each in ("a@example.fr", "b@example.fr")]
    assert [each.subject for each in events] == persons
    assert [each.id for each in events] == [f"msg_1:{person}" for person in persons]
    assert {each.message for each in events} == {"m-1"}


async def test_a_prospect_that_the_tags_name_is_the_only_one(tmp_path: Path) -> None:
    body = event(to=["a@example.fr", "b@example.fr"], tags={"prospect": "p-8"})
    found = await one(tmp_path, body, prospect_from="prospect")
    assert (found.subject, found.id) == ("p-8", "msg_1")


async def test_without_a_recipient_it_is_still_of_its_mail(tmp_path: Path) -> None:
    recipients: tuple[Any, ...] = (None, [], "prospect@example.fr")
    for to in recipients:
        found = await one(tmp_path, event(to=to))
        assert (found.subject, found.message) == (None, "m-1")


@pytest.mark.parametrize(
    ("changes", "campaign"),
    [
        ({"tags": {"cmp": "spring"}}, "spring"),
        ({"tags": {}, "cmp": "of the mail"}, "of the mail"),
        ({"tags": None}, "c"),
        ({"tags": [7]}, "c"),
    ],
)
async def test_the_campaign_is_a_tag_or_a_field_of_the_mail(
    tmp_path: Path, changes: dict[str, Any], campaign: str
) -> None:
    assert (await one(tmp_path, event(**changes), campaign_from="cmp")).campaign == campaign


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    words = ["email.opened", "email.levitated"]
    for word in words:
        assert await told(CASE, tmp_path, event(word), ignore=words) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        event("email.levitated"),
        event() | {"type": None},
        event() | {"created_at": None},
        event() | {"created_at": "2026-03-02T10:00:00"},
        event() | {"data": None},
        event() | {"data": []},
        event(email_id=None),
        event("email.bounced"),
        event("email.bounced", bounce={"type": "Sideways"}),
        event("email.bounced", bounce="hard"),
        event("email.bounced", bounce={"type": ["Permanent"], "subType": ["Suppressed"]}),
    ],
)
async def test_what_is_not_as_documented_is_kept(tmp_path: Path, body: object) -> None:
    events, letters = await told(CASE, tmp_path, body)
    assert events == []
    assert len(letters) == 1
