"""The reads answer what the store holds, and say precisely when they cannot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from streamer.errors import Unauthorized
from streamer.exposition import bodies
from streamer.exposition.api import routes
from streamer.exposition.sources import Feed
from streamer.exposition.store import SnapshotStore
from streamer.exposition.writer import RedisWriter
from streamer.state import Epoch
from tests.exposition.cases import case, hours_of, snapshot_of
from tests.exposition.redis_pair import PARTITIONS, complete, store, until_as_of, writer

EPOCH = Epoch(1, 1)
CASE = case("01")
AWKWARD = "spring/26 é?#%2F"


@pytest.fixture
def cluster() -> str:
    return uuid4().hex


async def anybody(_request: Request) -> None:
    pass


async def nobody(_request: Request) -> None:
    raise Unauthorized("The token is missing.")


def client(reader: SnapshotStore) -> httpx.AsyncClient:
    app = Starlette(routes=routes(reader, anybody))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


@asynccontextmanager
async def told(
    url: str, cluster: str, campaign: str = "c"
) -> AsyncIterator[tuple[RedisWriter, httpx.AsyncClient]]:
    """A worker that has published a campaign, and a client of the gateway."""
    async with writer(url, cluster) as own, store(url, cluster) as reader, client(reader) as http:
        snapshot = snapshot_of(CASE, campaign)
        own.hours(0, EPOCH, hours_of(CASE, campaign))
        own.snapshot(0, EPOCH, 1, snapshot)
        complete(own, EPOCH)
        await until_as_of(reader, snapshot.as_of, campaign)
        await until_as_of(reader, None, "unknown")
        yield own, http


async def test_campaigns_are_listed(redis_url: str, cluster: str) -> None:
    async with told(redis_url, cluster) as (_, http):
        answer = await http.get("/v1/campaigns")
        assert answer.json() == {
            "campaigns": [{"campaign": "c", "name": "", "as_of": CASE["now"]}],
        }


async def test_the_bodies_of_a_campaign(redis_url: str, cluster: str) -> None:
    snapshot = snapshot_of(CASE)
    async with told(redis_url, cluster) as (_, http):
        for path, body in (
            ("", bodies.campaign(snapshot)),
            ("/kpis", bodies.kpis(snapshot)),
            ("/milestones", bodies.milestones(snapshot)),
            ("/sources", bodies.sources(snapshot)),
        ):
            answer = await http.get(f"/v1/campaigns/c{path}")
            assert (answer.status_code, answer.content) == (200, body)
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["cache-control"] == "no-store"


async def test_sources_are_judged_by_what_the_configured_ones_can_tell(
    redis_url: str, cluster: str
) -> None:
    feed = Feed("calls", "Calls", frozenset({"c"}), frozenset({"sms.sent", "sms.failed"}))
    async with told(redis_url, cluster) as _, store(redis_url, cluster) as reader:
        await until_as_of(reader, snapshot_of(CASE).as_of, "c")
        app = Starlette(routes=routes(reader, anybody, [feed]))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            answer = await http.get("/v1/campaigns/c/sources")
    lacks = {(row["kpi"], row["channel"]): row["reason"] for row in answer.json()["no_data"]}
    assert ("failed", "sms") not in lacks
    assert "Calls ([sources.calls]) tells no SMS delivered" in lacks["opt_out", "sms"]


@pytest.mark.parametrize("path", ["", "/kpis", "/milestones", "/sources", "/history", "/live"])
async def test_an_unknown_campaign_is_not_found(redis_url: str, cluster: str, path: str) -> None:
    async with told(redis_url, cluster) as (_, http):
        answer = await http.get(f"/v1/campaigns/unknown{path}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 404
        assert "unknown" in answer.json()["detail"]


async def test_any_name_of_a_campaign_can_be_asked_for(redis_url: str, cluster: str) -> None:
    quoted = "spring%2F26%20%C3%A9%3F%23%252F"
    async with told(redis_url, cluster, AWKWARD) as (_, http):
        for path in ("", "/kpis"):
            answer = await http.get(httpx.URL(f"http://gateway/v1/campaigns/{quoted}{path}"))
            assert (answer.status_code, answer.json()["campaign"]) == (200, AWKWARD)
        assert (await http.get("/v1/campaigns/%FF")).status_code == 404


async def test_a_history_is_the_minutes_of_the_events(redis_url: str, cluster: str) -> None:
    async with told(redis_url, cluster) as (_, http):
        parameters = {"channel": "email", "milestone": "sent", "step": "3600"}
        whole = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
        answer = await http.get("/v1/campaigns/c/history", params={**parameters, **whole})
        body = answer.json()
        sent = next(
            row["value"]
            for row in CASE["milestones"]
            if (row["channel"], row["milestone"], row["window"]) == ("email", "sent", "campaign")
        )
        assert sum(count for _, count in body["points"]) == sent > 0
        assert len(body.pop("points")) == 48
        assert body == {"campaign": "c", "channel": "email", "milestone": "sent", "step": 3600}


@pytest.mark.parametrize(
    "query", ["", "channel=email", "channel=email&milestone=sent&step=61", "chanel=email"]
)
async def test_a_wrong_question_is_a_bad_request(redis_url: str, cluster: str, query: str) -> None:
    async with told(redis_url, cluster) as (_, http):
        answer = await http.get(f"/v1/campaigns/c/history?{query}")
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


async def test_without_redis_reads_are_tried_again_later(port: int) -> None:
    async with store(f"redis://127.0.0.1:{port}/0", "x") as reader, client(reader) as http:
        for path in ("/v1/campaigns", "/v1/campaigns/c/kpis", "/v1/campaigns/c/live"):
            answer = await http.get(path)
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_is_read_without_leave(redis_url: str, cluster: str) -> None:
    reader = SnapshotStore(redis_url, cluster, PARTITIONS)
    app = Starlette(routes=routes(reader, nobody))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://gateway"
    ) as http:
        for path in ("/v1/campaigns", "/v1/campaigns/c", "/v1/campaigns/c/live"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    await reader.stop()
