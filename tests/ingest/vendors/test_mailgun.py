"""Mailgun's words, ids and proofs, one by one."""

import json
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.sources import read_sources
from streamer.transport import deadletters
from tests.ingest.support import SECRET, bench, settings
from tests.ingest.vendors.cases import now
from tests.ingest.vendors.mailgun import KEYS, proof

IDENTITIES = Identities(SECRET.encode())
Found = tuple[list[Event], list[deadletters.DeadLetter]]


async def post(tmp_path: Path, body: bytes, source: str = "", status: int = 200) -> Found:
    file = tmp_path / "sources.toml"
    head = '[sources.mg]\nvendor = "mailgun"\nsecrets = ["env:MG_KEY"]\ncampaign = "c"\n'
    file.write_text(head + source)
    given = settings(SOURCES=str(file), MG_KEY=KEYS["first"])
    async with bench(read_sources(given)) as it:
        response = await it.client.post("/webhooks/mg", content=body)
        assert response.status_code == status
        sealed = it.kafka.letters()
        letters = [deadletters.read(SECRET.encode(), key, value) for _, key, value in sealed]
        return it.kafka.events(), letters


def told(**changes: Any) -> dict[str, Any]:
    """One event as Mailgun sends it; a change to None takes the field away."""
    whole = {
        "event": "opened",
        "id": "hTWC",
        "timestamp": 1_772_445_600.153125,
        "recipient": "Prospect@Example.fr",
        "message": {"headers": {"message-id": "1@mg.example.fr"}},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def send(tmp_path: Path, source: str = "", **changes: Any) -> Found:
    body = {"signature": proof("first", now()), "event-data": told(**changes)}
    return await post(tmp_path, json.dumps(body).encode(), source)


async def one(tmp_path: Path, source: str = "", **changes: Any) -> Event:
    events, letters = await send(tmp_path, source, **changes)
    assert letters == []
    (found,) = events
    return found


def failed(reason: str | None, code: object, message: str = "") -> dict[str, Any]:
    return {
        "event": "failed",
        "severity": "permanent",
        "reason": reason,
        "delivery-status": {"code": code, "message": message, "attempt-no": 1},
    }


@pytest.mark.parametrize(
    ("changes", "bounce"),
    [
        (failed("bounce", 550, "5.1.1 unknown"), "hard"),
        (failed("bounce", 550), "hard"),
        (failed("bounce", None, "unknown"), "hard"),
        (failed("delayed-bounce", 554), "hard"),
        (failed("bounce", 550, "5.2.2 full"), "soft"),
        (failed("bounce", 552), "soft"),
        (failed("bounce", 550, "4.2.1 later"), "soft"),
        (failed("bounce", 451), "soft"),
        (failed("bounce", 550, "5.2.20 no such status"), "hard"),
        (failed("generic", 550, "5.1.1 unknown"), "soft"),
        (failed("espblock", 550), "soft"),
        (failed("old", 602, "Too old"), "soft"),
        (failed(None, 550), "soft"),
    ],
)
async def test_a_bounce_is_hard_only_when_the_address_is_what_is_wrong(
    tmp_path: Path, changes: dict[str, Any], bounce: str
) -> None:
    found = await one(tmp_path, **changes)
    assert (found.type, found.data) == ("email.bounced", {"bounce": bounce})


@pytest.mark.parametrize(
    "reason", ["suppress-bounce", "suppress-unsubscribe", "suppress-complaint"]
)
async def test_what_mailgun_held_back_proves_nothing(tmp_path: Path, reason: str) -> None:
    assert await send(tmp_path, **failed(reason, 605)) == ([], [])


@pytest.mark.parametrize("flag", ["is-routed", "is-system-test", "is-test-mode"])
@pytest.mark.parametrize("word", ["accepted", "delivered"])
async def test_what_went_to_no_prospect_proves_nothing(
    tmp_path: Path, word: str, flag: str
) -> None:
    assert await send(tmp_path, event=word, flags={flag: True}) == ([], [])
    assert (await one(tmp_path, event=word, flags={flag: False})).subject


@pytest.mark.parametrize(
    "changes",
    [
        {"event": None},
        {"event": 7},
        {"id": None},
        {"timestamp": None},
        {"timestamp": "noon"},
        {"message": None},
        {"message": "m"},
        {"event": "failed", "severity": "middling"},
        {"event": "failed"},
    ],
)
async def test_what_is_not_as_documented_is_kept_without_its_proof(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    events, letters = await send(tmp_path, **changes)
    assert events == []
    assert json.loads(letters[0].value or b"") == {"event-data": told(**changes)}


@pytest.mark.parametrize("rest", [{}, {"event-data": None}, {"event-data": [1]}])
async def test_an_authentic_body_without_an_event_is_kept(
    tmp_path: Path, rest: dict[str, Any]
) -> None:
    both = {name: proof("first", now()) for name in ("signature", "parent-signature")}
    events, letters = await post(tmp_path, json.dumps(both | rest).encode())
    assert events == []
    assert json.loads(letters[0].value or b"") == rest


async def test_a_broken_character_elsewhere_does_not_hide_the_proof(tmp_path: Path) -> None:
    headers = {"message-id": "1@mg.example.fr", "subject": "Bonjour \ud83d"}
    assert (await one(tmp_path, message={"headers": headers})).message == "1@mg.example.fr"


async def test_an_event_is_known_by_its_id_and_its_time(tmp_path: Path) -> None:
    found = await one(tmp_path)
    assert (found.id, found.time) == ("hTWC:1772445600.153125", "2026-03-02T10:00:00.153125Z")
    later = await one(tmp_path, timestamp=1_772_532_000.153125)
    assert later.id != found.id, "the id alone is unique for a day only"


@pytest.mark.parametrize(
    ("source", "changes", "campaign", "message", "subject"),
    [
        ("", {}, "c", "1@mg.example.fr", IDENTITIES.email("prospect@example.fr")),
        (
            "",
            {"message": {"headers": {"message-id": "<1@mg.example.fr>"}}},
            "c",
            "1@mg.example.fr",
            IDENTITIES.email("prospect@example.fr"),
        ),
        (
            'campaign_from = "c"\nprospect_from = "p"\nmessage_from = "m"',
            {"user-variables": {"c": "spring", "p": "p_8", "m": "m1"}},
            "spring",
            "m1",
            "p_8",
        ),
        (
            'campaign_from = "c"',
            {"user-variables": '{"c": "spring"}'},
            "spring",
            "1@mg.example.fr",
            IDENTITIES.email("prospect@example.fr"),
        ),
        (
            'campaign_from = "tags"',
            {"tags": ["spring", "x"]},
            "spring",
            "1@mg.example.fr",
            IDENTITIES.email("prospect@example.fr"),
        ),
        ('campaign_from = "tags"', {"recipient": None}, "c", "1@mg.example.fr", None),
    ],
)
async def test_campaign_message_and_prospect_come_from_what_was_attached(
    tmp_path: Path,
    source: str,
    changes: dict[str, Any],
    campaign: str,
    message: str,
    subject: str | None,
) -> None:
    found = await one(tmp_path, source, **changes)
    assert (found.campaign, found.message, found.subject) == (campaign, message, subject)


async def test_words_to_be_ignored_are(tmp_path: Path) -> None:
    assert await send(tmp_path, 'ignore = ["opened"]') == ([], [])


@pytest.mark.parametrize(
    "spoil",
    [
        {"token": ""},
        {"timestamp": ""},
        {"signature": ""},
        {"signature": "zz"},
        {"signature": None},
        {"token": 7},
        {"token": ["t"]},
        {"timestamp": "1772445600.5"},
        {"timestamp": "٣"},
    ],
)
async def test_a_spoiled_proof_proves_nothing(tmp_path: Path, spoil: dict[str, Any]) -> None:
    body = {"signature": proof("first", now()) | spoil, "event-data": told()}
    assert await post(tmp_path, json.dumps(body).encode(), status=401) == ([], [])


async def test_digits_cannot_be_moved_between_time_and_token(tmp_path: Path) -> None:
    made = proof("first", now(), "5" + "t" * 49)
    moved = made | {"timestamp": made["timestamp"] + "5", "token": "t" * 49}
    shorter = made | {
        "timestamp": made["timestamp"][:-1],
        "token": made["timestamp"][-1] + made["token"],
    }
    for each in (moved, shorter):
        body = {"signature": each, "event-data": told()}
        assert await post(tmp_path, json.dumps(body).encode(), status=401) == ([], [])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
WHOLE = told(**failed("bounce", 550), tags=["x"], flags={}, **{"user-variables": {"c": "spring"}})

# Incoming mail.

HEADERS = [["From", "Jeanne <prospect@example.fr>"], ["Message-Id", "<r1@example.fr>"]]


def incoming(**changes: Any) -> dict[str, str]:
    whole = {
        "recipient": "replies@mg.example.fr",
        "sender": "bounces+1@relay.example",
        "from": "Jeanne <Prospect@example.fr>",
        "stripped-text": "Oui, volontiers.",
        "message-headers": json.dumps(HEADERS),
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def form(fields: dict[str, str]) -> bytes:
    return urllib.parse.urlencode(fields | proof("first", now())).encode()


def parts(fields: dict[str, str]) -> bytes:
    head = "--B1\r\nContent-Disposition: form-data; name="
    made = [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    made += [f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in proof("first", now()).items()]
    made.append(f'{head}"attachment-1"; filename="a.pdf"\r\n\r\n%PDF\r\n--B1--\r\n')
    return "".join(made).encode()


async def test_a_reply_is_of_whoever_wrote_it_however_it_is_posted(tmp_path: Path) -> None:
    ids = set()
    for made in (form(incoming()), parts(incoming())):
        (found,), letters = await post(tmp_path, made)
        assert letters == []
        assert (found.type, found.campaign, found.message) == ("email.replied", "c", None)
        assert found.subject == IDENTITIES.email("prospect@example.fr")
        ids.add(found.id)
    assert len(ids) == 1


async def test_without_an_author_the_envelope_tells_who(tmp_path: Path) -> None:
    (found,), _ = await post(tmp_path, form(incoming(**{"from": None})))
    assert found.subject == IDENTITIES.email("bounces+1@relay.example")


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": ""},
        {"message-headers": json.dumps([*HEADERS, ["Auto-Submitted", "auto-replied"]])},
    ],
)
async def test_what_a_program_wrote_is_no_reply(tmp_path: Path, changes: dict[str, str]) -> None:
    assert await post(tmp_path, form(incoming(**changes))) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": None},
        {"message-headers": None},
        {"message-headers": "[["},
        {"message-headers": '{"From": "x"}'},
    ],
)
@pytest.mark.parametrize("how", [form, parts])
async def test_a_form_that_is_no_incoming_mail_is_kept_without_its_proof(
    tmp_path: Path, changes: dict[str, Any], how: Any
) -> None:
    events, letters = await post(tmp_path, how(incoming(**changes)))
    assert events == []
    kept = dict(urllib.parse.parse_qsl((letters[0].value or b"").decode()))
    assert kept.pop("timestamp")
    assert kept == incoming(**changes)


async def test_what_the_mail_brings_along_is_not_taken_for_the_proof(tmp_path: Path) -> None:
    mine = urllib.parse.urlencode({"token": "x", "timestamp": "1", "signature": "00"}).encode()
    (found,), _ = await post(tmp_path, mine + b"&" + form(incoming()))
    assert found.type == "email.replied"


@given(at=st.sampled_from(sorted(WHOLE)), put=JSON, also=st.dictionaries(st.text(max_size=9), JSON))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
async def test_whatever_an_authentic_event_holds_it_is_read_or_kept(
    tmp_path: Path, at: str, put: Any, also: dict[str, Any]
) -> None:
    source = 'campaign_from = "c"\nprospect_from = "tags"\nmessage_from = "m"'
    for event in (WHOLE | {at: put}, also, put):
        body = json.dumps({"signature": proof("first", now()), "event-data": event}).encode()
        _, letters = await post(tmp_path, body, source)
        assert not [each for each in letters if "defect" in each.reason]


@given(at=st.sampled_from(sorted(incoming())), put=st.text(max_size=20), headers=JSON)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
async def test_whatever_an_incoming_mail_holds_it_is_read_or_kept(
    tmp_path: Path, at: str, put: str, headers: Any
) -> None:
    for how in (form, parts):
        for changes in ({at: put}, {"message-headers": json.dumps(headers)}):
            # A text that is no part of a form in parts may be refused; it is never a defect.
            _, letters = await post(tmp_path, how(incoming() | changes))
            assert not [each for each in letters if "defect" in each.reason]
