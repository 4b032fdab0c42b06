"""Run the gateway: vendors' webhooks and events come in, the API goes out.

Answers success only after Kafka has acknowledged. SIGTERM or Ctrl-C: no new request is taken, those
under way are answered, and the process ends within seconds.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Iterator, Mapping

import uvicorn
import uvloop
from starlette.requests import Request

from streamer.commands import log
from streamer.embedded.ports import listen
from streamer.errors import KafkaUnavailable
from streamer.exposition.api import routes
from streamer.exposition.server import MetricsServer
from streamer.exposition.store import SnapshotStore
from streamer.ingest.access import authorise
from streamer.ingest.app import Gateway, Parts
from streamer.ingest.sending import KafkaSender
from streamer.ingest.sources import read_sources
from streamer.settings import Address, Settings
from streamer.transport.kafka import cluster_id

_log = logging.getLogger(__name__)

KAFKA_SECONDS = 60.0
GRACE_SECONDS = 3
FLUSH_SECONDS = 2.0


def arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none: all is in the environment."""


def run(_options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Serve until a signal; the exit code."""
    settings = Settings.from_environment(env)
    settings.require("gateway", "kafka", "redis", "secret", "tokens")
    log.configure(settings.log)
    with listen(settings.gateway, "STREAMER_GATEWAY") as listening:
        uvloop.run(_serve(settings, listening))
    return 0


class _Server(uvicorn.Server):
    """A server that ends in order on a signal, instead of raising it again when all is done."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear the signals while it serves."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def _serve(settings: Settings, listening: socket.socket) -> None:
    sources = read_sources(settings)
    store = SnapshotStore(settings.redis or "", await _cluster(settings), settings.partitions)
    sender = KafkaSender(settings)

    async def may_read(request: Request) -> None:
        authorise(request.scope, settings)

    parts = Parts(kafka=sender, plans=store, sources=sources, reads=routes(store, may_read))
    gateway = Gateway(settings, parts)
    metrics = MetricsServer(
        settings.gateway_metrics,
        "STREAMER_GATEWAY_METRICS",
        metrics=gateway.metrics.render,
        alive=lambda: True,
        ready=lambda: not sender.why_not_ready(),
    )
    server = _Server(_config(gateway, settings))
    metrics.start()
    await store.start()
    address = Address(*listening.getsockname()[:2])
    _log.info("the gateway listens on http://%s, metrics on http://%s", address, metrics.address)
    sending = asyncio.create_task(sender.run())
    try:
        await _until_ended(server, listening, sending)
        await _flush(gateway)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await store.stop()
        metrics.stop()


async def _until_ended(
    server: uvicorn.Server, listening: socket.socket, sending: asyncio.Task[None]
) -> None:
    """Serve until a signal, or until the sender gives up for good: then raise its reason."""
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await asyncio.wait({serving, sending}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    if sending.done():
        sending.result()


async def _flush(gateway: Gateway) -> None:
    try:
        await asyncio.wait_for(gateway.packer.flush(), FLUSH_SECONDS)
    except TimeoutError:
        _log.warning("what Kafka has not acknowledged is given up; nobody was told it was taken")


async def _cluster(settings: Settings) -> str:
    """The id of the cluster, which all that is kept in Redis is filed under."""
    deadline = time.monotonic() + KAFKA_SECONDS
    while True:
        try:
            return await cluster_id(settings)
        except KafkaUnavailable as error:
            if time.monotonic() > deadline:
                raise
            _log.warning("waiting for Kafka: %s", error)
            await asyncio.sleep(1)


def _config(gateway: Gateway, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        gateway,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        # A path may hold a secret.
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
