"""The proxy as it is shipped: what it passes on, and what it answers by itself."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from streamer.embedded.ports import free_port
from tests.tools import found

CADDYFILE = Path(__file__).parents[2] / "grafana" / "caddy" / "Caddyfile"
BODY = b'[{"a":  1}]\r\n'


class Front(NamedTuple):
    """A proxy, the port that it passes requests on to, and its log."""

    url: str
    upstream: int
    log: Path


class Gateway(BaseHTTPRequestHandler):
    """Answers with what it was asked: the line, the headers and the body as they came."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = int(self.headers.get("X-Answer") or 200)
        told = f"{self.requestline}\n{self.headers}".encode() + body
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = _answer  # noqa: N815 - the names that the server calls

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    caddy = found("caddy", "the Debian package caddy")
    port, upstream = free_port(), free_port()
    log = tmp_path / "caddy.log"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "STREAMER_DOMAIN": f"http://127.0.0.1:{port}",
        "STREAMER_UPSTREAM": f"127.0.0.1:{upstream}",
        "STREAMER_PROXY_HEALTH_PORT": str(health := free_port()),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [caddy, "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)],
            env=env,
            stdout=output,
            stderr=output,
        )
    try:
        _until_answered(f"http://127.0.0.1:{health}/", log)
        yield Front(f"http://127.0.0.1:{port}", upstream, log)
    finally:
        process.kill()
        process.wait()


def _until_answered(url: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            assert httpx.get(url).status_code == 200
        except httpx.TransportError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def gateway(front: Front) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", front.upstream), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("gateway")
def test_the_body_the_url_and_the_headers_pass_as_they_came(front: Front) -> None:
    headers = {"X-Signature": "a=1, b=2", "Authorization": "Basic eDp5", "Accept-Encoding": "gzip"}
    path = "/webhooks/calls/s%2Fx//kind?b=1&a=%20"
    answer = httpx.post(front.url + path, content=BODY, headers=headers)
    line, _, rest = answer.content.partition(b"\n")
    assert line == f"POST {path} HTTP/1.1".encode()
    assert rest.endswith(b"\n\n" + BODY)
    for name, value in headers.items():
        assert f"{name}: {value}".encode() in rest
    assert f"Host: {front.url.removeprefix('http://')}".encode() in rest
    assert b"X-Forwarded-Proto: http" in rest


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("status", [200, 401, 406, 413, 500, 502, 503, 504])
def test_what_the_gateway_answers_is_left_alone(front: Front, status: int) -> None:
    headers = {"X-Answer": str(status)}
    answer = httpx.post(f"{front.url}/webhooks/x", content=BODY, headers=headers)
    assert answer.status_code == status
    assert answer.content.endswith(BODY)


@pytest.mark.usefixtures("gateway")
def test_a_large_list_passes(front: Front) -> None:
    list_ = b"x" * 20_000_000
    answer = httpx.post(f"{front.url}/v1/campaigns/c/prospects", content=list_, timeout=30)
    assert answer.content.endswith(b"x" * 100)


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/healthz", "/readyz", "//metrics"])
def test_metrics_and_probes_are_not_for_the_world(front: Front, path: str) -> None:
    assert httpx.get(front.url + path).status_code == 404


def test_while_the_gateway_is_away_a_vendor_is_told_to_come_again(front: Front) -> None:
    answer = httpx.post(f"{front.url}/webhooks/calls/the-secret-of-a-url", content=BODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    answer = httpx.get(f"{front.url}/v1/campaigns")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "the-secret-of-a-url" not in front.log.read_text()
