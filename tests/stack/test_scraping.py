"""The stack of docker-compose.yml without containers: the same processes, the same Prometheus file.

Kafka, Redis, the gateway and two workers as their own commands, and a real Prometheus with
grafana/prometheus as it is shipped. Only the addresses stand in files beside it instead of the DNS.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from streamer import cli
from streamer.embedded.kafka import EmbeddedKafka
from tests.running import (
    Prometheus,
    free_port,
    running_prometheus,
    shipped_configuration,
    streamer,
    until,
)
from tests.tools import found

pytestmark = pytest.mark.kafka

TOKEN = "5f0c1e77a9d24b30c6b1f2e8a7d94c3b"  # noqa: S105 - of this test
CAMPAIGN = "spring"


class Stack(NamedTuple):
    """Where its parts are, and the environment that `streamer` commands find them by."""

    gateway: str
    prometheus: Prometheus
    env: dict[str, str]


def ready(address: str) -> bool:
    return httpx.get(f"http://{address}/readyz").status_code == 200


@pytest.fixture
def stack(
    private_kafka: Callable[[], EmbeddedKafka], redis_url: str, tmp_path: Path
) -> Iterator[Stack]:
    binary = found("prometheus", "the Debian package prometheus")
    front, back, one, two = (f"127.0.0.1:{free_port()}" for _ in range(4))
    env = {
        "STREAMER_KAFKA": private_kafka().bootstrap,
        "STREAMER_REDIS": redis_url,
        "STREAMER_SECRET": TOKEN[::-1],
        "STREAMER_TOKENS": TOKEN,
        "STREAMER_GATEWAY": front,
        "STREAMER_GATEWAY_METRICS": back,
        "STREAMER_METRICS": one,
    }
    configuration = shipped_configuration(tmp_path, worker=[one, two], gateway=[back])
    # Where the processes run: in containers nothing can be written there.
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    with ExitStack() as running:
        for name, more in (
            ("worker", {}),
            ("worker", {"STREAMER_METRICS": two}),
            ("gateway", {}),
        ):
            running.enter_context(streamer(name, tmp_path, {**env, **more}, nowhere))
        prometheus = running.enter_context(running_prometheus(binary, configuration))
        for at in (front, one, two):
            until(partial(ready, at), f"{at} to be ready")
        yield Stack(f"http://{front}", prometheus, env)
        assert list(nowhere.iterdir()) == []


def jobs_up(prometheus: Prometheus) -> list[str]:
    """The jobs of the targets that are up, if every one is; else none."""
    targets = prometheus.told("targets?state=active")["activeTargets"]
    up = [t["labels"]["job"] for t in targets if t["health"] == "up"]
    return sorted(up) if len(up) == len(targets) == 3 else []


def test_every_target_is_up_and_one_event_is_seen(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prometheus = stack.prometheus
    until(lambda: jobs_up(prometheus), "three targets to be up", 90)
    assert jobs_up(prometheus) == ["streamer-gateway", "streamer-worker", "streamer-worker"]

    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/test",
        "type": "email.sent",
        "campaign": CAMPAIGN,
        "subject": "p",
        "message": "m",
        "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/cloudevents+json"}
    answer = httpx.post(f"{stack.gateway}/v1/events", json=event, headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})

    sent = f'prospecting_milestones{{campaign="{CAMPAIGN}",milestone="sent",window="campaign"}}'
    prometheus.wait_for(sent, 1, 30)
    (sample,) = prometheus.ask(sent)
    assert sample["value"][1] == "1"
    assert sample["metric"]["channel"] == "email"
    # One worker has it, the other has none of it.
    (owners,) = prometheus.ask(f'count(prospecting_campaign_info{{campaign="{CAMPAIGN}"}})')
    assert owners["value"][1] == "1"
    assert prometheus.told("rules")["groups"]

    # What an operator would look with finds nothing wrong.
    for name in list(os.environ):
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    for name, text in stack.env.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("STREAMER_PROMETHEUS", prometheus.address)
    monkeypatch.setenv("COLUMNS", "200")
    code = cli.main(["doctor"])
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "2 worker(s) and 1 gateway(s) up" in shown
