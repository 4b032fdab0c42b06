"""Unipile's words, touches and persons, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamer.errors import SettingsError
from streamer.events import Event
from streamer.identity.decisions import message_key
from streamer.identity.identities import Identities
from streamer.transport.people import Alias
from tests.ingest.support import SECRET, bench
from tests.ingest.vendors.cases import URL, Request, now
from tests.ingest.vendors.support import case_of, send, tell

CASE = case_of("unipile")
OWNER, JANE, PAUL = "ACoAAOwner", "ACoAABjane", "ACoAABpaul"


def attendee(profile: str, name: str | None = None) -> dict[str, Any]:
    url = f"https://www.linkedin.com/in/{name or profile}/"
    return {"attendee_provider_id": profile, "attendee_profile_url": url}


def message(
    sender: str = JANE, *others: dict[str, Any], word: str = "message_received", **changes: Any
) -> dict[str, Any]:
    """One message as Unipile sends it; a change to None takes the field away."""
    whole = {
        "event": word,
        "account_id": "acc_1",
        "account_type": "LINKEDIN",
        "webhook_name": "spring",
        "message_id": "m_1",
        "timestamp": "2026-03-02T10:00:00.000Z",
        "sender": attendee(sender),
        "attendees": list(others or (attendee(OWNER),)),
        "account_info": {"user_id": OWNER},
    }
    return {name: each for name, each in (whole | changes).items() if each is not None}


def relation(profile: str = JANE, **changes: Any) -> dict[str, Any]:
    whole = {
        "event": "new_relation",
        "account_id": "acc_1",
        "account_type": "LINKEDIN",
        "user_provider_id": profile,
        "user_public_identifier": "jane-doe",
        "user_profile_url": "https://www.linkedin.com/in/jane-doe/",
    }
    return {name: each for name, each in (whole | changes).items() if each is not None}


def told(events: list[Event]) -> list[str]:
    return [event.type.removeprefix("linkedin.") for event in events]


async def test_all_words_of_a_touch_name_it_alike(tmp_path: Path) -> None:
    events, _ = await tell(
        CASE,
        tmp_path,
        relation(),
        message(OWNER, attendee(JANE)),
        message(OWNER, attendee(JANE), word="message_read"),
        message(JANE, message_id="m_2"),
    )
    assert told(events) == ["accepted", "prospect.linked", "messaged", "read", "replied"]
    touches = [event.message for event in events if event.type != "prospect.linked"]
    assert len(set(touches)) == 1
    assert JANE not in (touches[0] or "")
    assert message_key("it", touches[0] or "") is None, "the next campaign has the same"


async def test_another_account_or_profile_is_another_touch(tmp_path: Path) -> None:
    events, _ = await tell(
        CASE, tmp_path, message(), message(account_id="acc_2"), message(PAUL), message()
    )
    assert len({event.message for event in events}) == 3


@pytest.mark.parametrize(
    ("sent", "types"),
    [
        (message(JANE), ["replied"]),
        (message(OWNER, attendee(JANE)), ["messaged"]),
        (message(OWNER, attendee(JANE), attendee(OWNER)), ["messaged"]),
        (message(OWNER, attendee(JANE), attendee(PAUL)), ["messaged", "messaged"]),
        (message("another-of-the-owner", attendee(JANE), is_sender=True), ["messaged"]),
        (message(OWNER, attendee(JANE), word="message_read"), ["read"]),
        (message(JANE, word="message_read"), []),
    ],
)
async def test_whoever_wrote_says_what_a_message_is(
    tmp_path: Path, sent: dict[str, Any], types: list[str]
) -> None:
    events, letters = await tell(CASE, tmp_path, sent)
    assert (told(events), letters) == (types, [])
    assert len({event.id for event in events}) == len({event.message for event in events})


async def test_a_new_relation_says_that_a_profile_has_two_names(tmp_path: Path) -> None:
    accepted, linked = (await tell(CASE, tmp_path, relation())).events
    (written,) = (await tell(CASE, tmp_path, message(JANE))).events
    assert accepted.subject == linked.subject
    assert linked.data == {"identities": [written.subject]}
    assert written.subject != accepted.subject


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (relation(), 1),
        (relation(user_public_identifier=None), 1),
        # Neither can be told apart from a name that lists have.
        (relation("jane-1"), 0),
        (relation(user_public_identifier=PAUL), 0),
        (relation(user_public_identifier=None, user_profile_url=None), 0),
        (message(JANE), 0),
    ],
)
async def test_events_under_an_internal_id_are_those_of_the_profile(
    tmp_path: Path, body: dict[str, Any], names: int
) -> None:
    async with bench(CASE.sources(tmp_path), PUBLIC_URL=URL) as it:
        request = CASE.sign(Request(json.dumps(body).encode()), "first", now())
        await it.client.post(request.target, content=request.body, headers=dict(request.headers))
        (first, *_) = it.kafka.events()
        internal = Identities(SECRET.encode()).linkedin(JANE)
        named = [
            (each.identity, each.person) for each in it.kafka.links() if isinstance(each, Alias)
        ]
        assert named == [(internal, first.subject)] * names


@pytest.mark.parametrize(
    "name",
    [
        {"user_public_identifier": None, "user_profile_url": None},
        {
            "user_public_identifier": None,
            "user_profile_url": f"https://www.linkedin.com/in/{JANE}",
        },
    ],
)
async def test_a_profile_of_one_name_is_linked_to_nothing(
    tmp_path: Path, name: dict[str, Any]
) -> None:
    events, _ = await tell(CASE, tmp_path, relation(**name), message(JANE))
    assert told(events) == ["accepted", "replied"]
    assert events[0].subject == events[1].subject


async def test_the_campaign_may_come_from_the_account_or_the_webhook(tmp_path: Path) -> None:
    for name, campaign in (("account_id", "acc_1"), ("webhook_name", "spring"), ("no", "c")):
        events, _ = await tell(CASE, tmp_path, message(), campaign_from=name)
        assert events[0].campaign == campaign


async def test_the_header_is_the_one_that_the_source_names(tmp_path: Path) -> None:
    body = json.dumps(message()).encode()
    request = Request(body, {"X-My-Secret": CASE.secrets[0]})
    events, _ = await send(CASE, tmp_path, request, header="x-my-SECRET")
    assert len(events) == 1


@pytest.mark.parametrize("header", ["", "Two Words", "A:", 7])
def test_a_header_must_have_a_name(tmp_path: Path, header: object) -> None:
    with pytest.raises(SettingsError, match="name of the header"):
        CASE.sources(tmp_path, header=header)


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    words = (message(word="message_levitated"), message())
    ignore = ["message_levitated", "message_received"]
    assert await tell(CASE, tmp_path, *words, ignore=ignore) == ([], [])


@pytest.mark.parametrize(
    "event",
    [
        message(account_type=None),
        message(account_id=None),
        message(message_id=None),
        message(timestamp=None),
        message(timestamp="2026-03-02T10:00:00"),
        message() | {"sender": None},
        message(account_info=None),
        message(OWNER, attendees=None),
        message(OWNER, attendees=["Jane"]),
        message(OWNER, {}),
        relation(user_provider_id=None),
        relation(account_id=None),
        {"event": 7.5},
        {},
    ],
)
async def test_what_lacks_what_is_needed_is_not_understood(
    tmp_path: Path, event: dict[str, Any]
) -> None:
    events, letters = await tell(CASE, tmp_path, event)
    assert (events, len(letters)) == ([], 1)
