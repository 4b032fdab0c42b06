"""`POST /v1/events` over a Kafka that is not there: statuses, bodies, nothing taken by half."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from streamer.ingest.bodies import Budget, body_of
from streamer.ingest.problems import TooSlow
from tests.ingest.support import AUTHORISED, bench, event


def problem(response: httpx.Response) -> Mapping[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: Mapping[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "detail"} <= set(body)
    return body


async def test_events_are_accepted_once_kafka_has_them() -> None:
    async with bench() as it:
        response = await it.post([event(id="1"), event(id="2", campaign="d"), event(id="3")])
        assert (response.status_code, response.json()) == (202, {"accepted": 3})
        assert sorted(each.id for each in it.kafka.events()) == ["1", "2", "3"]
        assert {record.key for record in it.kafka.records} == {b"c", b"d"}


@pytest.mark.parametrize(
    ("content_type", "body", "accepted"),
    [
        ("application/cloudevents+json", event(), 1),
        ("application/cloudevents+json; charset=UTF-8", event(), 1),
        ("application/cloudevents-batch+json", [event(), event()], 2),
        ("application/cloudevents-batch+json", [], 0),
        ("application/json", event(), 1),
        ("Application/JSON; charset=utf-8", [event()], 1),
        ("application/json", [event(type="tomorrow.invented")], 1),
    ],
)
async def test_each_content_type_by_its_shape(
    content_type: str, body: object, accepted: int
) -> None:
    async with bench() as it:
        response = await it.post(body, headers={"content-type": content_type})
        assert (response.status_code, response.json()) == (202, {"accepted": accepted})


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": None},
        {"content-type": "application/cloudevents+xml"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-encoding": "gzip"},
        {"content-type": "text/xml", "ce-specversion": "1.0", "ce-id": "1"},
    ],
)
async def test_other_content_is_415(headers: dict[str, str | None]) -> None:
    async with bench() as it:
        response = await it.post(event(), headers=headers)
        assert response.status_code == 415
        assert problem(response)["title"] == "Unsupported Media Type"
        assert it.kafka.records == []


async def test_one_bad_event_and_nothing_is_taken() -> None:
    async with bench() as it:
        response = await it.post([event(), event(id="2", time="now"), {}])
        assert response.status_code == 400
        errors = problem(response)["errors"]
        assert errors[0] == {
            "index": 1,
            "id": "2",
            "field": "time",
            "reason": "must be RFC 3339 with an offset, such as 2026-03-02T10:30:00Z, "
            "from 2000 to 2099",
        }
        assert {error["index"] for error in errors} == {1, 2}
        assert it.kafka.records == []


async def test_what_cannot_be_shown_in_an_error_is_escaped() -> None:
    async with bench() as it:
        response = await it.post(b'{"id": "\\ud800", "\\ud801": 1}')
        assert response.status_code == 400
        assert problem(response)["errors"][0]["id"] == "\ud800"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic dDB0ZW4=", "t0ken"]
)
async def test_without_a_valid_token_it_is_401(authorization: str | None) -> None:
    async with bench() as it:
        response = await it.post(event(), headers={"authorization": authorization})
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        problem(response)
        assert it.kafka.records == []


async def test_any_of_the_tokens_is_valid_and_the_scheme_has_no_case() -> None:
    async with bench() as it:
        response = await it.post(event(), headers={"authorization": "bearer 0ther"})
        assert response.status_code == 202


async def test_open_reads_do_not_open_writes() -> None:
    async with bench(OPEN="1") as it:
        assert (await it.post(event(), headers={"authorization": None})).status_code == 401


async def test_other_methods_are_405() -> None:
    async with bench() as it:
        response = await it.client.get("/v1/events", headers=AUTHORISED)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"


async def test_above_the_limits_it_is_413() -> None:
    async with bench(MAX_REQUEST_BYTES="2000", MAX_EVENT_BYTES="1000") as it:
        assert (await it.post([event(id="x" * 2000)])).status_code == 413
        assert (await it.post([event(id="x" * 1000)])).status_code == 413
        assert (await it.post([event(id="x" * 500), event(id="y" * 500)])).status_code == 202
        assert len(it.kafka.records) == 1


async def test_kafka_away_is_503_with_whole_seconds_to_wait() -> None:
    async with bench() as it:
        it.kafka.away = True
        response = await it.post(event())
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        problem(response)
        it.kafka.away = False
        assert (await it.post(event())).status_code == 202


async def test_bodies_that_are_read_count_against_what_may_be_held() -> None:
    async with bench(MAX_BUFFERED_BYTES="1500") as it:
        it.kafka.acknowledges.clear()
        first = asyncio.create_task(it.post(event(id="x" * 1000)))
        await it.kafka.received(1)
        refused = await it.post(event(id="y" * 1000))
        assert refused.status_code == 503
        it.kafka.acknowledges.set()
        assert (await first).status_code == 202
        assert (await it.post(event(id="y" * 500))).status_code == 202


async def test_a_body_that_comes_in_pieces_is_one_body() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in json.dumps(event()).encode():
            yield bytes([byte])

    async with bench() as it:
        headers = AUTHORISED | {"content-type": "application/json"}
        response = await it.client.post("/v1/events", content=pieces(), headers=headers)
        assert response.status_code == 202


async def call(
    it: Any,
    receive: Any,
    extra: tuple[tuple[bytes, bytes], ...] = (),
) -> list[dict[str, Any]]:
    """Call the application with a `receive` of the test's own."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in AUTHORISED.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "query_string": b"",
        "headers": [*headers, (b"content-type", b"application/json"), *extra],
    }
    await it.gateway(scope, receive, send)
    return sent


async def test_a_body_that_never_ends_is_given_up() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    budget = Budget(1_000)
    async with asyncio.timeout(1):
        with pytest.raises(TooSlow):
            async with body_of({"headers": []}, receive, 1_000, budget, seconds=0.05):
                raise AssertionError
    assert TooSlow.status == 408
    assert budget.held == 0


async def test_a_body_that_grows_without_end_is_413_and_is_not_held() -> None:
    taken = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    async with bench() as it:
        start, _ = await call(it, receive)
        assert start["status"] == 413
        assert taken * 65_536 < 16 * 1024 * 1024


async def test_an_announced_length_is_refused_when_it_is_too_much_and_else_not_believed() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(event()).encode(), "more_body": False}

    async with bench() as it:
        start, _ = await call(it, receive, ((b"content-length", b"99999999999"),))
        assert start["status"] == 413
        start, _ = await call(it, receive, ((b"content-length", b"2"),))
        assert start["status"] == 202


async def test_a_client_that_goes_is_not_answered() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async with bench() as it:
        assert await call(it, receive) == []
        assert it.kafka.records == []


async def test_answers_are_counted_by_route_and_status() -> None:
    async with bench() as it:
        await it.post(event())
        await it.post(b"{")
        await it.client.get("/nowhere")
        shown = it.gateway.metrics.render().decode()
        assert 'streamer_http_requests_total{route="events",status="202"} 1.0' in shown
        assert 'streamer_http_requests_total{route="events",status="400"} 1.0' in shown
        assert 'status="404"' in shown
        assert "streamer_posted_events_total 1.0" in shown
        assert "streamer_gateway_held_bytes 0.0" in shown


async def test_a_defect_is_a_500_that_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with bench() as it:

        async def broken(*_: object) -> None:
            raise ZeroDivisionError("with a detail")

        it.gateway.packer.take = broken  # type: ignore[assignment]
        response = await it.post(event())
        assert response.status_code == 500
        assert "with a detail" not in response.text
        assert "a defect while serving events" in caplog.text
