"""What a real Alertmanager does with our configuration: lots by campaign, silences, inhibitions."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamer.commands.alerting import configuration
from streamer.settings import Settings
from tests.running import Alertmanager, Receiver, running_alertmanager, until

CRITICAL = {"alertname": "BouncesCritical", "kind": "campaign", "severity": "critical"}
WARNING = {"alertname": "BouncesHigh", "kind": "campaign", "severity": "warning"}
OF = {"channel": "email", "kpi": "hard_bounce", "window": "1h"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def alertmanager(
    tmp_path: Path, alertmanager_binary: str, receiver: Receiver
) -> Iterator[Alertmanager]:
    """One that is quicker than as shipped, to know soon what it does not tell."""
    document = configuration(Settings.from_environment({"STREAMER_ALERT_WEBHOOK": receiver.url}))
    document["route"] |= {"group_wait": "1s", "group_interval": "1s"}
    file = tmp_path / "alertmanager.yml"
    file.write_text(json.dumps(document), encoding="utf-8")
    with running_alertmanager(alertmanager_binary, file) as server:
        yield server


def told(receiver: Receiver) -> set[tuple[str, str]]:
    """The alerts that arrived, with their campaigns."""
    return {
        (alert["labels"]["alertname"], alert["labels"].get("campaign", ""))
        for post in receiver.posts
        for alert in post.body["alerts"]
    }


def test_each_campaign_is_a_lot_of_its_own(alertmanager: Alertmanager, receiver: Receiver) -> None:
    for campaign in ("a", "b"):
        alertmanager.take(
            {**CRITICAL, **OF, "campaign": campaign},
            {**WARNING, "campaign": campaign, "channel": "sms"},
        )
    until(lambda: len(told(receiver)) == 4, "all alerts")
    for post in receiver.posts:
        campaigns = {alert["labels"]["campaign"] for alert in post.body["alerts"]}
        assert campaigns == {post.body["groupLabels"]["campaign"]}


def test_who_is_told_to_stop_is_not_told_to_slow_down(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    alertmanager.take(
        {**CRITICAL, **OF, "campaign": "a"},
        {**WARNING, **OF, "campaign": "a"},
        {**WARNING, **OF, "campaign": "b"},
        {**WARNING, **OF, "campaign": "a", "window": "24h"},
    )
    until(lambda: len(told(receiver)) == 3, "all but one")
    time.sleep(2.5)
    muted = [a["labels"] for a in alertmanager.alerts() if a["status"]["inhibitedBy"]]
    assert muted == [{**WARNING, **OF, "campaign": "a"}]


def test_missing_news_are_not_told_of_while_we_could_not_hear_them(
    alertmanager: Alertmanager, receiver: Receiver
) -> None:
    absent = {"kind": "pipeline", "severity": "warning", "basis": "absence"}
    marker = {"alertname": "StreamerNewsMissing", "kind": "pipeline", "severity": "none"}
    alertmanager.take(marker, {**absent, "alertname": "Silent"}, {**CRITICAL, "campaign": "a"})
    until(lambda: told(receiver), "what is told all the same")
    time.sleep(2.5)
    assert told(receiver) == {(CRITICAL["alertname"], "a")}
    assert alertmanager.state(alertname="Silent") == "suppressed"


def test_a_silence_of_a_campaign_silences_it_alone(
    alertmanager: Alertmanager, receiver: Receiver, amtool: Callable[..., str]
) -> None:
    amtool(
        "silence",
        "add",
        f"--alertmanager.url=http://{alertmanager.address}",
        "--author=test",
        "--comment=known",
        "--duration=1h",
        "campaign=a",
    )
    alertmanager.take({**CRITICAL, "campaign": "a"}, {**CRITICAL, "campaign": "b"})
    until(lambda: told(receiver), "the other campaign")
    time.sleep(2.5)
    assert told(receiver) == {(CRITICAL["alertname"], "b")}
    assert alertmanager.state(campaign="a") == "suppressed"
