"""Run the gateway: vendors' webhooks and events come in, the API goes out.

Answers success only after Kafka has acknowledged. SIGTERM or Ctrl-C: no new request is taken, those
under way are answered, and the process ends within seconds.
"""

import argparse
from collections.abc import Mapping

import uvloop
from starlette.requests import Request

from streamer.commands import log
from streamer.commands.documents import openapi
from streamer.commands.feeds import feeds
from streamer.commands.late_store import LateStore
from streamer.exposition.api import routes
from streamer.ingest.access import authorise
from streamer.ingest.server import serve
from streamer.ingest.sources import read_sources
from streamer.settings import Settings
from streamer.transport.kafka import cluster_id


def arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none: all is in the environment."""


def run(_options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Serve until a signal; the exit code."""
    settings = Settings.from_environment(env)
    settings.require("gateway", "kafka", "redis", "secret", "tokens")
    log.configure(settings.log)
    uvloop.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    told = feeds(read_sources(settings))
    store = LateStore(settings.redis or "", lambda: cluster_id(settings), settings.partitions)

    async def may_read(request: Request) -> None:
        authorise(request.scope, settings)

    await store.start()
    try:
        await serve(settings, plans=store, reads=routes(store, may_read, told), openapi=openapi())
    finally:
        await store.stop()
