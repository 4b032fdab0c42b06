"""A gateway for the commands that talk to one: real HTTP on a port of its own, scripted answers."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

TOKEN = "t0"  # noqa: S105 - a test's


class Answer(NamedTuple):
    status: int
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()


Respond = Callable[[str, str, bytes], Answer]
"""(method, path, body) → answer; the token is checked before, save on webhooks."""


class FakeGateway:
    """Listens from `with` on."""

    def __init__(self, respond: Respond) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            do_POST = do_PUT = do_GET  # noqa: N815 - the names that the class looks for

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        self.requests: list[tuple[str, str, bytes]] = []
        self.media_types: list[str] = []
        self._respond = respond
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = _body(handler)
        known = handler.headers.get("Authorization") == f"Bearer {TOKEN}"
        if known or handler.path.startswith("/webhooks/"):
            self.requests.append((handler.command, handler.path, body))
            self.media_types.append(handler.headers.get("Content-Type") or "")
            found = self._respond(handler.command, handler.path, body)
        else:
            found = Answer(401, {"detail": "no token"})
        content = json.dumps(found.body).encode()
        handler.send_response(found.status)
        for name, value in (*found.headers, ("Content-Length", str(len(content)))):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def posted(self) -> list[dict[str, Any]]:
        """The events of all requests so far, the refused ones too."""
        bodies = [json.loads(body) for _, path, body in self.requests if path == "/v1/events"]
        return [event for body in bodies for event in body]


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("Transfer-Encoding") != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    body = b""
    while size := int(handler.rfile.readline(), 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return body


def accept(_method: str, _path: str, body: bytes) -> Answer:
    return Answer(202, {"accepted": len(json.loads(body))})
