"""Events in, an alert out: through the real things, with the intervals that are shipped."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamer.cli import main
from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.redis import EmbeddedRedis
from tests.running import (
    Alertmanager,
    Prometheus,
    Receiver,
    free_port,
    running_alertmanager,
    running_prometheus,
    shipped_configuration,
    streamer,
    until,
)

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

# An export, a scrape, an evaluation, and the `for` of the rule: what it may take by arithmetic.
AT_MOST = 1.25 + 5 + 5 + 10
SLACK = 5.0
PROMISED = 30.0
GROUP_WAIT = 5.0
TOKEN = "webhook-token"  # noqa: S105 - of this test only


def events(
    campaign: str, kind: str, numbers: range, bounce: str | None = None
) -> list[dict[str, Any]]:
    """The same event of many mails, just now."""
    return [
        {
            "specversion": "1.0",
            "id": f"{kind}-{campaign}-{number}",
            "source": "/test",
            "type": kind,
            "time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "subject": f"p{number}",
            "campaign": campaign,
            "message": f"m{number}",
            "data": {"bounce": bounce} if bounce else {},
        }
        for number in numbers
    ]


class Running:
    """The whole of it."""

    def __init__(
        self, gateway: str, prometheus: Prometheus, alertmanager: Alertmanager, receiver: Receiver
    ) -> None:
        self.prometheus = prometheus
        self.alertmanager = alertmanager
        self.receiver = receiver
        self._client = httpx.Client(
            base_url=f"http://{gateway}", headers={"Authorization": "Bearer t"}, timeout=20
        )

    def close(self) -> None:
        self._client.close()

    def ready(self) -> bool:
        return self._client.get("/readyz").status_code == 200

    def post(self, told: Sequence[dict[str, Any]]) -> None:
        kind = {"Content-Type": "application/cloudevents-batch+json"}
        answer = self._client.post("/v1/events", json=told, headers=kind)
        assert answer.status_code == 202, answer.text


@pytest.fixture
def running(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    private_kafka: Callable[[], EmbeddedKafka],
    private_redis: Callable[[], EmbeddedRedis],
    prometheus_binary: str,
    alertmanager_binary: str,
) -> Iterator[Running]:
    """Kafka, Redis, gateway, two workers, Prometheus, Alertmanager and somebody who is told."""
    gateway, gateway_metrics, *workers = (f"127.0.0.1:{free_port()}" for _ in range(4))
    env = {
        "STREAMER_KAFKA": private_kafka().bootstrap,
        "STREAMER_REDIS": private_redis().url,
        "STREAMER_SECRET": "test",
        "STREAMER_TOKENS": "t",
        "STREAMER_GATEWAY": gateway,
        "STREAMER_GATEWAY_METRICS": gateway_metrics,
    }
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver())
        monkeypatch.setenv("STREAMER_ALERT_WEBHOOK", receiver.url)
        monkeypatch.setenv("STREAMER_ALERT_WEBHOOK_TOKEN", TOKEN)
        file = tmp_path / "alertmanager.yml"
        assert main(["alertmanager-config", str(file)]) == 0
        alertmanager = stack.enter_context(running_alertmanager(alertmanager_binary, file))
        stack.enter_context(streamer("gateway", tmp_path, env))
        for worker in workers:
            stack.enter_context(streamer("worker", tmp_path, {**env, "STREAMER_METRICS": worker}))
        configuration = shipped_configuration(
            tmp_path,
            worker=workers,
            gateway=[gateway_metrics],
            alertmanager=[alertmanager.address],
        )
        prometheus = stack.enter_context(running_prometheus(prometheus_binary, configuration))
        all_of_it = Running(gateway, prometheus, alertmanager, receiver)
        stack.callback(all_of_it.close)
        until(all_of_it.ready, "the gateway")
        prometheus.wait_for("streamer_worker_ready == 1", 2)
        yield all_of_it


def test_bounces_reach_alertmanager_within_the_half_minute_that_is_promised(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    running.post(events("Été", "email.sent", range(150)))
    running.post(events("well", "email.sent", range(150)))
    sent = 'campaign:prospecting_sent:newest{window="1h"} == 150'
    running.prometheus.wait_for(sent, 2)
    # Not in step with what is scraped and judged every five seconds.
    time.sleep(random.uniform(0, 5))
    critical = {"alertname": "ProspectingHardBouncesCritical", "campaign": "Été", "window": "1h"}
    assert running.alertmanager.alerts(campaign="Été") == []

    running.post(events("Été", "email.bounced", range(18), bounce="hard"))
    begun = time.monotonic()
    until(lambda: running.alertmanager.state(**critical) == "active", "the alert")
    took = time.monotonic() - begun
    until(lambda: running.receiver.posts, "somebody is told")
    told = time.monotonic() - begun

    with capsys.disabled():
        print(f"\nevent to Alertmanager {took:.1f} s, to the receiver {told:.1f} s")  # noqa: T201
    assert took <= AT_MOST + SLACK <= PROMISED
    assert told <= AT_MOST + GROUP_WAIT + SLACK
    post = running.receiver.posts[0]
    assert post.authorization == f"Bearer {TOKEN}"
    assert post.body["groupLabels"] == {"campaign": "Été"}
    (alert,) = running.alertmanager.alerts(**critical)
    assert (alert["labels"]["severity"], alert["labels"]["kind"]) == ("critical", "campaign")
    notes = alert["annotations"]
    assert "Campagne Été : 12% des mails envoyés" in notes["summary_fr"]
    assert "Mesuré sur 150 envois de la fenêtre 1h" in notes["evidence_fr"]
    assert "Measured over 150 sends of the window 1h" in notes["evidence_en"]
    assert running.alertmanager.alerts(campaign="well") == []


# The campaigns stand on all partitions; some are well, the others' mails bounce, or do not arrive.
CAMPAIGNS = 24
WELL, BOUNCING, LOST = (range(first, CAMPAIGNS, 3) for first in range(3))
FIRING = 'ALERTS{alertname="ProspectingHardBouncesCritical",alertstate="firing",window="1h"}'
PENDING = 'ALERTS_FOR_STATE{alertname="ProspectingDeliveryDrop",window="1h"}'
OWNED = "count by (instance) (prospecting_as_of_seconds)"


def seconds_of(series: Sequence[dict[str, Any]]) -> dict[str, set[int]]:
    """By campaign, the seconds at which there was a value."""
    return {
        each["metric"]["campaign"]: {int(float(at)) for at, _ in each["values"]} for each in series
    }


def test_alerts_neither_begin_nor_end_when_campaigns_move_between_workers(
    tmp_path: Path,
    private_kafka: Callable[[], EmbeddedKafka],
    private_redis: Callable[[], EmbeddedRedis],
    prometheus_binary: str,
) -> None:
    import asyncio  # noqa: PLC0415

    from tests.processing.cluster import send  # noqa: PLC0415

    kafka = private_kafka().bootstrap
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(3)]
    env = {
        "STREAMER_KAFKA": kafka,
        "STREAMER_REDIS": private_redis().url,
        "STREAMER_SECRET": "test",
        "STREAMER_SESSION_TIMEOUT_SECONDS": "6",
    }
    told = []
    for number in range(CAMPAIGNS):
        campaign = f"c{number}"
        told += events(campaign, "email.sent", range(100))
        if number not in LOST:
            told += events(campaign, "email.delivered", range(99))
        if number in BOUNCING:
            told += events(campaign, "email.bounced", range(20), bounce="hard")
    asyncio.run(send(kafka, told, per_record=50))
    configuration = shipped_configuration(tmp_path, worker=addresses)
    # Looked at every second: what lasts only for a moment is to be seen.
    text = configuration.read_text(encoding="utf-8")
    for name in ("scrape_interval: ", "evaluation_interval: "):
        text = text.replace(f"{name}5s", f"{name}1s")
    configuration.write_text(text.replace("scrape_timeout: 4s", "scrape_timeout: 1s"))

    with ExitStack() as stack:
        prometheus = stack.enter_context(running_prometheus(prometheus_binary, configuration))
        workers = [
            stack.enter_context(streamer("worker", tmp_path, {**env, "STREAMER_METRICS": at}))
            for at in addresses[:2]
        ]
        prometheus.wait_for(OWNED, 2)
        prometheus.wait_for(FIRING, len(BOUNCING))
        prometheus.wait_for(PENDING, len(LOST))
        since = {each["value"][1] for each in prometheus.ask(PENDING)}
        begun = time.time()

        workers[0].kill()
        until(
            lambda: prometheus.ask(f"max({OWNED})")[0]["value"][1] == str(CAMPAIGNS),
            "the survivor has all campaigns",
        )
        time.sleep(5)
        stack.enter_context(streamer("worker", tmp_path, {**env, "STREAMER_METRICS": addresses[2]}))
        prometheus.wait_for(OWNED, 2)
        time.sleep(15)
        ended = time.time()

        every = set(range(int(begun) + 1, int(ended) - 1))
        shown = seconds_of(
            prometheus.between(
                "count by (campaign) (prospecting_as_of_seconds)", int(begun) + 1, int(ended) - 1
            )
        )
        firing = seconds_of(prometheus.between(FIRING, int(begun) + 1, int(ended) - 1))
        pending = prometheus.between(PENDING, int(begun) + 1, int(ended) - 1)

    # There was something to survive: campaigns that nobody showed for seconds.
    assert any(every - seconds for seconds in shown.values())
    assert set(firing) == {f"c{number}" for number in BOUNCING}
    assert set(seconds_of(pending)) == {f"c{number}" for number in LOST}
    for found in (firing, seconds_of(pending)):
        assert all(every <= seconds for seconds in found.values())
    assert {value for each in pending for _, value in each["values"]} == since
