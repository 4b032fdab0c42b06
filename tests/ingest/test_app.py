"""Health, documents, the reads that are passed in, and what is nowhere."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from streamer.ingest.access import authorise
from tests.ingest.support import AUTHORISED, bench, settings
from tests.ingest.vendors.support import case_of

OPENAPI = json.dumps(
    {
        "info": {"title": "Streamer <API>"},
        "paths": {
            "/v1/events": {
                "post": {
                    "summary": "Take events & count them",
                    "parameters": [{"$ref": "#/components/parameters/p"}],
                    "requestBody": {
                        "content": {"application/json": {"examples": {"one": {"value": {"a": 1}}}}}
                    },
                    "responses": {"202": {"description": "taken"}},
                }
            }
        },
        "components": {"parameters": {"p": {"name": "pretty", "in": "query"}}},
    }
).encode()


async def test_it_is_alive_always_and_ready_while_kafka_acknowledges() -> None:
    async with bench() as it:
        assert (await it.client.get("/healthz")).json() == {"status": "ok"}
        assert (await it.client.get("/readyz")).status_code == 200
        it.kafka.away = True
        assert (await it.client.get("/healthz")).status_code == 200
        ready = await it.client.get("/readyz")
        assert (ready.status_code, ready.json()["reason"]) == (503, "It is away.")
        assert (await it.client.post("/readyz")).status_code == 405


async def test_the_documents_are_a_page_and_a_file() -> None:
    async with bench(openapi=OPENAPI) as it:
        page = await it.client.get("/docs")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for shown in ("Streamer &lt;API&gt;", "POST /v1/events", "events &amp; count", "pretty"):
            assert shown in page.text
        assert "<script" not in page.text
        assert (await it.client.get("/docs/openapi.json")).content == OPENAPI


async def test_without_a_document_there_is_no_page() -> None:
    async with bench() as it:
        assert (await it.client.get("/docs")).status_code == 404


async def test_what_is_nowhere_is_404_with_a_problem() -> None:
    async with bench() as it:
        for path in ("/", "/v1", "/v1/events/", "/v1/campaigns", "/webhooks", "/v2/events"):
            response = await it.client.get(path)
            assert response.status_code == 404, path
            assert response.headers["content-type"] == "application/problem+json"


async def who(request: Request) -> Response:
    principal = authorise(request.scope, settings(OPEN=request.query_params.get("open", "0")))
    return PlainTextResponse(f"{principal.name} {request.path_params['campaign']}")


async def broken_off(_request: Request) -> Response:
    async def begun() -> AsyncIterator[bytes]:
        yield b"begun"
        raise ZeroDivisionError

    return StreamingResponse(begun())


READS = [Route("/v1/campaigns/{campaign}", who), Route("/v1/broken", broken_off)]


async def test_reads_are_served_to_whom_they_let_in() -> None:
    async with bench(reads=READS) as it:
        allowed = await it.client.get("/v1/campaigns/c", headers=AUTHORISED)
        assert (allowed.status_code, allowed.text) == (200, "test c")
        assert (await it.client.get("/v1/campaigns/c?open=1")).text == "open c"
        refused = await it.client.get("/v1/campaigns/c")
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"


async def test_the_methods_of_a_campaign_are_those_of_its_read_and_its_plan() -> None:
    async with bench(reads=READS) as it:
        wrong = await it.client.post("/v1/campaigns/c", headers=AUTHORISED)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, PUT")


async def test_an_answer_that_breaks_off_is_left_to_the_server() -> None:
    async with bench(reads=READS) as it:
        it.client._transport.raise_app_exceptions = True  # type: ignore[attr-defined]
        with pytest.raises(ZeroDivisionError):
            await it.client.get("/v1/broken")


async def test_dead_letters_of_every_source_are_shown_before_the_first(tmp_path: Path) -> None:
    async with bench(case_of("sendgrid").sources(tmp_path)) as it:
        shown = it.gateway.metrics.render().decode()
    assert 'streamer_webhook_events_total{outcome="dead_lettered",source="it"} 0.0' in shown
