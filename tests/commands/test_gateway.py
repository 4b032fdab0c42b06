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
def _gateway(kafka: str, redis: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    port = free_port()
    env = {
        **os.environ,
        "STREAMER_KAFKA": kafka,
        "STREAMER_REDIS": redis,
        "STREAMER_SECRET": "a secret of this test",
        "STREAMER_TOKENS": "t",
        "STREAMER_GATEWAY": f"127.0.0.1:{port}",
        "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
    }
    process = subprocess.Popen([sys.executable, "-m", "streamer", "gateway"], env=env)
    headers = {"Authorization": "Bearer t", "Content-Type": "application/cloudevents+json"}
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10)
    try:
        yield process, client
    finally:
        client.close()
        process.kill()
        process.wait()


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
