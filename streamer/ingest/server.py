"""Running the gateway: its two addresses, its connection to Kafka, and an orderly end.

Owns the ports and the signals. What it serves is built by the caller.
"""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from errno import EADDRINUSE
from typing import Final

import uvicorn
from starlette.routing import BaseRoute

from streamer.errors import SettingsError, StartError
from streamer.ingest.app import Gateway, Parts
from streamer.ingest.fetching import NO_FETCHER, Fetcher
from streamer.ingest.metrics_app import MetricsApp
from streamer.ingest.plan_events import Plans
from streamer.ingest.protocol import BoundedProtocol
from streamer.ingest.sending import LARGEST_RECORD, KafkaSender
from streamer.ingest.sources import read_sources
from streamer.ingest.tokens import NO_TOKENS, Tokens
from streamer.settings import Address, Settings

_log = logging.getLogger(__name__)

Listening = Callable[[Address, Address], None]

# In-flight requests wait at most four seconds for Kafka; all is over within five.
_DRAIN_SECONDS: Final = 3
_FLUSH_SECONDS: Final = 1.0
_BACKLOG: Final = 2048
_CONNECTIONS: Final = 4096
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


async def serve(  # noqa: PLR0913 - all of them named
    settings: Settings,
    *,
    plans: Plans,
    reads: Sequence[BaseRoute] = (),
    openapi: bytes | None = None,
    tokens: Tokens = NO_TOKENS,
    fetcher: Fetcher = NO_FETCHER,
    listening: Listening = lambda _gateway, _metrics: None,
) -> None:
    """Serve until SIGTERM or SIGINT; `listening` is told both addresses once they are open.

    Kafka may be away, at the start too: until it is there events are answered 503. Raises
    SettingsError for wrong settings or topics, StartError for a port that cannot be had.
    """
    check(settings)
    sources = read_sources(settings)
    with contextlib.ExitStack() as stack:
        front = stack.enter_context(_listen(settings.gateway, "STREAMER_GATEWAY"))
        back = stack.enter_context(_listen(settings.gateway_metrics, "STREAMER_GATEWAY_METRICS"))
        kafka = KafkaSender(settings)
        parts = Parts(kafka, plans, sources, reads, openapi, tokens, fetcher)
        gateway = Gateway(settings, parts)
        servers = {
            _server(gateway, drain=_DRAIN_SECONDS): front,
            _server(MetricsApp(gateway.metrics, gateway.health), drain=1): back,
        }
        listening(_address(front), _address(back))
        _log.info("the gateway listens on %s, its metrics on %s", _address(front), _address(back))
        await _run(servers, kafka, gateway)


def check(settings: Settings) -> None:
    """Refuse settings that contradict what the topics take."""
    if settings.max_event_bytes > LARGEST_RECORD:
        raise SettingsError(
            f"STREAMER_MAX_EVENT_BYTES={settings.max_event_bytes} is above {LARGEST_RECORD}, the "
            "largest record that the topics take."
        )


async def _run(
    servers: Mapping[uvicorn.Server, socket.socket], kafka: KafkaSender, gateway: Gateway
) -> None:
    connection = asyncio.create_task(kafka.run())
    serving = [asyncio.create_task(server.serve([at])) for server, at in servers.items()]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    # A connection that ends by itself can only end in an error that is raised below.
    connection.add_done_callback(lambda _: stop())
    with _signals(stop):
        await asyncio.gather(*serving)
    try:
        async with asyncio.timeout(_FLUSH_SECONDS):
            await gateway.packer.flush()
    except TimeoutError:
        _log.warning("Kafka did not acknowledge what was left; it was answered 503")
    connection.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await connection


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: there are two of them in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: Gateway | MetricsApp, drain: int) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            # Paths hold secrets.
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=drain,
        )
    )


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _listen(address: Address, setting: str) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _, at = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartError(f"{setting}={address} is no address of this machine: {error}.") from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(at)
            # Listening at once, so that a port that is taken shows now.
            listener.listen(_BACKLOG)
        except OSError as error:
            if error.errno == EADDRINUSE:
                what = "is taken: end the other program, or choose another port"
            else:
                what = f"cannot be listened on: {error.strerror}"
            raise StartError(f"{setting}={address} {what}.") from None
        yield listener


def _address(listener: socket.socket) -> Address:
    host, port, *_ = listener.getsockname()
    return Address(host, port)
