"""What doctor says of Prometheus, Alertmanager, Grafana, the clocks and a worker's own numbers."""

import json
import threading
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from streamer.commands import checks, watch_checks, worker_checks
from streamer.embedded.ports import free_port
from streamer.settings import Settings

UP = [
    {"health": "up", "labels": {"job": "streamer-worker"}},
    {"health": "up", "labels": {"job": "streamer-worker"}},
    {"health": "up", "labels": {"job": "streamer-gateway"}},
]
DOWN = {"health": "down", "labels": {}, "scrapeUrl": "http://w:9102", "lastError": "refused"}
RULES = [{"name": "g"}]
NOW = 1_000_000.0
SAMPLES = {
    "streamer_redis_up": [1.0],
    "prospecting_as_of_seconds": [NOW - 60],
    "streamer_consumer_lag_records": [3.0, 4.0],
    "prospecting_incomplete": [0.0],
}


@pytest.mark.parametrize(
    ("targets", "groups", "twice", "said"),
    [
        (UP, RULES, [], "2 worker(s) and 1 gateway(s) up"),
        ([*UP, DOWN], RULES, [], "1 target(s) down, such as http://w:9102: refused"),
        (UP[:2], RULES, [], "it collects nothing of streamer-gateway"),
        ([], RULES, [], "it collects nothing of streamer-worker and streamer-gateway"),
        (UP, [], [], "it has no rules"),
        (UP, RULES, [{"metric": {"campaign": "c"}}], "1 campaign(s) shown by two workers, such"),
    ],
)
def test_prometheus_is_judged_by_what_it_collects(
    targets: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    twice: list[dict[str, Any]],
    said: str,
) -> None:
    finding = watch_checks.judged(targets, groups, twice)
    assert finding.found.startswith(said)
    assert finding.well is (said.endswith("up"))
    assert finding.well or finding.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "1 campaign(s) here, 7 record(s) to be read"),
        ({"streamer_redis_up": [0.0]}, "the worker does not reach Redis"),
        ({"prospecting_as_of_seconds": [NOW, NOW - 600]}, "numbers are 600 s old"),
        ({"streamer_consumer_lag_records": [90_000.0, 20_000.0]}, "110000 records of touchpoints"),
        ({"prospecting_incomplete": [0.0, 1.0]}, "1 campaign(s) lack a record"),
    ],
)
def test_a_worker_is_judged_by_its_numbers(change: Mapping[str, list[float]], said: str) -> None:
    finding = worker_checks.judged({**SAMPLES, **change}, NOW)
    assert finding.found.startswith(said)
    assert finding.well is (not change)
    assert finding.well or finding.remedy


class Answers(BaseHTTPRequestHandler):
    """Answers each path as the test has said."""

    by_path: Mapping[str, tuple[int, Any]] = {}
    date = ""

    def do_GET(self) -> None:
        status, body = self.by_path.get(self.path.partition("?")[0], (404, {}))
        content = json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Date", self.date or formatdate(usegmt=True))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Answers]]]:
    monkeypatch.setattr(Answers, "by_path", {})
    monkeypatch.setattr(Answers, "date", "")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Answers
    server.shutdown()
    server.server_close()


async def test_grafana_with_everybodys_password_is_a_fault(
    server: tuple[str, type[Answers]],
) -> None:
    url, answers = server
    settings = Settings.from_environment({"STREAMER_GRAFANA": url})
    answers.by_path = {"/api/health": (200, {"version": "11"}), "/api/org": (401, {})}
    assert await watch_checks.check_grafana(settings) == checks.well(f"version 11 at {url}")
    answers.by_path = {**answers.by_path, "/api/org": (200, {})}
    assert (await watch_checks.check_grafana(settings)).found.startswith("anybody is")
    answers.by_path = {"/api/health": (503, {})}
    assert (await watch_checks.check_grafana(settings)).found == f"{url} answers 503"


async def test_an_alertmanager_that_nobody_tells_is_a_fault(
    server: tuple[str, type[Answers]],
) -> None:
    url, answers = server
    settings = Settings.from_environment({"STREAMER_ALERTMANAGER": url, "STREAMER_PROMETHEUS": url})
    told: dict[str, Any] = {"data": {"activeAlertmanagers": [{"url": "x"}]}}
    answers.by_path = {"/-/ready": (200, {}), "/api/v1/alertmanagers": (200, told)}
    assert (await watch_checks.check_alertmanager(settings)).well
    told["data"]["activeAlertmanagers"] = []
    assert not (await watch_checks.check_alertmanager(settings)).well
    answers.by_path = {**answers.by_path, "/-/ready": (500, {})}
    assert (await watch_checks.check_alertmanager(settings)).found == f"{url} answers 500"


async def test_a_clock_that_is_off_is_a_fault(server: tuple[str, type[Answers]]) -> None:
    url, answers = server
    settings = Settings.from_environment({"STREAMER_PROMETHEUS": url})
    assert (await watch_checks.check_clocks(settings)).well
    answers.date = formatdate(1_000_000_000, usegmt=True)
    finding = await watch_checks.check_clocks(settings)
    assert finding.well is False
    assert finding.found.startswith("Prometheus's clock is")


async def test_who_does_not_answer_is_a_fault_and_who_is_not_named_is_none() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    named = {
        "STREAMER_PROMETHEUS": nowhere,
        "STREAMER_ALERTMANAGER": nowhere,
        "STREAMER_GRAFANA": nowhere,
    }
    for check in (
        watch_checks.check_prometheus,
        watch_checks.check_alertmanager,
        watch_checks.check_grafana,
    ):
        finding = await check(Settings.from_environment(named))
        assert finding.well is False
        assert "correct STREAMER_" in finding.remedy
        assert (await check(Settings.from_environment({}))).well is None
    assert (await watch_checks.check_clocks(Settings.from_environment({}))).well is None


@pytest.mark.parametrize(
    ("env", "verdict"),
    [
        ({"STREAMER_SECRET": "5f0c1e77a9d24b30c6b1f2e8"}, True),
        ({"STREAMER_SECRET": "changeme"}, None),
        ({"STREAMER_SECRET": "changeme", "STREAMER_GATEWAY": "0.0.0.0:1"}, False),
    ],
)
async def test_a_guessable_secret_is_a_fault_once_others_reach_us(
    env: dict[str, str],
    verdict: bool | None,  # noqa: FBT001 - a row of the table
) -> None:
    assert (await checks.check_strength(Settings.from_environment(env))).well is verdict
