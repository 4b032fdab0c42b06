"""The metrics address: `/metrics`, `/healthz` and `/readyz` over plain HTTP.

Served from a thread of its own, so that a scrape is answered while the event loop is busy with
records. Never computes a number: what it serves is handed in.
"""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from errno import EADDRINUSE
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple

from streamer.errors import StartError
from streamer.exposition.samples import CONTENT_TYPE
from streamer.settings import Address

logger = logging.getLogger(__name__)

# A client that says nothing for so long is disconnected.
_PATIENCE_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.1


class Answer(NamedTuple):
    """What a path is answered with."""

    status: int
    content_type: str
    body: bytes


Page = Callable[[], Answer]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: Address, pages: Mapping[str, Page]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self.pages = pages
        super().__init__((address.host, address.port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """A client that went away in the middle of an answer is nobody's error."""

    def server_bind(self) -> None:
        # The parent's looks up this machine's name, which may take seconds and serves nothing.
        socket_address = self.server_address
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(socket_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: _Server

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            answer = Answer(404, "text/plain; charset=utf-8", b"not found\n")
        else:
            answer = _answer(page)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815 - the name is the protocol's

    def version_string(self) -> str:
        return "streamer"

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - every scrape would be a line
        pass


class MetricsServer:
    """Serves `metrics`, the text of all samples, and the answers of `alive` and `ready`.

    All three are called from other threads than the event loop's. `setting` is named when the
    address cannot be had. Port 0: `address` tells the one that was chosen, after `start`.
    """

    def __init__(
        self,
        address: Address,
        setting: str,
        *,
        metrics: Callable[[], bytes],
        alive: Callable[[], bool],
        ready: Callable[[], bool],
    ) -> None:
        self.address = address
        self._setting = setting
        self._pages: dict[str, Page] = {
            "/metrics": lambda: Answer(200, CONTENT_TYPE, metrics()),
            "/healthz": lambda: _verdict(fine=alive(), good=b"ok\n", bad=b"stalled\n"),
            "/readyz": lambda: _verdict(fine=ready(), good=b"ready\n", bad=b"not ready\n"),
        }
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; raises `StartError` when the address cannot be had."""
        try:
            self._server = _Server(self.address, self._pages)
        except OSError as error:
            if error.errno == EADDRINUSE:
                raise StartError(
                    f"{self.address} is taken by another program: end that one, or set "
                    f"{self._setting} to a free address (port 0 takes any free port)."
                ) from None
            raise StartError(
                f"Cannot listen on {self.address}: {error.strerror or error}. Set "
                f"{self._setting} to an address of this machine."
            ) from None
        self.address = self.address._replace(port=self._server.server_port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="metrics", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; answers under way may end cut."""
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None


def _answer(page: Page) -> Answer:
    try:
        return page()
    except Exception:  # a broken page says so, instead of hanging up
        logger.exception("a defect while answering on the metrics address")
        return Answer(500, "text/plain; charset=utf-8", b"a defect; see the log\n")


def _verdict(*, fine: bool, good: bytes, bad: bytes) -> Answer:
    return Answer(200 if fine else 503, "text/plain; charset=utf-8", good if fine else bad)
