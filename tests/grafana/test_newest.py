"""Of two workers that show one campaign for a moment, every panel takes the newest one's numbers.

A real Prometheus scrapes an older and a newer worker of campaign « both », and the newer one alone
of campaign « alone ». Whatever a panel shows must be the same for the two campaigns.
"""

import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from streamer.exposition.samples import FAMILIES
from streamer.kpis.catalogue import CATALOGUE, MILESTONES, REP_ROWS
from streamer.kpis.drift import WATCHES
from streamer.kpis.model import EVERY_WINDOW, METRICS
from tests.grafana.pages import NAMES, filled, page, targets
from tests.running import Prometheus, running_prometheus

BOTH, ALONE = "Été « 2026 »", "Été « seul »"
REPS = ("ana", "bob")

CONFIGURATION = """
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: streamer-worker
    static_configs:
      - targets: ["127.0.0.1:{old}", "127.0.0.1:{new}"]
"""

Worth = Callable[[str], float]


def old(_sample: str) -> float:
    return 0.25


def new(sample: str) -> float:
    """Different for each sample, so that no sum or quotient is right by chance."""
    return 0.5 + zlib.crc32(sample.encode()) % 1000 / 1000


def samples() -> Iterator[tuple[str, dict[str, str]]]:
    """All that a worker shows of a campaign: metrics and their labels."""
    yield "prospecting_incomplete", {}
    yield "prospecting_unattributed", {"milestone": "replied"}
    yield "prospecting_cost_left_out", {"currency": "USD"}
    for kpi in CATALOGUE:
        currency = {"currency": "EUR"} if kpi.unit == "amount" else {}
        for window in kpi.windows:
            labels = {"channel": kpi.channel, "kpi": kpi.id, "window": window}
            yield METRICS[kpi.unit], {**labels, **currency}
    for channel, names in MILESTONES.items():
        yield "prospecting_planned", {"channel": channel}
        yield "prospecting_attributed", {"channel": channel, "milestone": "replied"}
        for window in EVERY_WINDOW:
            for name in names:
                labels = {"channel": channel, "milestone": name, "window": window}
                yield "prospecting_milestones", labels
    yield from of_reps()
    for watch in WATCHES:
        watched = {"channel": watch.channel, "kpi": watch.kpi}
        yield "prospecting_drift", watched
        yield "prospecting_drift_since_seconds", watched


def of_reps() -> Iterator[tuple[str, dict[str, str]]]:
    for rep in REPS:
        for window in EVERY_WINDOW:
            yield "prospecting_rep_seconds", {"rep": rep, "window": window}
            for row in REP_ROWS:
                if row.unit == "count":
                    labels = {"rep": rep, "milestone": row.id, "window": window}
                    yield "prospecting_rep_milestones", labels


def exposition(campaign: str, worth: Worth, as_of: float) -> str:
    """What a worker shows of one campaign."""

    def line(metric: str, labels: dict[str, str], value: float) -> str:
        text = ",".join(f'{key}="{word}"' for key, word in labels.items())
        return f'{metric}{{campaign="{campaign}",{text}}} {value}\n'

    known = (
        line(metric, labels, worth(f"{metric} {sorted(labels.items())}"))
        for metric, labels in samples()
    )
    info = line("prospecting_campaign_info", {"name": "Été", "currency": "EUR"}, 1)
    return info + line("prospecting_as_of_seconds", {}, as_of) + "".join(known)


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
def server(
    tmp_path_factory: pytest.TempPathFactory, prometheus_binary: str
) -> Iterator[Prometheus]:
    """A server that has scraped both workers."""
    now = time.time()
    workers = [
        serve(exposition(BOTH, old, now - 60)),
        serve(exposition(BOTH, new, now) + exposition(ALONE, new, now)),
    ]
    ports = [worker.server_address[1] for worker in workers]
    configuration = CONFIGURATION.format(old=ports[0], new=ports[1])
    folder = tmp_path_factory.mktemp("prometheus")
    try:
        file = folder / "prometheus.yml"
        file.write_text(configuration, encoding="utf-8")
        with running_prometheus(prometheus_binary, file) as running:
            running.wait_for("prospecting_as_of_seconds", 3)
            yield running
    finally:
        for worker in workers:
            worker.shutdown()
            worker.server_close()


def queries() -> list[tuple[str, str]]:
    """Every query for a number of a campaign."""
    return [
        (f"{name}-{panel['id']}-{target['refId']}", target["expr"])
        for name in NAMES
        for panel, target in targets(page(name))
        if "prospecting_" in target["expr"]
    ]


def shown(server: Prometheus, expression: str, campaign: str, at: float) -> list[Any]:
    """What a panel shows, in all windows, without the campaign's name."""
    found = []
    for asked in filled(expression, campaign):
        for one in server.ask(asked, at):
            labels = {key: word for key, word in one["metric"].items() if key != "campaign"}
            found.append((sorted(labels.items()), one["value"][1]))
    return sorted(found)


@pytest.mark.parametrize("expression", [pytest.param(text, id=name) for name, text in queries()])
def test_a_panel_shows_the_newest_workers_numbers(expression: str, server: Prometheus) -> None:
    at = time.time()
    both = shown(server, expression, BOTH, at)
    assert both, f"it shows nothing: {expression}"
    assert both == shown(server, expression, ALONE, at)


def test_a_panel_that_asks_any_worker_is_noticed(server: Prometheus) -> None:
    at = time.time()
    noticed = 0
    for _, expression in queries():
        careless = re.sub(r" and on \(campaign, instance\) topk by [^}]*\}\)", "", expression)
        noticed += shown(server, careless, BOTH, at) != shown(server, careless, ALONE, at)
    assert noticed > 0.9 * len(queries())


def test_the_two_workers_show_every_metric_that_there_is() -> None:
    told = {metric for metric, _ in samples()}
    assert {family.name for family in FAMILIES} - told == {
        "prospecting_campaign_info",
        "prospecting_as_of_seconds",
        "prospecting_plan_start_seconds",
        "prospecting_plan_end_seconds",
    }


def test_the_campaigns_to_choose_from_are_those_that_a_worker_shows(server: Prometheus) -> None:
    series = server.ask("count by (campaign) (prospecting_campaign_info)")
    assert sorted(one["metric"]["campaign"] for one in series) == sorted([BOTH, ALONE])
