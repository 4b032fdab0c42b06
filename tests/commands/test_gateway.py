import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.ports import free_port

SECRET = "a secret of this test"  # noqa: S105 - not one
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/test",
    "type": "email.sent",
    "campaign": "c",
    "message": "m",
    "time": "2026-01-01T00:00:00Z",
}


@contextmanager
def _gateway(
    kafka: str, redis: str, secret: str = SECRET
) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    port = free_port()
    env = {
        **os.environ,
        "STREAMER_KAFKA": kafka,
        "STREAMER_REDIS": redis,
        "STREAMER_SECRET": secret,
        "STREAMER_TOKENS": "t",
        "STREAMER_GATEWAY": f"127.0.0.1:{port}",
        "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "streamer", "gateway"], env=env, stderr=subprocess.PIPE
    )
    headers = {"Authorization": "Bearer t", "Content-Type": "application/cloudevents+json"}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10)
    try:
        yield process, client
    finally:
        client.close()
        process.kill()
        process.communicate()


def _until_status(client: httpx.Client, path: str, status: int) -> httpx.Response:
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = client.get(path)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == status:
            return answer
        assert time.monotonic() < deadline, f"{path} did not come to answer {status}"
        time.sleep(0.05)


@pytest.mark.kafka
async def test_it_starts_while_kafka_is_away_and_serves_once_it_is_there(
    private_kafka: Callable[[], EmbeddedKafka], redis_url: str
) -> None:
    broker = private_kafka()
    broker.stop()

    with _gateway(broker.bootstrap, redis_url) as (process, client):
        _until_status(client, "/readyz", 503)
        assert client.get("/healthz").status_code == 200
        refused = client.post("/v1/events", json=EVENT)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get("/v1/campaigns").status_code == 503

        await asyncio.to_thread(broker.start)
        _until_status(client, "/readyz", 200)
        assert client.post("/v1/events", json=EVENT).status_code == 202
        assert client.get("/docs").status_code == 200

        process.terminate()
        assert process.wait(6) == 0


@pytest.mark.kafka
async def test_with_another_secret_it_refuses_to_start_and_so_does_the_worker(
    private_kafka: Callable[[], EmbeddedKafka], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kafka = private_kafka().bootstrap
    with _gateway(kafka, redis_url) as (_, client):
        _until_status(client, "/readyz", 200)
    with _gateway(kafka, redis_url, "another secret") as (process, _):
        _, said = await asyncio.to_thread(process.communicate, timeout=30)
        assert process.returncode == 2
        assert b"set the old one again" in said
    for name, value in {"KAFKA": kafka, "REDIS": redis_url, "SECRET": "another secret"}.items():
        monkeypatch.setenv(f"STREAMER_{name}", value)
    command = [sys.executable, "-m", "streamer", "worker"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=30)
    assert done.returncode == 2
    assert b"set the old one again" in done.stderr
