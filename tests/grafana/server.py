"""A Prometheus server of a test's own, asked over HTTP."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

Series = list[dict[str, Any]]


class Prometheus:
    """A running server."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=10)

    def close(self) -> None:
        self._client.close()

    def ask(self, expression: str, at: float | None = None) -> Series:
        """What the query gives, now or at a moment."""
        asked = {"query": expression} | ({} if at is None else {"time": str(at)})
        reply = self._client.post("/api/v1/query", data=asked).json()
        assert reply["status"] == "success", (expression, reply)
        result: Series = reply["data"]["result"]
        return result

    def wait_for(self, expression: str, series: int = 1, seconds: float = 60) -> None:
        """Wait until the query gives so many series."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if len(self.ask(expression)) == series:
                    return
            except (httpx.TransportError, json.JSONDecodeError):
                pass  # It starts: nobody listens yet, or it says so in words.
            assert time.monotonic() < deadline, f"{expression} never gave {series} series"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def prometheus(binary: str, folder: Path, configuration: str) -> Iterator[Prometheus]:
    """A server with that configuration, until the block ends."""
    file = folder / "prometheus.yml"
    file.write_text(configuration, encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    with (folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [
                binary,
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"]},
        )
        server = Prometheus(f"http://{address}")
        try:
            server.wait_for("vector(1)")
            yield server
        finally:
            server.close()
            process.terminate()
            process.wait(10)
