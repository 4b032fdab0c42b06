"""The stack of docker-compose.yml without containers: the same processes, the same Prometheus file.

Kafka, Redis, the gateway and two workers as their own commands, and a real Prometheus with
grafana/prometheus as it is shipped. Only the addresses stand in files beside it instead of the DNS.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from streamer import cli
from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.ports import free_port
from tests.tools import found

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).parents[2]
TOKEN = "5f0c1e77a9d24b30c6b1f2e8a7d94c3b"  # noqa: S105 - of this test
CAMPAIGN = "spring"


class Stack(NamedTuple):
    """Where its parts are, and the environment that `streamer` commands find them by."""

    gateway: str
    prometheus: str
    env: dict[str, str]


def nowhere(folder: Path) -> Path:
    """Where the processes run: in containers nothing can be written there."""
    made = folder / "nowhere"
    made.mkdir(exist_ok=True)
    return made


@contextmanager
def process(command: list[str], log: Path, env: dict[str, str]) -> Iterator[None]:
    with log.open("wb") as output:
        # A hard limit: Faust programs may ignore SIGTERM for minutes.
        child = subprocess.Popen(
            ["timeout", "-k", "2", "200", *command],
            env=env,
            stdout=output,
            stderr=output,
            cwd=nowhere(log.parent),
        )
    try:
        yield
    finally:
        child.terminate()
        child.wait(timeout=20)


def until(holds: Callable[[], Any], what: str, seconds: float = 90.0) -> Any:
    """What `holds` gives once it is something; the test fails when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = holds()
        except httpx.TransportError:
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.2)


def ready(address: str) -> bool:
    return httpx.get(f"http://{address}/readyz").status_code == 200


@pytest.fixture
def stack(
    private_kafka: Callable[[], EmbeddedKafka], redis_url: str, tmp_path: Path
) -> Iterator[Stack]:
    binary = found("prometheus", "the Debian package prometheus")
    front, back, one, two, own = (f"127.0.0.1:{free_port()}" for _ in range(5))
    env = {
        **{name: text for name, text in os.environ.items() if not name.startswith("STREAMER_")},
        "PYTHONPATH": str(ROOT),
        "STREAMER_KAFKA": private_kafka().bootstrap,
        "STREAMER_REDIS": redis_url,
        "STREAMER_SECRET": TOKEN[::-1],
        "STREAMER_TOKENS": TOKEN,
        "STREAMER_GATEWAY": front,
        "STREAMER_GATEWAY_METRICS": back,
        "STREAMER_METRICS": one,
    }
    shipped = shutil.copytree(ROOT / "grafana" / "prometheus", tmp_path / "prometheus")
    (shipped / "targets").mkdir()
    for name, targets in (("worker", [one, two]), ("gateway", [back])):
        (shipped / "targets" / f"{name}.yml").write_text(json.dumps([{"targets": targets}]))
    streamer = [sys.executable, "-m", "streamer"]
    with ExitStack() as running:
        for name, command, more in (
            ("one", [*streamer, "worker"], {}),
            ("two", [*streamer, "worker"], {"STREAMER_METRICS": two}),
            ("gateway", [*streamer, "gateway"], {}),
            (
                "prometheus",
                [
                    binary,
                    f"--config.file={shipped / 'prometheus.yml'}",
                    f"--storage.tsdb.path={tmp_path / 'data'}",
                    f"--web.listen-address={own}",
                ],
                {},
            ),
        ):
            running.enter_context(process(command, tmp_path / f"{name}.log", {**env, **more}))
        for at in (front, one, two):
            until(partial(ready, at), f"{at} to be ready")
        yield Stack(f"http://{front}", f"http://{own}", env)
        assert list(nowhere(tmp_path).iterdir()) == []


def query(stack: Stack, expression: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{stack.prometheus}/api/v1/query", params={"query": expression})
    result: list[dict[str, Any]] = answer.json()["data"]["result"]
    return result


def targets_up(stack: Stack) -> list[str] | None:
    """The jobs of all targets, once every one is up."""
    answer = httpx.get(f"{stack.prometheus}/api/v1/targets", params={"state": "active"}).json()
    targets = answer["data"]["activeTargets"]
    up = [t["labels"]["job"] for t in targets if t["health"] == "up"]
    return sorted(up) if len(up) == len(targets) == 3 else None


def test_every_target_is_up_and_one_event_is_seen(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = until(lambda: targets_up(stack), "three targets to be up")
    assert jobs == ["streamer-gateway", "streamer-worker", "streamer-worker"]

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
    (sample,) = until(lambda: query(stack, sent), "the event to be seen", 30)
    assert sample["value"][1] == "1"
    assert sample["metric"]["channel"] == "email"
    # One worker has it, the other has none of it.
    (owners,) = query(stack, f'count(prospecting_campaign_info{{campaign="{CAMPAIGN}"}})')
    assert owners["value"][1] == "1"
    rules = httpx.get(f"{stack.prometheus}/api/v1/rules").json()["data"]["groups"]
    assert rules

    # What an operator would look with finds nothing wrong.
    for name in list(os.environ):
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    for name, text in stack.env.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("STREAMER_PROMETHEUS", stack.prometheus)
    monkeypatch.setenv("COLUMNS", "200")
    code = cli.main(["doctor"])
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "2 worker(s) and 1 gateway(s) up" in shown
