"""lemlist's words, touches and prospects, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamer.errors import SettingsError
from streamer.ingest.vendors.lemlist import IGNORED, VENDOR, WORDS
from tests.ingest.vendors.telling import case_of, data_of, tell

CASE = case_of("lemlist")


def told(word: str, **changes: Any) -> dict[str, Any]:
    """One activity as lemlist sends it; a change to None takes the field away."""
    whole = {
        "_id": f"act_{word}",
        "type": word,
        "createdAt": "2026-03-02T10:00:00.172Z",
        "leadId": "lea_1",
        "leadEmail": "prospect@example.fr",
        "campaignId": "cam_12",
        "campaignName": "DAF Lyon",
        "sequenceId": "seq_1",
        "sequenceStep": 0,
        "stepId": "stp_1",
        "sendUserId": "usr_7",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def words_of(channel: str) -> list[str]:
    return [word for word, each in WORDS.items() if each.type.startswith(f"{channel}.")]


def test_every_word_that_gives_an_event_has_an_example() -> None:
    shown = {json.loads(each.request.body)["type"] for each in CASE.examples.values()}
    assert set(WORDS) <= shown
    assert not IGNORED & set(WORDS)


@pytest.mark.parametrize(
    ("channel", "message"),
    [("email", "lea_1:stp_1"), ("sms", "lea_1:stp_1"), ("linkedin", "lea_1")],
)
async def test_all_words_of_a_touch_name_it_alike(
    tmp_path: Path, channel: str, message: str
) -> None:
    words = words_of(channel)
    events, letters = await tell(CASE, tmp_path, *map(told, words), bounces="soft")
    assert ({event.message for event in events}, len(events)) == ({message}, len(words))
    assert letters == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stepId": "stp_2"}, "lea_1:stp_2"),
        ({"leadId": "lea_2"}, "lea_2:stp_1"),
        ({"stepId": None}, "lea_1:0"),
        ({"stepId": None, "sequenceStep": 3}, "lea_1:3"),
        ({"emailId": "eml_1"}, "lea_1:stp_1"),
    ],
)
async def test_a_mail_is_known_by_its_lead_and_step(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    events, _ = await tell(CASE, tmp_path, told("emailsSent", **changes))
    assert events[0].message == message


@pytest.mark.parametrize("gone", ["leadId", "step"])
async def test_without_a_touch_only_what_the_prospect_did_is_known(
    tmp_path: Path, gone: str
) -> None:
    absent = {"leadId": None} if gone == "leadId" else {"stepId": None, "sequenceStep": None}
    words = words_of("email")
    events, letters = await tell(CASE, tmp_path, *(told(word, **absent) for word in words))
    assert {event.type for event in events} == {"email.replied", "email.unsubscribed"}
    assert {event.message for event in events} == {None}
    assert len(events) + len(letters) == len(words)


async def test_two_calls_of_a_step_are_two_calls(tmp_path: Path) -> None:
    calls = [told("aircallEnded", _id=each) for each in ("act_1", "act_2", "act_1")]
    events, _ = await tell(CASE, tmp_path, *calls)
    assert [event.message for event in events] == ["act_1", "act_2", "act_1"]


async def test_a_lead_without_a_mail_address_is_known_by_his_number(tmp_path: Path) -> None:
    words = [
        told("linkedinInviteDone", leadEmail=address)
        for address in (None, "", "jeanne", "prospect@example.fr", "PROSPECT@example.fr")
    ]
    events, _ = await tell(CASE, tmp_path, *words)
    subjects = [event.subject for event in events]
    assert subjects[0] == subjects[1] == subjects[2] != subjects[3] == subjects[4]


async def test_the_prospect_may_have_a_pseudonym_of_his_own(tmp_path: Path) -> None:
    events, _ = await tell(CASE, tmp_path, told("emailsSent"), prospect_from="leadId")
    assert events[0].subject == "lea_1"


@pytest.mark.parametrize(
    ("name", "campaign"), [("campaignId", "cam_12"), ("campaignName", "DAF Lyon"), ("no", "c")]
)
async def test_the_campaign_is_lemlists_else_the_sources(
    tmp_path: Path, name: str, campaign: str
) -> None:
    events, _ = await tell(CASE, tmp_path, told("emailsSent"), campaign_from=name)
    assert events[0].campaign == campaign


async def test_only_calls_have_a_rep(tmp_path: Path) -> None:
    events, _ = await tell(
        CASE, tmp_path, told("aircallEnded"), told("emailsSent"), reps={"usr_7": "Ana"}
    )
    assert [data_of(event) for event in events] == [{"rep": "Ana"}, {}]


@pytest.mark.parametrize("bounces", ["firm", "", 7])
def test_a_bounce_is_hard_or_soft(tmp_path: Path, bounces: object) -> None:
    with pytest.raises(SettingsError, match='"hard" or "soft"'):
        CASE.sources(tmp_path, bounces=bounces)


def test_what_it_tells_of_bounces_is_what_the_source_says(tmp_path: Path) -> None:
    assert not {
        fact for fact in VENDOR.tells(CASE.sources(tmp_path)["it"].wishes) if "bounced" in fact
    }
    soft = VENDOR.tells(CASE.sources(tmp_path, bounces="soft")["it"].wishes)
    assert {fact for fact in soft if "bounced" in fact} == {"email.bounced:soft"}
    assert {"linkedin.replied:negative", "email.replied:positive"} <= soft


async def test_the_secret_is_kept_nowhere(tmp_path: Path) -> None:
    words = (told("linkedinLevitated"), told("emailsSent", createdAt="soon"), {"type": 7})
    _, letters = await tell(CASE, tmp_path, *words)
    assert [json.loads(letter.value or b"") for letter in letters] == list(words)


@pytest.mark.parametrize(
    "changes", [{"_id": None}, {"createdAt": None}, {"createdAt": "2026-03-02T10:00:00"}]
)
async def test_what_lacks_what_is_needed_is_not_understood(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    events, letters = await tell(CASE, tmp_path, told("emailsSent", **changes))
    assert (events, len(letters)) == ([], 1)
