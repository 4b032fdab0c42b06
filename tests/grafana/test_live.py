"""Every panel of every dashboard, asked of a real Prometheus that scrapes what really runs.

`streamer up` runs broker, Redis, gateway and worker; a campaign is told by events and by a
vendor's webhook; Prometheus has the jobs and the rules that are committed, with shorter times.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.grafana.happenings import PLAN, happenings
from tests.grafana.pages import NAMES, ROOT, asking, filled, page, targets
from tests.ingest.support import Signer
from tests.running import Prometheus, running_prometheus

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

CAMPAIGN = "Été « 2026 »"
SOURCES = """
[sources.mail]
vendor = "sendgrid"
secrets = ["env:MAIL_KEY"]
campaign_from = "campaign"
"""
# Events of webhooks by then.
HEARD = {"first": 1, "second": 2}
# Two of them, with a second between, and a bit.
SCRAPES = 2.5

# What stays empty here, by the panel's title and the name of its query, and why.
EMPTY = {
    ("Données incomplètes", "A"): "only an operator sets a record of a campaign aside",
    ("Webhooks par source", "C"): "no source is sent away: Kafka and Redis answer all the time",
}


class Stack:
    """What `streamer up` runs."""

    def __init__(self, run: dict[str, Any], signer: Signer) -> None:
        self.metrics: str = run["metrics"]
        self.gateway_metrics: str = run["gateway_metrics"]
        self._signer = signer
        self._http = httpx.Client(
            base_url=f"http://{run['gateway']}",
            headers={"Authorization": f"Bearer {run['token']}"},
            timeout=20,
        )

    def put_plan(self) -> None:
        """Declare the campaign; right after a start the reads that this needs may not be there."""
        deadline = time.monotonic() + 30
        while self._http.put(f"/v1/campaigns/{CAMPAIGN}", json=PLAN).status_code != 202:
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def tell(self, name: str) -> None:
        """Tell what happens, by events and by webhooks: authentic, not understood, and false."""
        told = list(happenings(CAMPAIGN, datetime.now(UTC), name))
        assert self._http.post("/v1/events", json=told).status_code == 202
        item = {
            "email": "somebody@example.fr",
            "sg_event_id": f"{name}-webhook",
            "event": "delivered",
            "sg_message_id": f"{name}-webhook.filter0001",
            "campaign": CAMPAIGN,
            "timestamp": int(time.time()) - 60,
        }
        for word in ("delivered", "dropped", "a new word"):
            assert self._webhook(json.dumps([{**item, "event": word}]).encode(), b"") < 300
        assert self._webhook(json.dumps([item]).encode(), b" ") == 401

    def _webhook(self, body: bytes, added: bytes) -> int:
        signed = self._signer.headers(body, int(time.time()))
        return self._http.post("/webhooks/mail", content=body + added, headers=signed).status_code

    def close(self) -> None:
        self._http.close()


@contextmanager
def up(folder: Path) -> Iterator[Stack]:
    """All of it on ports of its own, until the block ends."""
    data = folder / "data"
    data.mkdir()
    signer = Signer()
    sources = folder / "sources.toml"
    sources.write_text(SOURCES, encoding="utf-8")
    addresses = ("STREAMER_GATEWAY", "STREAMER_METRICS", "STREAMER_GATEWAY_METRICS")
    env = {
        **os.environ,
        "STREAMER_SOURCES": str(sources),
        "MAIL_KEY": signer.public,
        **dict.fromkeys(addresses, "127.0.0.1:0"),
    }
    with (folder / "up.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamer", "up", "--data", str(data)],
            env=env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + 120
            while not (data / "run.json").is_file():
                assert process.poll() is None, (folder / "up.log").read_text(encoding="utf-8")
                assert time.monotonic() < deadline, "it did not start in time"
                time.sleep(0.1)
            stack = Stack(json.loads((data / "run.json").read_text(encoding="utf-8")), signer)
            yield stack
            stack.close()
        finally:
            process.terminate()
            process.wait(30)


def configured(folder: Path, stack: Stack) -> Path:
    """The committed configuration, with the stack's addresses, and times that a test can wait."""
    committed = ROOT / "grafana" / "prometheus"
    configuration = yaml.safe_load((committed / "prometheus.yml").read_text(encoding="utf-8"))
    times = ("scrape_interval", "scrape_timeout", "evaluation_interval")
    configuration["global"] = dict.fromkeys(times, "1s")
    addresses = {"streamer-worker": stack.metrics, "streamer-gateway": stack.gateway_metrics}
    assert {job["job_name"] for job in configuration["scrape_configs"]} == set(addresses)
    configuration["scrape_configs"] = [
        {"job_name": name, "static_configs": [{"targets": [address]}]}
        for name, address in addresses.items()
    ]
    rules = folder / "rules"
    rules.mkdir()
    for path in (committed / "rules").glob("*.yml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in document["groups"]:
            for rule in group["rules"]:
                # The hour's window alerts at once, the day's stays pending.
                if "alert" in rule and rule["alert"].endswith("Critical"):
                    rule["for"] = "0s"
        (rules / path.name).write_text(yaml.safe_dump(document), encoding="utf-8")
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, prometheus_binary: str) -> Iterator[Prometheus]:
    """A server that has seen a campaign happen."""
    folder = tmp_path_factory.mktemp("live")
    with (
        up(folder) as stack,
        running_prometheus(prometheus_binary, configured(folder, stack)) as server,
    ):
        server.wait_for("up == 1", 2)
        stack.put_plan()
        # A counter's growth is seen from its second sample on: what happens, happens twice.
        for name in ("first", "second"):
            stack.tell(name)
            server.wait_for(f"streamer_webhook_events_total{{outcome='taken'}} >= {HEARD[name]}")
            server.wait_for("sum(streamer_consumer_lag_records) == 0")
            time.sleep(SCRAPES)
        server.wait_for('count(ALERTS{alertstate="firing"}) >= 2')
        yield server


@pytest.mark.parametrize(
    ("title", "ref", "expression"),
    [
        pytest.param(
            panel["title"],
            target["refId"],
            target["expr"],
            id=f"{name}-{panel['id']}-{target['refId']}",
        )
        for name in NAMES
        for panel, target in targets(page(name))
    ],
)
def test_a_panel_shows_what_happened_or_is_known_to_be_empty(
    title: str, ref: str, expression: str, live: Prometheus
) -> None:
    for asked in filled(expression, CAMPAIGN):
        series = live.ask(asked)
        assert bool(series) == ((title, ref) not in EMPTY), asked
        assert not any(one["value"][1] in {"NaN", "+Inf"} for one in series), asked


def test_what_is_known_to_be_empty_is_still_asked() -> None:
    asked = {
        (panel["title"], target["refId"]) for name in NAMES for panel, target in targets(page(name))
    }
    assert set(EMPTY) <= asked


def test_the_choices_of_the_variables_are_there(live: Prometheus) -> None:
    asked = {
        each["query"]["query"].replace("$campaign", CAMPAIGN)
        for name in NAMES
        for each in page(name)["templating"]["list"]
        if each["type"] == "query"
    }
    assert len(asked) == 3
    for query in asked:
        selector, _, label = query.removeprefix("label_values(").removesuffix(")").rpartition(", ")
        series = live.ask(f"count by ({label}) ({selector})")
        assert all(one["metric"][label] for one in series)
        assert series


def test_the_numbers_of_a_panel_are_those_of_the_campaign(live: Prometheus) -> None:
    """Twice 60 mails, 5 touches, the one of all channels, and a webhook's; 20 hard bounces."""
    sent = 2 * (60 + 5 + 1 + 1)
    texts = {panel["title"]: panel["targets"] for panel in asking(page("email"))}
    bounces, stages = texts["Taux de hard bounce"], texts["Étapes atteintes"]
    (of_stage,) = (t["expr"] for t in stages if t["legendFormat"] == "Envoyés")
    for asked in filled(of_stage, CAMPAIGN):
        assert [float(one["value"][1]) for one in live.ask(asked)] == [sent]
    for asked in filled(bounces[0]["expr"], CAMPAIGN):
        assert [float(one["value"][1]) for one in live.ask(asked)] == [20 / sent]
