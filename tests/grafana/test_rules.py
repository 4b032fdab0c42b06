"""The alert rules: valid, tested by promtool, bilingual, and with a runbook that exists."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamer.kpis.limits import LIMITS, MINIMUM_SENT, OPT_OUTS

LANGUAGES = ("fr", "en")
ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "grafana" / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
CONFIGURATIONS = ("prometheus.yml", "native.yml")
TESTS = sorted((PROMETHEUS / "tests").glob("*.test.yml"))


def rules_of(path: Path) -> list[dict[str, Any]]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


ALERTS = [rule for path in RULES for rule in rules_of(path) if "alert" in rule]


def alert(name: str) -> dict[str, Any]:
    return next(rule for rule in ALERTS if rule["alert"] == name)


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [rule for rule in ALERTS if rule["labels"]["kind"] == kind]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {heading.lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_configurations_and_their_rules_are_valid(
    name: str, promtool: Callable[..., str]
) -> None:
    promtool("check", "config", PROMETHEUS / name)


def test_natively_and_in_compose_nothing_differs_but_how_targets_are_found() -> None:
    compose, native = (
        yaml.safe_load((PROMETHEUS / name).read_text(encoding="utf-8")) for name in CONFIGURATIONS
    )
    assert compose["global"] == native["global"]
    assert compose["rule_files"] == native["rule_files"]
    jobs = (*compose["scrape_configs"], *compose["alerting"]["alertmanagers"])
    ports = [each["dns_sd_configs"][0]["port"] for each in jobs]
    jobs = (*native["scrape_configs"], *native["alerting"]["alertmanagers"])
    targets = [each["static_configs"][0]["targets"] for each in jobs]
    assert targets == [[f"127.0.0.1:{port}"] for port in ports]
    names = [[job["job_name"] for job in each["scrape_configs"]] for each in (compose, native)]
    assert names[0] == names[1]


def test_every_alert_that_tells_somebody_stands_on_the_page_of_what_to_watch() -> None:
    page = (ROOT / "streamer" / "docs" / "watch.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(\w+)(…?)`\]\(runbooks\.md#([\w-]+)\)", page, re.MULTILINE)
    for rule in ALERTS:
        if rule["labels"]["severity"] == "none":
            continue
        anchor = rule["annotations"]["runbook_url"].partition("#")[2]
        assert any(
            anchor == where and (rule["alert"].startswith(name) if more else rule["alert"] == name)
            for name, more, where in rows
        ), rule["alert"]


def test_each_file_of_rules_has_its_tests() -> None:
    assert [path.stem for path in RULES] == [path.stem.removesuffix(".test") for path in TESTS]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_rules_raise_what_their_tests_say(path: Path, promtool: Callable[..., str]) -> None:
    promtool("test", "rules", path)


# What each part of a rule is for: without it, a test above fails.
WEAKENED = [
    ("deliverability", " > 0.05\n            and", " >= 0.05\n            and"),
    ("deliverability", " > 0.1\n", " > 0.01\n"),
    ("deliverability", " < 0.95", " <= 0.95"),
    ("deliverability", " > 0.001", " >= 0.001"),
    ("deliverability", " > 0.003", " > 0.03"),
    ("deliverability", " > 0.03\n            or", " >= 0.03\n            or"),
    ("deliverability", 'kpi="opt_out"} > 0.05', 'kpi="opt_out"} >= 0.05'),
    ("deliverability", ">= 100", ">= 99"),
    ("deliverability", ">= 100", ">= 101"),
    ("deliverability", ">= 3", ">= 2"),
    ("deliverability", ">= 3", ">= 4"),
    ("deliverability", "for: 10s", "for: 0s"),
    ("deliverability", "for: 10m", "for: 0s"),
    ("deliverability", "keep_firing_for: 10m", "keep_firing_for: 0s"),
    ("deliverability", "[2m]", "[1s]"),
    (
        "deliverability",
        "topk by (campaign) (1, last_over_time(prospecting_as_of_seconds[2m]))",
        "last_over_time(prospecting_as_of_seconds[2m])",
    ),
    (
        "deliverability",
        "max by (campaign, channel, kpi, window)",
        "max by (campaign, channel, kpi, window, instance)",
    ),
    ("drift", "newest >= 1", "newest >= 0.99"),
    ("drift", "for: 10s", "for: 0s"),
    ("drift", "keep_firing_for: 10m", "keep_firing_for: 1h"),
    ("drift", "[2m]", "[1s]"),
    (
        "drift",
        "topk by (campaign) (1, last_over_time(prospecting_as_of_seconds[2m]))",
        "last_over_time(prospecting_as_of_seconds[2m])",
    ),
    ("plan", "share > 0.1", "share > 0.01"),
    ("plan", "> 2 * 86400", "> 1 * 86400"),
    ("plan", "newest + 86400 > time()", "newest + 8640000 > time()"),
    ("plan", ">= 20", ">= 19"),
    ("plan", "sent|made|invited", "sent|delivered|made|invited"),
    ("plan", "sent|made|invited", "sent|invited"),
    ("pipeline", " or vector(0)", ""),
    ("pipeline", "max(streamer_gateway_ready)", "min(streamer_gateway_ready)"),
    ("pipeline", "[1h]) < 0.98", "[1h]) < 0.999"),
    ("pipeline", "[1h]) < 0.98", "[10m]) < 0.98"),
    ("pipeline", "for: 30s", "for: 0s"),
    ("pipeline", "for: 1m", "for: 0s"),
    ("pipeline", "for: 2m", "for: 0s"),
    ("pipeline", "> 1000", ">= 1000"),
    ("pipeline", "for: 5m", "for: 0s"),
    ("pipeline", 'outcome="dead_lettered"', 'outcome=~".+"'),
    ("pipeline", ">= 100", ">= 99"),
    ("pipeline", "for: 1h", "for: 0s"),
    ("sources", " offset 1w", ""),
    ("sources", "> 6 * 3600", "> 5 * 3600"),
    ("sources", "> 72 * 3600", "> 71 * 3600"),
    ("sources", "/sources/.+", ".+"),
    ("sources", ":sum[7d]) > 0", ":sum[7d]) >= 0"),
    (
        "sources",
        "max_over_time(streamer:prospecting_sent_24h:sum[7d])",
        "streamer:prospecting_sent_24h:sum",
    ),
    ("sources", "> time()) > 0", "> 0) > 0"),
    (
        "pipeline",
        "last_over_time(streamer_consumer_lag_records[2m])",
        "streamer_consumer_lag_records",
    ),
    ("pipeline", "last_over_time(streamer_waiting_events[2m])", "streamer_waiting_events"),
]


@pytest.mark.parametrize(("name", "part", "weaker"), WEAKENED)
def test_a_weakened_rule_is_noticed(
    name: str, part: str, weaker: str, tmp_path: Path, promtool: Callable[..., str]
) -> None:
    for folder, file in (("rules", f"{name}.yml"), ("tests", f"{name}.test.yml")):
        (tmp_path / folder).mkdir()
        text = (PROMETHEUS / folder / file).read_text(encoding="utf-8")
        if folder == "rules":
            assert part in text
            text = text.replace(part, weaker)
        (tmp_path / folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(AssertionError, match="FAILED"):
        promtool("test", "rules", tmp_path / "tests" / f"{name}.test.yml")


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_speaks_both_languages(rule: dict[str, Any]) -> None:
    texts = [
        rule["annotations"][f"{part}_{language}"]
        for part in ("summary", "evidence", "action")
        for language in LANGUAGES
    ]
    assert all(text.endswith(".") for text in texts)
    assert len(set(texts)) == 6
    assert set(rule["labels"]) <= {"severity", "kind", "basis"}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_links_to_a_section_that_exists_and_names_it(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor in anchors(ROOT / page)
    assert rule["alert"] in (ROOT / page).read_text(encoding="utf-8")


def test_every_alert_is_of_a_kind_and_waits_unless_it_tells_nobody() -> None:
    assert len(of_kind("campaign")) + len(of_kind("pipeline")) == len(ALERTS)
    for rule in ALERTS:
        told = rule["labels"]["severity"] != "none"
        assert rule["labels"]["severity"] in {"warning", "critical", "none"}
        assert ("for" in rule) == told


# What stands for the volume in the rules that judge no ratio.
VOLUMES = {
    "ProspectingDrift": "prospecting_drift:newest >= 1",
    "ProspectingBehindPlan": "prospecting_plan_lacking:share",
}


@pytest.mark.parametrize("rule", of_kind("campaign"), ids=lambda rule: rule["alert"])
def test_an_alert_of_a_campaign_names_it_needs_a_volume_and_holds(rule: dict[str, Any]) -> None:
    volume = f"campaign:prospecting_sent:newest >= {MINIMUM_SENT}"
    assert VOLUMES.get(rule["alert"], volume) in rule["expr"]
    assert rule["keep_firing_for"]
    assert all(
        "{{ $labels.campaign }}" in rule["annotations"][f"summary_{language}"]
        for language in LANGUAGES
    )
    assert all(
        "| query }}" in rule["annotations"][f"evidence_{language}"] for language in LANGUAGES
    )


def test_a_campaigns_numbers_are_read_by_way_of_the_newest_worker() -> None:
    for path in RULES:
        for rule in rules_of(path):
            direct = re.search(r"\bprospecting_(?!as_of)\w+\{", rule["expr"])
            if direct and path.stem in {"deliverability", "drift", "plan"}:
                assert "topk by (campaign)" in rule["expr"], rule


def test_what_news_that_do_not_come_raise_is_muted_when_we_could_not_hear_them() -> None:
    absent = {rule["alert"] for rule in ALERTS if rule["labels"].get("basis") == "absence"}
    assert absent == {"ProspectingDeliveryDrop", "ProspectingBehindPlan", "StreamerSourceSilent"}


def test_the_rules_and_the_dashboard_judge_by_the_same_limits() -> None:
    for name, kpi in (("HardBounces", "hard_bounce"), ("Complaints", "complaint")):
        limits = LIMITS["email", kpi]
        assert f"> {limits.warning:g}\n" in alert(f"Prospecting{name}High")["expr"]
        assert f"> {limits.critical:g}\n" in alert(f"Prospecting{name}Critical")["expr"]
        for level in ("High", "Critical"):
            expression = alert(f"Prospecting{name}{level}")["expr"]
            cases = re.findall(r"complained:newest >= (\d+)", expression)
            assert cases == ([str(limits.least)] if limits.least else [])
    for channel in ("email", "sms"):
        limit = LIMITS[channel, "delivered_of_sent"].warning
        assert f"< {limit}" in alert("ProspectingDeliveryDrop")["expr"]
    for (channel, kpi), share in OPT_OUTS.items():
        asked = f'{{channel="{channel}",kpi="{kpi}"}} > {share}\n'
        assert asked in alert("ProspectingOptOutsHigh")["expr"]
