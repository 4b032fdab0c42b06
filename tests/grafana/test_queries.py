"""Every query of the dashboard, asked of a real Prometheus that scrapes two workers."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamer.kpis.catalogue import CATALOGUE, MILESTONES, REP_ROWS
from streamer.kpis.model import EVERY_WINDOW, METRICS
from tests.grafana.running import Prometheus, running_prometheus

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "grafana" / "dashboards" / "campaign.json"
CAMPAIGN = "Été « 2026 »"
OLD, NEW = 0.25, 0.75

CONFIGURATION = """
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: streamer-worker
    static_configs:
      - targets: ["127.0.0.1:{old}", "127.0.0.1:{new}"]
"""


def sample(metric: str, value: float, **labels: str) -> str:
    written = ",".join(
        f'{name}="{text}"' for name, text in {"campaign": CAMPAIGN, **labels}.items()
    )
    return f"{metric}{{{written}}} {value}\n"


def exposition(value: float, as_of: float) -> str:
    """What a worker shows of one campaign, every sample being worth the same."""
    lines = [
        sample("prospecting_campaign_info", 1, name="Été", currency="EUR"),
        sample("prospecting_as_of_seconds", as_of),
        sample("prospecting_incomplete", value),
        sample("prospecting_unattributed", value, milestone="replied"),
        sample("prospecting_cost_left_out", value, currency="USD"),
    ]
    for kpi in CATALOGUE:
        currency = {"currency": "EUR"} if kpi.unit == "amount" else {}
        for window in kpi.windows:
            labels = {"channel": kpi.channel, "kpi": kpi.id, "window": window, **currency}
            lines.append(sample(METRICS[kpi.unit], value, **labels))
    for window in EVERY_WINDOW:
        for channel, names in MILESTONES.items():
            lines += [
                sample(
                    "prospecting_milestones", value, channel=channel, milestone=name, window=window
                )
                for name in names
            ]
        lines.append(sample("prospecting_rep_seconds", value, rep="ana", window=window))
        lines += [
            sample("prospecting_rep_milestones", value, rep="ana", milestone=row.id, window=window)
            for row in REP_ROWS
            if row.unit == "count"
        ]
    return "".join(lines)


def serve(text: str) -> ThreadingHTTPServer:
    """A worker's metrics address."""

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def prometheus(
    tmp_path_factory: pytest.TempPathFactory, prometheus_binary: str
) -> Iterator[Prometheus]:
    """A server that has scraped an older and a newer worker of one campaign."""
    folder = tmp_path_factory.mktemp("prometheus")
    now = time.time()
    workers = [serve(exposition(OLD, now - 60)), serve(exposition(NEW, now))]
    old, new = (worker.server_address[1] for worker in workers)
    configuration = folder / "prometheus.yml"
    configuration.write_text(CONFIGURATION.format(old=old, new=new), encoding="utf-8")
    try:
        with running_prometheus(prometheus_binary, configuration) as server:
            server.wait_for("prospecting_as_of_seconds", 2)
            yield server
    finally:
        for worker in workers:
            worker.shutdown()
            worker.server_close()


def queries() -> list[tuple[str, str]]:
    page = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [
        (f"{panel['id']}-{target['refId']}", target["expr"])
        for panel in page["panels"]
        for target in panel.get("targets", ())
    ]


@pytest.mark.parametrize(("name", "expression"), queries(), ids=[name for name, _ in queries()])
def test_a_query_gives_the_newest_workers_numbers(
    name: str, expression: str, prometheus: Prometheus
) -> None:
    for window in EVERY_WINDOW:
        asked = expression.replace("$campaign", CAMPAIGN).replace("$window", window)
        series = prometheus.ask(asked)
        assert series, f"panel {name} shows nothing: {asked}"
        values = {float(one["value"][1]) for one in series}
        if "time()" in expression:
            assert 0 <= min(values) <= max(values) < 60
        elif "prospecting_campaign_info" in expression:
            assert values == {1.0}
        else:
            assert values == {NEW}


def test_the_campaigns_to_choose_from_are_those_that_a_worker_shows(
    prometheus: Prometheus,
) -> None:
    series = prometheus.ask("count by (campaign) (prospecting_campaign_info)")
    assert [one["metric"] for one in series] == [{"campaign": CAMPAIGN}]
