"""SparkPost's words, bounce classes, mails and recipients, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.vendors import sparkpost
from tests.ingest.support import SECRET
from tests.ingest.vendors.support import case_of, told

CASE = case_of("sparkpost")
PERSON = Identities(SECRET.encode()).email("prospect@example.fr")


def event(word: str = "delivery", **changes: Any) -> dict[str, Any]:
    """One event as SparkPost sends it; a change to None takes the field away."""
    whole = {
        "type": word,
        "event_id": "e-1",
        "raw_rcpt_to": "Prospect@Example.fr",
        "rcpt_to": "prospect@example.fr",
        "timestamp": "1772445600",
        "transmission_id": "t-1",
    }
    inner = {name: value for name, value in (whole | changes).items() if value is not None}
    # What it sends in earnest has its customer beside the event.
    return {"msys": {"message_event": inner}, "cust": {"id": "1"}}


async def one(tmp_path: Path, body: object, **keys: Any) -> Event:
    events, letters = await told(CASE, tmp_path, body, **keys)
    assert letters == []
    (found,) = events
    return found


async def test_an_event_has_its_id_its_time_and_its_recipient(tmp_path: Path) -> None:
    found = await one(tmp_path, event())
    assert (found.id, found.time, found.subject) == ("e-1", "2026-03-02T10:00:00Z", PERSON)


@pytest.mark.parametrize("word", ["bounce", "out_of_band"])
@pytest.mark.parametrize(("number", "wanted"), sparkpost.BOUNCES.items())
async def test_each_class_of_bounce_is_one_of_ours_or_nothing(
    tmp_path: Path, word: str, number: str, wanted: tuple[str, str | None] | None
) -> None:
    body = event(word, bounce_class=number)
    if wanted is None:
        assert await told(CASE, tmp_path, body) == ([], [])
        return
    found = await one(tmp_path, body)
    assert (found.type, (found.data or {}).get("bounce")) == wanted


def test_only_a_wrong_address_is_hard() -> None:
    hard = {number for number, told in sparkpost.BOUNCES.items() if told and told[1] == "hard"}
    assert hard == {"10", "30"}


async def test_a_delay_is_no_bounce_whatever_its_class(tmp_path: Path) -> None:
    found = await one(tmp_path, event("delay", bounce_class="10"))
    assert (found.type, found.data) == ("email.deferred", None)


async def test_a_transmission_is_a_mail_for_each_of_its_recipients(tmp_path: Path) -> None:
    first = await one(tmp_path, event())
    opened = await one(tmp_path, event("open", raw_rcpt_to=None))
    other = await one(tmp_path, event(raw_rcpt_to="other@example.fr"))
    assert first.message == opened.message == f"t-1:{PERSON}"
    assert other.message not in {None, first.message}


async def test_metadata_may_name_campaign_message_and_prospect(tmp_path: Path) -> None:
    keys = {"campaign_from": "cmp", "message_from": "mail", "prospect_from": "who"}
    meta = {"cmp": "spring", "mail": "step-1", "who": "p-8"}
    found = await one(tmp_path, event(rcpt_meta=meta, transmission_id=None), **keys)
    assert (found.campaign, found.message, found.subject) == ("spring", "step-1", "p-8")
    # The mail is of its address, whoever the metadata says that he is.
    assert (await one(tmp_path, event(rcpt_meta=meta), prospect_from="who")).message == (
        f"t-1:{PERSON}"
    )


async def test_a_ping_is_taken_and_proves_nothing(tmp_path: Path) -> None:
    assert await told(CASE, tmp_path, [{"msys": {}}]) == ([], [])


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    bodies = [event("injection"), event("levitation"), event()]
    events, letters = await told(CASE, tmp_path, bodies, ignore=["injection", "levitation"])
    assert [each.type for each in events] == ["email.delivered"]
    assert letters == []


@pytest.mark.parametrize(
    "body",
    [
        event("levitation"),
        event(type=7),
        event(type=None),
        event(event_id=None),
        event(timestamp=None),
        event(timestamp="2026-03-02T10:00:00Z"),
        event(transmission_id=None),
        event(raw_rcpt_to=None, rcpt_to=None),
        event(raw_rcpt_to=" "),
        event("bounce"),
        event("bounce", bounce_class="999"),
        {"msys": {"relay_message": {"content": {}, "rcpt_to": "sales@example.com"}}},
        {"msys": event()["msys"] | {"track_event": {}}},
        {"msys": {"message_event": []}},
        {"msys": None},
        {},
    ],
)
async def test_one_that_is_not_understood_does_not_hold_back_the_others(
    tmp_path: Path, body: object
) -> None:
    events, letters = await told(CASE, tmp_path, [body, event()])
    assert [each.type for each in events] == ["email.delivered"]
    assert len(letters) == 1
