"""What is entered by hand becomes an event like any other, named after whoever entered it."""

import json
import time
from typing import Any

import httpx
import pytest

from streamer.identity.identities import Identities
from streamer.ingest.access import cookie_name, seals
from tests.ingest.support import AUTHORISED, SECRET, Bench, bench, settings

ENTRY = {"id": "0123456789abcdef", "time": "2026-03-02T10:30:00Z"}
SESSION = {
    "cookie": f"{cookie_name(settings())}="
    + seals(settings()).seal("session", "", "test", int(time.time()) + 86_400)
}
OURS = {"sec-fetch-site": "same-origin"}


async def enter(made: Bench, entry: object, **headers: str) -> httpx.Response:
    body = json.dumps(entry).encode()
    sent = {"content-type": "application/json", **(headers or AUTHORISED)}
    return await made.client.post("/wall/spring%2F26/entries", content=body, headers=sent)


@pytest.mark.parametrize(
    ("entry", "kind", "data"),
    [
        (
            {"kind": "cost", "amount": "12.50", "currency": "EUR", "channel": "sms"},
            "cost.incurred",
            {"amount": "12.50", "currency": "EUR", "channel": "sms"},
        ),
        ({"kind": "cost", "amount": "-3"}, "cost.incurred", {"amount": "-3"}),
        (
            {"kind": "negative", "channel": "linkedin", "subject": "p"},
            "linkedin.replied",
            {"sentiment": "negative"},
        ),
        ({"kind": "meeting", "subject": "p"}, "meeting.booked", {"channel": "phone"}),
        ({"kind": "won", "subject": "p"}, "customer.won", {}),
    ],
)
async def test_an_entry_is_an_event(entry: dict[str, Any], kind: str, data: dict[str, Any]) -> None:
    async with bench() as made:
        answer = await enter(made, {**ENTRY, **entry})
        assert answer.status_code == 202
        (record,) = made.kafka.touchpoints()
        (event,) = json.loads(record.value)
    assert record.key == b"spring/26"
    assert event == answer.json()
    assert event.get("data", {}) == data
    assert (event["id"], event["time"]) == (ENTRY["id"], ENTRY["time"])
    assert (event["source"], event["type"], event["campaign"]) == ("/wall/test", kind, "spring/26")
    assert {name: event.get(name) for name in ("message", "subject")} == {
        name: entry.get(name) for name in ("message", "subject")
    }
    assert len(made.kafka.events()) == 1


async def test_a_plan_is_later_than_the_one_in_force() -> None:
    async with bench() as made:
        made.plans.micros["spring/26"] = 4_000_000_000_000_000
        answer = await enter(made, {"kind": "plan", "plan": {"name": "é", "cost": "12.50"}})
        assert answer.status_code == 202
    event = answer.json()
    assert event["data"] == {"name": "é", "cost": "12.50"}
    assert (event["source"], event["type"]) == ("/wall/test", "campaign.planned")
    assert event["time"] == "2096-10-02T07:06:40.000001Z"


@pytest.mark.parametrize(
    ("entry", "fields"),
    [
        ([], ["kind"]),
        ({"kind": "refund"}, ["kind"]),
        ({"kind": "cost", **ENTRY}, ["amount"]),
        ({"kind": "cost", **ENTRY, "amount": 12.5}, ["amount"]),
        ({"kind": "cost", **ENTRY, "amount": "12,50"}, ["amount"]),
        ({"kind": "cost", **ENTRY, "amount": "1", "currency": "euro"}, ["currency"]),
        ({"kind": "cost", **ENTRY, "amount": "1", "channel": "fax"}, ["channel"]),
        ({"kind": "cost", **ENTRY, "amount": "1", "subject": "p"}, ["subject"]),
        ({"kind": "negative", **ENTRY, "channel": "email"}, ["subject"]),
        ({"kind": "negative", **ENTRY, "subject": "p"}, ["channel"]),
        ({"kind": "negative", **ENTRY, "subject": "p", "channel": ["email"]}, ["channel"]),
        ({"kind": "meeting", **ENTRY, "subject": ""}, ["subject"]),
        # A touch that nobody knows would be made by naming it.
        ({"kind": "negative", **ENTRY, "channel": "sms", "message": "m"}, ["message", "subject"]),
        ({"kind": "meeting", **ENTRY, "message": "m"}, ["message", "subject"]),
        ({"kind": "won", **ENTRY}, ["subject"]),
        ({"kind": "won", "subject": "p"}, ["id", "time"]),
        ({"kind": "won", **ENTRY, "subject": "p", "id": "short"}, ["id"]),
        ({"kind": "won", **ENTRY, "subject": "p", "time": "2026-03-02"}, ["time"]),
        ({"kind": "plan", "plan": {"budget": 1}}, ["data.budget"]),
        ({"kind": "plan", "plan": []}, ["data"]),
        # A call has no reply.
        ({"kind": "negative", **ENTRY, "channel": "phone", "subject": "p"}, ["channel"]),
        ({"kind": "won", **ENTRY, "subject": "Jeanne Petit"}, ["subject"]),
    ],
)
async def test_a_slip_is_told_and_nothing_is_taken(entry: object, fields: list[str]) -> None:
    async with bench() as made:
        answer = await enter(made, entry)
        assert made.kafka.records == []
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == fields


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [
        ("Jeanne.Petit@Example.FR", "email", "jeanne.petit@example.fr"),
        ("06 12 34 56 78", "phone", "+33612345678"),
        ("https://www.linkedin.com/in/Jeanne-Petit/", "linkedin", "jeanne-petit"),
    ],
)
@pytest.mark.parametrize(
    "entry", [{"kind": "won"}, {"kind": "meeting"}, {"kind": "negative", "channel": "email"}]
)
async def test_an_address_becomes_its_identity_and_nothing_of_it_is_kept(
    entry: dict[str, Any], written: str, kind: str, meant: str
) -> None:
    async with bench() as made:
        answer = await enter(made, {**ENTRY, **entry, "subject": written})
        assert answer.status_code == 202
        (record,) = made.kafka.records
    assert json.loads(record.value)[0]["subject"] == Identities(SECRET.encode()).of(kind, meant)
    assert written.encode() not in record.value + answer.content


async def test_a_refusal_quotes_nothing_of_an_address() -> None:
    async with bench() as made:
        answer = await enter(made, {**ENTRY, "kind": "won", "subject": "jeanne@petit@example.fr"})
    assert answer.status_code == 400
    assert "jeanne" not in answer.text


async def test_a_logged_in_page_enters() -> None:
    async with bench() as made:
        answer = await enter(made, {**ENTRY, "kind": "won", "subject": "p"}, **SESSION, **OURS)
        assert answer.status_code == 202
        assert answer.json()["source"] == "/wall/test"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x": ""}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        (SESSION, 403),
        ({**SESSION, "sec-fetch-site": "cross-site"}, 403),
        ({**AUTHORISED, "content-type": "text/plain"}, 415),
        ({**AUTHORISED, "content-encoding": "gzip"}, 415),
    ],
)
async def test_nobody_else_enters(headers: dict[str, str], status: int) -> None:
    async with bench() as made:
        answer = await enter(made, {**ENTRY, "kind": "won", "subject": "p"}, **headers)
        assert made.kafka.records == []
    assert answer.status_code == status


async def test_an_open_gateway_takes_no_entry_either() -> None:
    async with bench(OPEN="1") as made:
        answer = await enter(made, {**ENTRY, "kind": "won", "subject": "p"}, x="")
    assert answer.status_code == 401


async def test_what_kafka_has_not_is_not_said_to_be_taken() -> None:
    async with bench() as made:
        made.kafka.away = True
        answer = await enter(made, {**ENTRY, "kind": "won", "subject": "p"})
    assert answer.status_code == 503


async def test_what_is_no_json_is_told() -> None:
    async with bench() as made:
        headers = {**AUTHORISED, "content-type": "application/json"}
        for path, body, status in (
            ("/wall/c/entries", b"{", 400),
            ("/wall/c/entries", b"x" * 70_000, 413),
            ("/wall/%FF/entries", b"{}", 404),
        ):
            answer = await made.client.post(path, content=body, headers=headers)
            assert answer.status_code == status
