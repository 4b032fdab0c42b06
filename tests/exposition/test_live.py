"""Listeners hear of every change at once, also after Redis was away; over a real connection."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request

from streamer.embedded.redis import EmbeddedRedis
from streamer.exposition.api import routes
from streamer.exposition.history import rfc3339
from streamer.exposition.store import SnapshotStore
from streamer.state import Epoch
from tests.exposition.redis_pair import complete, snapshot, store, until, until_as_of, writer

EPOCH = Epoch(1, 1)


async def _anybody(_request: Request) -> None:
    pass


@asynccontextmanager
async def gateway(reader: SnapshotStore) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that serves the reads."""
    app = Starlette(routes=routes(reader, _anybody))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))

        async def started() -> bool:
            return server.started

        await until(started)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=url, timeout=10, limits=limits) as http:
            yield http
        server.should_exit = True
        await task


@asynccontextmanager
async def listening(
    http: httpx.AsyncClient, campaign: str = "c"
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """The events of a campaign, each a dict of its fields."""
    async with http.stream("GET", f"/v1/campaigns/{campaign}/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")

        async def events() -> AsyncIterator[dict[str, str]]:
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if not line and fields:
                    yield fields
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    fields[name] = value

        yield events()


def moment(event: dict[str, str]) -> Any:
    body = json.loads(event["data"])
    assert event["event"] == "kpis"
    assert event["id"] == body["as_of"]
    return body["as_of"]


async def test_the_first_event_comes_at_once_and_then_each_change(redis_url: str) -> None:
    cluster = uuid4().hex
    async with (
        writer(redis_url, cluster) as own,
        store(redis_url, cluster) as reader,
        gateway(reader) as http,
    ):
        own.snapshot(0, EPOCH, 1, snapshot(as_of=1000))
        await until_as_of(reader, 1000)
        body = (await http.get("/v1/campaigns/c/kpis")).text
        async with listening(http) as events:
            first = await anext(events)
            assert first["data"] == body
            assert moment(first) == rfc3339(1000)
            for number in range(1001, 1010):
                own.snapshot(0, EPOCH, number, snapshot(as_of=number))
                assert moment(await anext(events)) == rfc3339(number)
            own.snapshot(0, EPOCH, 2000, snapshot("other", as_of=1))
            own.snapshot(0, EPOCH, 2000, snapshot(as_of=2000))
            assert moment(await anext(events)) == rfc3339(2000)


async def test_many_listeners_share_one_subscription(redis_url: str) -> None:
    cluster = uuid4().hex
    async with (
        writer(redis_url, cluster) as own,
        store(redis_url, cluster) as reader,
        gateway(reader) as http,
    ):
        own.snapshot(0, EPOCH, 1, snapshot(as_of=1000))
        await until_as_of(reader, 1000)

        async def two_events() -> list[Any]:
            async with listening(http) as events:
                heard = [moment(await anext(events))]
                arrived.release()
                return [*heard, moment(await anext(events))]

        arrived = asyncio.Semaphore(0)
        listeners = [asyncio.create_task(two_events()) for _ in range(60)]
        for _ in listeners:
            await arrived.acquire()
        own.snapshot(0, EPOCH, 2, snapshot(as_of=1001))
        expected = [rfc3339(1000), rfc3339(1001)]
        assert await asyncio.gather(*listeners) == [expected] * 60


async def test_a_listener_stays_while_redis_is_away(
    private_redis: Callable[[], EmbeddedRedis],
) -> None:
    server = private_redis()
    async with (
        writer(server.url, "x") as own,
        store(server.url, "x") as reader,
        gateway(reader) as http,
    ):
        complete(own, EPOCH)
        own.snapshot(0, EPOCH, 1, snapshot(as_of=1000))
        await until_as_of(reader, 1000)
        async with listening(http) as events:
            assert moment(await anext(events)) == rfc3339(1000)
            await asyncio.to_thread(server.kill)
            await until_as_of(reader, "away")
            own.snapshot(0, EPOCH, 2, snapshot(as_of=1001))
            await asyncio.to_thread(server.start)
            assert moment(await anext(events)) == rfc3339(1001)
