"""Run the gateway: vendors' webhooks and events come in, the API goes out.

Answers success only after Kafka has acknowledged. SIGTERM or Ctrl-C: no new request is taken, those
under way are answered, and the process ends within seconds.
"""

import argparse
import gc
from collections.abc import Mapping
from contextlib import aclosing
from typing import Final

import uvloop
from starlette.requests import Request

from streamer.commands import log
from streamer.commands.documents import openapi
from streamer.commands.feeds import feeds
from streamer.commands.late_store import LateStore
from streamer.commands.strength import refuse_weak
from streamer.exposition import api
from streamer.exposition.snapshots import connect
from streamer.exposition.wall import routes as wall
from streamer.ingest import guides
from streamer.ingest.door import Door
from streamer.ingest.fetching import HttpFetcher
from streamer.ingest.server import serve
from streamer.ingest.sources import read_sources
from streamer.ingest.tokens import RedisTokens
from streamer.settings import Settings
from streamer.transport.kafka import cluster_id

# Hardly anything that a request makes is in a cycle: to search for such after every 700 objects, as
# Python does by itself, takes a tenth of the time of small requests.
_COLLECT_AFTER: Final = (20_000, 20, 20)


def arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none: all is in the environment."""


def run(_options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Serve until a signal; the exit code."""
    settings = Settings.from_environment(env)
    settings.require("gateway", "kafka", "redis", "secret", "tokens")
    refuse_weak(settings)
    log.configure(settings.log)
    uvloop.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    sources = read_sources(settings)
    told = feeds(sources)
    url = settings.redis or ""
    store = LateStore(url, lambda: cluster_id(settings), settings.partitions)

    door = Door(settings)

    async def may_read(request: Request) -> None:
        door.admit(request.scope)

    async with connect(url) as redis, aclosing(HttpFetcher()) as fetcher:
        await store.start()
        try:
            await serve(
                settings,
                plans=store,
                sources=sources,
                reads=[
                    *api.routes(store, may_read, told),
                    *wall.routes(store, door, told),
                    *guides.routes(),
                ],
                openapi=openapi(),
                tokens=RedisTokens(redis, store.cluster),
                fetcher=fetcher,
                listening=settle,
            )
        finally:
            await store.stop()


def settle(_gateway: object = None, _metrics: object = None) -> None:
    """Keep what is loaded by now out of the search for garbage, which would hold requests up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
