"""Real servers for the tests of the whole: Prometheus, Alertmanager, who is told, and ours."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Self

import httpx

Series = list[dict[str, Any]]

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "grafana" / "prometheus"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except (httpx.TransportError, json.JSONDecodeError):
            pass  # It starts: nobody listens yet, or it says so in words.
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.1)


@contextmanager
def process(
    command: Sequence[str],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process until the block ends."""
    own = {"PATH": os.environ["PATH"], **(env or {})}
    with log.open("ab") as out:
        started = subprocess.Popen(command, stdout=out, stderr=out, env=own, cwd=cwd)
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait(10)


@contextmanager
def streamer(
    name: str, folder: Path, env: Mapping[str, str], cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours as a process; killed after minutes at most."""
    own = {"PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "streamer", name]
    with process(command, folder / f"{name}-{free_port()}.log", own, cwd) as started:
        limit = threading.Timer(230, started.kill)
        limit.daemon = True
        limit.start()
        try:
            yield started
        finally:
            limit.cancel()


class Prometheus:
    """A running server, asked over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = httpx.Client(base_url=address, timeout=10)

    def close(self) -> None:
        self._client.close()

    def ask(self, expression: str, at: float | None = None) -> Series:
        """What the query gives, now or at a moment."""
        asked = {"query": expression} | ({} if at is None else {"time": str(at)})
        return self._asked("query", asked)

    def between(self, expression: str, start: float, end: float) -> Series:
        """What it gave at each second."""
        asked = {"query": expression, "start": str(start), "end": str(end), "step": "1"}
        return self._asked("query_range", asked)

    def told(self, path: str) -> Any:
        """What it tells of itself, such as `targets` and `rules`."""
        return self._client.get(f"/api/v1/{path}").json()["data"]

    def _asked(self, how: str, asked: Mapping[str, str]) -> Series:
        reply = self._client.post(f"/api/v1/{how}", data=asked).json()
        assert reply["status"] == "success", (asked, reply)
        result: Series = reply["data"]["result"]
        return result

    def wait_for(self, expression: str, series: int = 1, seconds: float = 60) -> None:
        """Wait until the query gives so many series."""
        until(
            lambda: len(self.ask(expression)) == series, f"{series} series of {expression}", seconds
        )


@contextmanager
def running_prometheus(binary: str, configuration: Path) -> Iterator[Prometheus]:
    """A server with a database beside its configuration."""
    folder = configuration.parent
    address = f"127.0.0.1:{free_port()}"
    command = [
        binary,
        f"--config.file={configuration}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with process(command, folder / "prometheus.log"):
        server = Prometheus(f"http://{address}")
        try:
            server.wait_for("vector(1)")
            yield server
        finally:
            server.close()


def shipped_configuration(folder: Path, **addresses: Sequence[str]) -> Path:
    """The configuration and rules of the stack of containers, with targets of ours, by job.

    Where there is no stack, its names lead nowhere and addresses stand in files beside it.
    """
    shipped = shutil.copytree(SHIPPED, folder / "prometheus")
    (shipped / "targets").mkdir()
    for name, targets in addresses.items():
        (shipped / "targets" / f"{name}.yml").write_text(json.dumps([{"targets": list(targets)}]))
    return shipped / "prometheus.yml"


class Post(NamedTuple):
    """One notification that arrived."""

    at: float
    authorization: str | None
    body: dict[str, Any]

    @property
    def names(self) -> set[str]:
        return {alert["labels"]["alertname"] for alert in self.body["alerts"]}


class Receiver:
    """Somebody who is told of alerts."""

    def __init__(self) -> None:
        posts: list[Post] = []

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                posts.append(Post(time.time(), self.headers.get("Authorization"), body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        self.posts = posts
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/alerts"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Alertmanager:
    """A running one, asked over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = httpx.Client(base_url=f"http://{address}", timeout=5)

    def close(self) -> None:
        self._client.close()

    def alerts(self, **labels: str) -> list[dict[str, Any]]:
        asked = {"filter": [f'{name}="{value}"' for name, value in labels.items()]}
        found: list[dict[str, Any]] = self._client.get("/api/v2/alerts", params=asked).json()
        return found

    def state(self, **labels: str) -> str:
        """The state of the one alert with these labels; empty when there is none."""
        found = self.alerts(**labels)
        assert len(found) <= 1
        return str(found[0]["status"]["state"]) if found else ""

    def take(self, *alerts: Mapping[str, str]) -> None:
        body = [{"labels": alert} for alert in alerts]
        self._client.post("/api/v2/alerts", json=body).raise_for_status()

    def ready(self) -> bool:
        return self._client.get("/-/ready").status_code == 200


@contextmanager
def running_alertmanager(binary: str, configuration: Path) -> Iterator[Alertmanager]:
    """A server that is ready."""
    folder = configuration.parent
    address = f"127.0.0.1:{free_port()}"
    command = [
        binary,
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with process(command, folder / "alertmanager.log"):
        server = Alertmanager(address)
        try:
            until(server.ready, "Alertmanager")
            yield server
        finally:
            server.close()
