"""Ringover's proofs, words and calls, one by one."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import Delivery
from streamer.ingest.vendors.ringover import VENDOR
from tests.ingest.vendors.cases import Request, now
from tests.ingest.vendors.support import case_of, data_of, send, tell

CASE = case_of("ringover")
KEY = CASE.secrets[0]
TAGS = {"tags": {"RDV pris": "meeting", "Rappel": "callback", "Intéressé": "positive"}}


def told(word: str = "hangup", resource: str = "call", **changes: Any) -> dict[str, Any]:
    """One word as Ringover sends it; `changes` are of the call, None takes a field away."""
    call = {
        "call_id": "8123",
        "channel_id": "9",
        "direction": "out",
        "from_number": "33186000000",
        "to_number": "33612345678",
        "start_time": 1_772_445_600,
        "hangup_time": 1_772_445_723.5,
        "duration_in_seconds": 111,
        "user_id": "7",
        "user": {"email": "sdr@example.fr"},
    }
    whole = {name: each for name, each in (call | changes).items() if each is not None}
    return {
        "event": word,
        "resource": resource,
        "timestamp": 1_772_445_800.25,
        "attempt": 1,
        "data": whole,
    }


def token(claims: object, key: str = KEY, alg: str = "HS512", digest: str = "sha512") -> str:
    header = {"typ": "JWT", "alg": alg}
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()) for each in (header, claims)]
    signed = b".".join(part.rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(key.encode(), signed, digest))
    return (signed + b"." + signature.rstrip(b"=")).decode()


def v3(body: bytes, url: str, timestamp: str, key: str = KEY) -> dict[str, str]:
    signed = b"POST" + url.encode() + body + timestamp.encode()
    signature = base64.b64encode(hmac.digest(key.encode(), signed, "sha256")).decode()
    return {
        "X-Ringover-Webhook-Signature-V3": signature,
        "X-Ringover-Request-Signature-V3-Timestamp": timestamp,
    }


BODY = json.dumps(told()).encode()
HEADER = "X-Ringover-Webhook-Signature"
RIGHT = {
    "a token of the url and the body": {HEADER: token({"url": "https://x", "payload": told()})},
    "a token of the body as a text": {HEADER: token({"payload": BODY.decode()})},
    "a token that is the body": {HEADER: token(told() | {"iat": 1})},
    "the key": {HEADER: KEY},
    "the key in Base64": {"Authorization": "Bearer " + base64.b64encode(KEY.encode()).decode()},
    "version 3": v3(BODY, Request().url, f"{now():.0f}"),
}
WRONG = {
    "nothing": {},
    "a token of another body": {HEADER: token({"payload": told("ringing")})},
    "a token of no body": {HEADER: token({"url": "https://x"})},
    "a token of nothing": {HEADER: token({})},
    "a token of a list": {HEADER: token([told()])},
    "a token of a number": {HEADER: token({"payload": 7})},
    "a token under another key": {HEADER: token({"payload": told()}, "other")},
    "a token under no key": {HEADER: token({"payload": told()}, "")},
    "a token that is not signed": {HEADER: token({"payload": told()}, alg="none")[:-86]},
    "a token of another algorithm": {
        HEADER: token({"payload": told()}, alg="HS256", digest="sha256")
    },
    "a token with the body in part": {HEADER: token({"event": "hangup", "resource": "call"})},
    "another key": {HEADER: "other"},
    "another key in Base64": {"Authorization": "Bearer b3RoZXI="},
    "the key in Base64 as another scheme": {
        "Authorization": "Basic " + base64.b64encode(KEY.encode()).decode()
    },
    "version 3 of another URL": v3(BODY, "https://other.example/webhooks/it", f"{now():.0f}"),
    "version 3 of another body": v3(b"{}", Request().url, f"{now():.0f}"),
    "version 3 of long ago": v3(BODY, Request().url, f"{now() - 25 * 3600:.0f}"),
    "version 3 without a time": v3(BODY, Request().url, ""),
}


def delivery(headers: dict[str, str]) -> Delivery:
    raw = {name.lower().encode(): value.encode() for name, value in headers.items()}
    return Delivery("POST", raw, b"", BODY, now(), url=Request().url)


@pytest.mark.parametrize("headers", RIGHT.values(), ids=RIGHT)
def test_each_way_of_proving_is_enough(tmp_path: Path, headers: dict[str, str]) -> None:
    assert CASE.sources(tmp_path)["it"].verify(delivery(headers))


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
def test_what_proves_nothing_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    assert not CASE.sources(tmp_path)["it"].verify(delivery(headers))


async def test_version_3_is_of_the_url_that_ringover_calls(tmp_path: Path) -> None:
    headers = v3(BODY, Request().url, f"{now():.0f}")
    events, _ = await send(CASE, tmp_path, Request(BODY, headers))
    assert [event.type for event in events] == ["phone.connected", "phone.completed"]


async def test_all_words_of_a_call_name_one_touch_one_prospect_and_one_rep(tmp_path: Path) -> None:
    words = [told(word) for word in ("ringing", "answered", "hangup")]
    events, _ = await tell(CASE, tmp_path, *words, told("hangup", channel_id="10"))
    assert len({(event.message, event.subject, data_of(event)["rep"]) for event in events}) == 1
    assert len({event.id for event in events}) == len(events) == 6


async def test_an_attempt_later_is_the_same_event(tmp_path: Path) -> None:
    events, _ = await tell(
        CASE,
        tmp_path,
        told("ringing"),
        told("ringing") | {"attempt": 2, "timestamp": 1_772_445_900},
    )
    assert events[0] == events[1]


@pytest.mark.parametrize(
    ("changes", "types"),
    [
        ({}, ["phone.connected", "phone.completed"]),
        ({"answering_machine_detection": "HUMAN"}, ["phone.connected", "phone.completed"]),
        ({"answering_machine_detection": "MACHINE"}, ["phone.unreached"]),
        ({"answering_machine_detection": "voicemail"}, ["phone.unreached"]),
        ({"duration_in_seconds": 0}, ["phone.unreached"]),
    ],
)
async def test_a_call_connects_when_a_person_talked(
    tmp_path: Path, changes: dict[str, Any], types: list[str]
) -> None:
    events, _ = await tell(CASE, tmp_path, told(**changes))
    assert [event.type for event in events] == types


async def test_an_answer_alone_is_not_yet_a_person(tmp_path: Path) -> None:
    events, _ = await tell(CASE, tmp_path, told("answered"))
    assert [event.type for event in events] == ["phone.made"]


@pytest.mark.parametrize(
    "number", ["33612345678", "+33612345678", "0612345678", 33612345678, "+33 6 12 34 56 78"]
)
async def test_a_number_is_the_same_however_it_is_written(tmp_path: Path, number: object) -> None:
    events, _ = await tell(CASE, tmp_path, told("ringing", to_number=number), told("ringing"))
    assert events[0].subject == events[1].subject is not None


@pytest.mark.parametrize("number", ["anonymous", "", None])
async def test_a_call_of_no_number_is_a_touch_of_no_prospect(
    tmp_path: Path, number: str | None
) -> None:
    events, _ = await tell(CASE, tmp_path, told("ringing", to_number=number))
    assert (events[0].message, events[0].subject) == ("8123", None)


@pytest.mark.parametrize(
    ("tags", "outcome"),
    [
        (["RDV pris"], "meeting"),
        (["Rappel", " rdv PRIS"], "meeting"),
        (["Rappel"], "callback"),
        (["Intéressé"], None),
        (["Autre"], None),
        ([], None),
        (None, None),
    ],
)
async def test_the_outcome_is_what_the_source_says_of_the_tags(
    tmp_path: Path, tags: object, outcome: str | None
) -> None:
    call = told("tags_updated", "aftercall", tags=tags)
    events, letters = await tell(CASE, tmp_path, call, **TAGS)
    assert [data_of(event)["outcome"] for event in events] == ([outcome] if outcome else [])
    assert letters == []


@pytest.mark.parametrize(
    "tags", [[{"id": 1, "name": "RDV pris"}], ["RDV pris", 7], "RDV pris", {"name": "RDV pris"}]
)
@pytest.mark.parametrize("word", ["tags_updated", "aftercall"])
async def test_tags_of_another_shape_are_kept_and_not_passed_over(
    tmp_path: Path, word: str, tags: object
) -> None:
    events, letters = await tell(CASE, tmp_path, told(word, "aftercall", tags=tags), **TAGS)
    assert events == []
    assert [each.reason for each in letters] == ["its `data.tags` is no list of texts"]


async def test_other_tags_are_another_event(tmp_path: Path) -> None:
    tagged = [
        told("tags_updated", "aftercall", tags=tags)
        for tags in (["RDV pris"], ["Rappel"], ["Lyon", "RDV pris"], ["RDV pris", "Lyon"])
    ]
    events, _ = await tell(CASE, tmp_path, *tagged, **TAGS)
    assert [event.id == events[2].id for event in events] == [False, False, True, True]
    assert events[0].id != events[1].id


@pytest.mark.parametrize("word", ["ringing", "hangup", "missed", "tags_updated"])
@pytest.mark.parametrize("changes", [{"direction": "in"}, {"is_internal": True}])
async def test_calls_that_come_in_or_stay_inside_are_no_touches(
    tmp_path: Path, word: str, changes: dict[str, Any]
) -> None:
    call = told(word, tags=["RDV pris"], **changes)
    assert await tell(CASE, tmp_path, call, **TAGS) == ([], [])


def test_outcomes_are_among_what_it_tells_only_with_tags(tmp_path: Path) -> None:
    plain = VENDOR.tells(CASE.sources(tmp_path)["it"].wishes)
    tagged = VENDOR.tells(CASE.sources(tmp_path, **TAGS)["it"].wishes)
    assert tagged - plain == {"phone.completed:meeting", "phone.completed:callback"}


@pytest.mark.parametrize(
    "event",
    [
        told("hangup", duration_in_seconds=None),
        told("hangup", call_id=None),
        told("hangup", direction=None),
        told("hangup", direction="up"),
        told("hangup", "sms"),
        told("hangup") | {"timestamp": None},
        told("hangup") | {"data": None},
        told("hangup") | {"event": 7},
    ],
)
async def test_what_lacks_what_is_needed_is_not_understood(
    tmp_path: Path, event: dict[str, Any]
) -> None:
    events, letters = await tell(CASE, tmp_path, event)
    assert (events, len(letters)) == ([], 1)


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    words = (told("levitated"), told("ringing"))
    assert await tell(CASE, tmp_path, *words, ignore=["levitated", "ringing"]) == ([], [])
