"""Aircall's words and calls, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import Delivery
from streamer.ingest.vendors.aircall import VENDOR
from tests.ingest.vendors.support import case_of, data_of, tell

CASE = case_of("aircall")
TAGS = {"tags": {"RDV pris": "meeting", "Rappel": "callback", "Intéressé": "positive"}}


def told(word: str = "call.ended", **changes: Any) -> dict[str, Any]:
    """One word as Aircall sends it; `changes` are of the call, None takes a field away."""
    call = {
        "id": 812,
        "direction": "outbound",
        "raw_digits": "+33 6 12 34 56 78",
        "started_at": 1_772_445_600,
        "answered_at": 1_772_445_612,
        "ended_at": 1_772_445_735,
        "duration": 135,
        "user": {"id": 7, "email": "sdr@example.fr"},
        "tags": [],
    }
    whole = {name: each for name, each in (call | changes).items() if each is not None}
    return {"resource": "call", "event": word, "timestamp": 1_772_445_800, "data": whole}


def tag(*names: str) -> list[dict[str, Any]]:
    return [{"id": number, "name": name} for number, name in enumerate(names)]


async def test_all_words_of_a_call_name_one_touch_one_prospect_and_one_rep(tmp_path: Path) -> None:
    words = ("call.created", "call.answered", "call.ended", "call.tagged")
    events, _ = await tell(
        CASE, tmp_path, *(told(word, tags=tag("RDV pris")) for word in words), **TAGS
    )
    assert [event.type.partition(".")[2] for event in events] == [
        "made",
        "connected",
        "connected",
        "completed",
        "completed",
    ]
    assert len({(event.message, event.subject, data_of(event)["rep"]) for event in events}) == 1
    assert len({event.id for event in events}) == len(events)


async def test_talk_time_leaves_the_ringing_out(tmp_path: Path) -> None:
    events, _ = await tell(CASE, tmp_path, told(duration=135))
    assert data_of(events[-1])["duration"] == 123


@pytest.mark.parametrize("number", ["anonymous", "", None])
async def test_a_call_of_no_number_is_a_touch_of_no_prospect(
    tmp_path: Path, number: str | None
) -> None:
    events, letters = await tell(CASE, tmp_path, told("call.created", raw_digits=number))
    assert (events[0].message, events[0].subject, letters) == ("812", None, [])


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        (("RDV pris",), "meeting"),
        (("  rdv PRIS ",), "meeting"),
        (("Rappel", "RDV pris"), "meeting"),
        (("Rappel", "Autre"), "callback"),
        (("Autre",), None),
        (("Intéressé",), None),
        ((), None),
    ],
)
async def test_the_outcome_is_what_the_source_says_of_the_tags(
    tmp_path: Path, names: tuple[str, ...], outcome: str | None
) -> None:
    events, letters = await tell(CASE, tmp_path, told("call.tagged", tags=tag(*names)), **TAGS)
    assert [data_of(event)["outcome"] for event in events] == ([outcome] if outcome else [])
    assert letters == []


async def test_a_call_that_ends_with_a_tag_has_its_outcome_at_once(tmp_path: Path) -> None:
    events, _ = await tell(CASE, tmp_path, told(tags=tag("Rappel")), **TAGS)
    assert events[-1].data == {"duration": 123, "outcome": "callback", "rep": "7"}


@pytest.mark.parametrize("word", ["call.tagged", "call.untagged"])
async def test_a_tag_on_a_call_that_nobody_answered_is_no_outcome(
    tmp_path: Path, word: str
) -> None:
    call = told(word, answered_at=None, tags=tag("Rappel"))
    assert await tell(CASE, tmp_path, call, **TAGS) == ([], [])


@pytest.mark.parametrize("tags", [["RDV pris"], "RDV pris", {"name": "RDV pris"}])
@pytest.mark.parametrize("word", ["call.ended", "call.tagged", "call.untagged"])
async def test_tags_of_another_shape_are_kept_and_change_no_outcome(
    tmp_path: Path, word: str, tags: object
) -> None:
    events, letters = await tell(CASE, tmp_path, told(word, tags=tags), **TAGS)
    assert events == []
    assert [each.reason for each in letters] == ["its `data.tags` is no list of objects"]


async def test_without_tags_in_the_source_no_outcome_is_told(tmp_path: Path) -> None:
    words = [told(word, tags=tag("RDV pris")) for word in ("call.tagged", "call.untagged")]
    assert await tell(CASE, tmp_path, *words) == ([], [])


def test_outcomes_are_among_what_it_tells_only_with_tags(tmp_path: Path) -> None:
    told = VENDOR.tells(CASE.sources(tmp_path)["it"].wishes)
    assert "phone.completed:duration" in told
    assert not {"phone.completed:meeting", "phone.completed:callback"} & told
    told = VENDOR.tells(CASE.sources(tmp_path, **TAGS)["it"].wishes)
    assert {"phone.completed:meeting", "phone.completed:callback"} <= told
    assert "phone.completed:positive" not in told


async def test_a_rep_without_a_number_is_known_by_the_hash_of_his_address(tmp_path: Path) -> None:
    events, _ = await tell(
        CASE, tmp_path, told("call.created", user={"email": "sdr@example.fr"}), told("call.created")
    )
    assert "@" not in data_of(events[0])["rep"]
    events, _ = await tell(CASE, tmp_path, told("call.created"), reps={"7": "Ana"})
    assert events[0].data == {"rep": "Ana"}
    events, _ = await tell(CASE, tmp_path, told("call.created", user=None))
    assert events[0].data is None


async def test_the_token_is_kept_nowhere(tmp_path: Path) -> None:
    words = (
        told("call.levitated"),
        told("call.created", id=None),
        told(direction="sideways"),
        {"event": 7},
    )
    _, letters = await tell(CASE, tmp_path, *words)
    for each, letter in zip(words, letters, strict=True):
        assert CASE.secrets[0].encode() not in (letter.value or b"")
        assert json.loads(letter.value or b"") == each
    delivery = Delivery("POST", {}, b"", json.dumps(told() | {"token": "x"}).encode(), 0.0)
    for item in VENDOR.read(delivery, CASE.sources(tmp_path)["it"].wishes):
        assert b"token" not in item.raw


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b'{"token": ', b"\xff", b"{" * 100_000])
def test_what_is_no_object_is_not_kept_when_its_token_cannot_be_taken_out(body: bytes) -> None:
    assert VENDOR.strip(body) == b"{}"


async def test_a_token_of_another_kind_is_no_token(tmp_path: Path) -> None:
    verify = CASE.sources(tmp_path)["it"].verify
    for token in (None, "", 7, True, [CASE.secrets[0]], CASE.secrets[0] + " "):
        body = json.dumps(told() | {"token": token}).encode()
        assert not verify(Delivery("POST", {}, b"", body, 0.0))


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    words = (told("call.levitated"), told("call.created"))
    assert await tell(CASE, tmp_path, *words, ignore=["call.created", "call.levitated"]) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"event": None},
        {"timestamp": None},
        {"timestamp": "at noon"},
        {"data": None},
        {"data": []},
    ],
)
async def test_what_lacks_what_is_needed_is_not_understood(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    events, letters = await tell(CASE, tmp_path, told("call.created") | changes)
    assert (events, len(letters)) == ([], 1)
