"""HeyReach's words, touches and times, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamer.identity.decisions import message_key
from streamer.ingest.vendors.heyreach import IGNORED, WORDS
from tests.ingest.vendors.cases import Request, now
from tests.ingest.vendors.support import Outcome, case_of, send

CASE = case_of("heyreach")
NOON, ONE = "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"


def told(**changes: Any) -> dict[str, Any]:
    """One event as HeyReach sends it; a change to None takes the field away."""
    whole = {
        "conversation_id": "2-abc",
        "lead": {"profile_url": "https://www.linkedin.com/in/jane-doe"},
        "recent_messages": [
            {"message": "Oui", "creation_time": ONE, "is_reply": True},
            {"message": "Bonjour", "creation_time": NOON, "is_reply": False},
        ],
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def tell(tmp_path: Path, *words: tuple[str | None, dict[str, Any]], **keys: Any) -> Outcome:
    requests = [
        CASE.sign(Request(json.dumps(body).encode(), path=f"/{word}" if word else ""), "first", 0)
        for word, body in words
    ]
    return await send(CASE, tmp_path, *requests, **keys)


async def test_all_words_of_a_touch_name_it_alike(tmp_path: Path) -> None:
    bodies = (told(), told(campaignId=123), told(recent_messages=None, conversation_id=None))
    words = [(word, body) for word in WORDS for body in bodies]
    events, _ = await tell(tmp_path, *words)
    assert len({(event.message, event.subject) for event in events}) == 1
    assert {event.type for event in events} == set(WORDS.values())


async def test_an_invitation_by_the_next_campaign_is_another_event_and_decided_anew(
    tmp_path: Path,
) -> None:
    bare = {"recent_messages": None, "conversation_id": None}
    bodies = [told(**bare, **each) for each in (
        {"campaignId": 123}, {"campaignId": 456}, {"campaignId": 456, "sender": {"id": 1}},
        {"campaign": {"name": "DAF"}},
    )]  # fmt: skip
    events, _ = await tell(tmp_path, *(("connection_request_sent", body) for body in bodies))
    first, second, again, named = (event.id for event in events)
    assert len({first, second, named}) == 3
    assert second == again
    assert {message_key("it", event.message or "") for event in events} == {None}


async def test_another_profile_is_another_touch(tmp_path: Path) -> None:
    profiles = ("https://www.linkedin.com/in/jane-doe/", "linkedin.com/in/JANE-DOE?x=1", "paul")
    words = [("message_sent", told(lead={"profile_url": each})) for each in profiles]
    first, again, paul = (await tell(tmp_path, *words)).events
    assert first.message == again.message != paul.message
    assert first.id == again.id != paul.id


@pytest.mark.parametrize(
    ("word", "changes", "time"),
    [
        ("message_sent", {}, ONE),
        ("message_reply_received", {}, ONE),
        ("message_reply_received", {"timestamp": NOON}, NOON),
        ("connection_request_accepted", {"timestamp": NOON}, NOON),
        ("connection_request_accepted", {}, None),
        ("message_sent", {"recent_messages": None}, None),
        ("message_sent", {"recent_messages": [{"creation_time": "at noon"}, 7]}, None),
        ("message_sent", {"recent_messages": 7, "timestamp": "2026-03-02T12:00:00"}, None),
    ],
)
async def test_the_time_is_what_is_told_else_the_newest_message_else_the_reception(
    tmp_path: Path, word: str, changes: dict[str, Any], time: str | None
) -> None:
    (event,) = (await tell(tmp_path, (word, told(**changes)))).events
    if time:
        assert event.time == time
    else:
        assert abs(event.at - now()) < 60


async def test_a_new_message_is_a_new_event(tmp_path: Path) -> None:
    later = [*told()["recent_messages"], {"creation_time": "2026-03-02T14:00:00Z"}]
    events, _ = await tell(
        tmp_path,
        ("message_reply_received", told()),
        ("message_reply_received", told(sender={"full_name": "Ana"})),
        ("message_reply_received", told(recent_messages=later)),
    )
    assert events[0].id == events[1].id
    assert len({event.id for event in events}) == 2


@pytest.mark.parametrize(
    ("changes", "name", "campaign"),
    [
        ({"campaignId": 123}, "campaignId", "123"),
        ({"campaign": {"id": 123, "name": "DAF"}}, "campaignId", "123"),
        ({"campaign": {"id": 123, "name": "DAF"}}, "campaignName", "DAF"),
        ({"campaign": "DAF"}, "campaignName", "c"),
        ({}, "campaignId", "c"),
    ],
)
async def test_the_campaign_is_heyreachs_wherever_it_stands_else_the_sources(
    tmp_path: Path, changes: dict[str, Any], name: str, campaign: str
) -> None:
    events, _ = await tell(tmp_path, ("message_sent", told(**changes)), campaign_from=name)
    assert events[0].campaign == campaign


@pytest.mark.parametrize("word", sorted(IGNORED))
async def test_words_that_prove_nothing_are_passed_over(tmp_path: Path, word: str) -> None:
    assert await tell(tmp_path, (word, {})) == ([], [])


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    words = (("levitated", told()), ("message_sent", told()))
    assert await tell(tmp_path, *words, ignore=["levitated", "message_sent"]) == ([], [])


@pytest.mark.parametrize(
    ("word", "body"),
    [
        (None, told()),
        ("MESSAGE_SENT", told()),
        ("message_sent", {}),
        ("message_sent", told(lead={"profile_url": ""})),
        ("message_sent", told(lead={"profile_url": "https://example.fr/jane/doe"})),
    ],
)
async def test_what_lacks_what_is_needed_is_not_understood(
    tmp_path: Path, word: str | None, body: dict[str, Any]
) -> None:
    events, letters = await tell(tmp_path, (word, body))
    assert (events, len(letters)) == ([], 1)
