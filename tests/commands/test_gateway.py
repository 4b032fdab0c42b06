import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.ports import free_port
from streamer.embedded.redis import EmbeddedRedis
from tests.ingest.vendors.mailgun import KEYS, proof

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
    kafka: str, redis: str, secret: str = SECRET, **more: str
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
        **more,
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
def test_a_used_token_is_known_in_redis_and_without_it_the_vendor_is_to_come_again(
    private_kafka: Callable[[], EmbeddedKafka],
    private_redis: Callable[[], EmbeddedRedis],
    tmp_path: Path,
) -> None:
    kafka, redis = private_kafka().bootstrap, private_redis()
    file = tmp_path / "sources.toml"
    file.write_text('[sources.mg]\nvendor = "mailgun"\nsecrets = ["env:MG_KEY"]\ncampaign = "c"\n')
    proved = {"signature": proof("first", time.time())}
    first, other = ({**proved, "event-data": {"event": word}} for word in ("new", "newer"))
    with _gateway(kafka, redis.url, STREAMER_SOURCES=str(file), MG_KEY=KEYS["first"]) as (
        _,
        client,
    ):
        _until_status(client, "/readyz", 200)

        def answered(body: object) -> int:
            return client.post("/webhooks/mg", json=body).status_code

        # The cluster under which tokens are filed is found a moment later.
        deadline = time.monotonic() + 30
        while answered(first) != 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (answered(first), answered(other)) == (200, 401)
        redis.kill()
        assert answered(first) == 503
        redis.start()
        assert answered(first) == 200


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
