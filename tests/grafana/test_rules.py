"""The alert rules: valid, tested by promtool, bilingual, and with a runbook that exists."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamer.kpis.limits import LIMITS, MINIMUM_SENT

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "grafana" / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.test.yml"))


def rules_of(path: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


ALERTS = [rule for path in RULES for rule in rules_of(path) if "alert" in rule]


def alert(name: str) -> dict[str, Any]:
    return next(rule for rule in ALERTS if rule["alert"] == name)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {heading.lower().replace(" ", "-") for heading in headings}


def test_the_configuration_and_its_rules_are_valid(promtool: Callable[..., str]) -> None:
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_each_file_of_rules_has_its_tests() -> None:
    assert [path.stem for path in RULES] == [path.stem.removesuffix(".test") for path in TESTS]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_rules_raise_what_their_tests_say(path: Path, promtool: Callable[..., str]) -> None:
    promtool("test", "rules", path)


# What each part of a rule is for: without it, a test above fails.
WEAKENED = [
    (" > 0.05", " >= 0.05"),
    (" > 0.1\n", " > 0.01\n"),
    (" < 0.95", " <= 0.95"),
    (">= 100", ">= 99"),
    (">= 100", ">= 101"),
    ("for: 2m", "for: 0m"),
    ("for: 10m", "for: 0m"),
    ("topk by (campaign) (1, prospecting_as_of_seconds)", "prospecting_as_of_seconds"),
    (
        "max by (campaign, channel, kpi, window)",
        "max by (campaign, channel, kpi, window, instance)",
    ),
]


@pytest.mark.parametrize(("part", "weaker"), WEAKENED)
def test_a_weakened_rule_is_noticed(
    part: str, weaker: str, tmp_path: Path, promtool: Callable[..., str]
) -> None:
    for folder in ("rules", "tests"):
        (tmp_path / folder).mkdir()
        for source in (PROMETHEUS / folder).glob("*.yml"):
            text = source.read_text(encoding="utf-8")
            if folder == "rules":
                assert part in text
                text = text.replace(part, weaker)
            (tmp_path / folder / source.name).write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError, match="FAILED"):
        promtool("test", "rules", *(tmp_path / "tests").glob("*.yml"))


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_speaks_both_languages_and_waits(rule: dict[str, Any]) -> None:
    texts = [
        rule["annotations"][f"{part}_{language}"]
        for part in ("summary", "action")
        for language in ("fr", "en")
    ]
    assert all(text.endswith(".") for text in texts)
    assert len(set(texts)) == 4
    assert all("{{ $labels.campaign }}" in text for text in texts[:2])
    assert rule["for"] != "0m"
    assert rule["labels"]["severity"] in {"warning", "critical"}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_links_to_a_section_that_exists(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor in anchors(ROOT / page)
    assert rule["alert"] in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_needs_a_volume(rule: dict[str, Any]) -> None:
    assert f"campaign:prospecting_sent:newest >= {MINIMUM_SENT}" in rule["expr"]


def test_the_rules_and_the_dashboard_judge_by_the_same_limits() -> None:
    bounces = LIMITS["email", "hard_bounce"]
    assert f"> {bounces.warning}" in alert("ProspectingHardBouncesHigh")["expr"]
    assert f"> {bounces.critical}\n" in alert("ProspectingHardBouncesCritical")["expr"]
    for channel in ("email", "sms"):
        limit = LIMITS[channel, "delivered_of_sent"].warning
        assert f"< {limit}" in alert("ProspectingDeliveryDrop")["expr"]
