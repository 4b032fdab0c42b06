"""Samples read back as the numbers of the worked cases, and only well-formed text goes out."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streamer.exposition.samples import FAMILIES, Exposition
from streamer.state import Drift, Snapshot
from tests.exposition.cases import CASES, case, load, snapshot_of

Labels = frozenset[tuple[str, str]]
KPI_METRICS = {
    "ratio": "prospecting_kpi_ratio",
    "seconds": "prospecting_kpi_seconds",
    "count": "prospecting_kpi_count",
}
AWKWARD = '\0a"b\\c\nd\r{},=é\u2028 😀\\n'


def exposed(*snapshots: Snapshot) -> bytes:
    exposition = Exposition()
    for snapshot in snapshots:
        exposition.put(snapshot)
    return exposition.text()


def read(text: bytes) -> dict[tuple[str, Labels], float]:
    found: dict[tuple[str, Labels], float] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def expected_rows(case: dict[str, Any], currency: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in case["kpis"]:
        money = row["kpi"] in {"cac", "cost_per_meeting"}
        seconds = row["kpi"] in {"average_duration", "reactivity_delay"}
        count = row["kpi"] in {"calls_made", "key_answers"}
        name = "amount" if money else "seconds" if seconds else "count" if count else "ratio"
        labels = {k: row[k] for k in ("channel", "kpi", "window", "value")}
        yield f"prospecting_kpi_{name}", {**labels, "currency": currency} if money else labels
    for metric, key in (
        ("prospecting_milestones", "milestones"),
        ("prospecting_attributed", "attributed"),
        ("prospecting_unattributed", "unattributed"),
        ("prospecting_rep_milestones", "rep_milestones"),
        ("prospecting_rep_seconds", "rep_seconds"),
        ("prospecting_cost_left_out", "cost_left_out"),
    ):
        for row in case[key]:
            yield metric, row


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_samples_of_a_worked_case_are_its_numbers(path: Path) -> None:
    worked = load(path)
    snapshot = snapshot_of(worked)

    found = read(exposed(snapshot))

    expected = {
        (
            metric,
            frozenset((k, str(v)) for k, v in {**row, "campaign": "c"}.items() if k != "value"),
        ): (row["value"])
        for metric, row in expected_rows(worked, snapshot.currency)
        if row["value"] is not None
    }
    zeros = {key: value for key, value in found.items() if key not in expected}
    assert expected == {key: found.get(key) for key in expected}
    named = {"prospecting_campaign_info", "prospecting_as_of_seconds", "prospecting_planned"}
    named |= {"prospecting_plan_start_seconds", "prospecting_plan_end_seconds"}
    watched = {"prospecting_drift", "prospecting_drift_since_seconds"}
    assert {name for (name, _), value in zeros.items() if value} <= named | watched


def test_what_is_watched_has_a_level_and_since_when_only_above_zero() -> None:
    drift = [Drift("sms", "failed", 0.0, None), Drift("email", "hard_bounce", 0.5, 1_772_445_600)]
    found = read(exposed(msgspec.structs.replace(snapshot_of(case("12")), drift=drift)))
    bounce = frozenset({("campaign", "c"), ("channel", "email"), ("kpi", "hard_bounce")})
    failed = frozenset({("campaign", "c"), ("channel", "sms"), ("kpi", "failed")})
    assert found["prospecting_drift", bounce] == 0.5
    assert found["prospecting_drift", failed] == 0.0
    assert found["prospecting_drift_since_seconds", bounce] == 1_772_445_600
    assert ("prospecting_drift_since_seconds", failed) not in found


def test_what_the_plan_says_is_exposed() -> None:
    snapshot = snapshot_of(case("12"))

    found = read(exposed(snapshot))

    info = {("campaign", "c"), ("name", ""), ("currency", "EUR")}
    planned = {("campaign", "c"), ("channel", "sms")}
    assert found["prospecting_campaign_info", frozenset(info)] == 1
    assert found["prospecting_planned", frozenset(planned)] == 5
    assert found["prospecting_as_of_seconds", frozenset({("campaign", "c")})] == snapshot.as_of


def test_when_the_plan_runs_is_exposed_where_it_says_so() -> None:
    snapshot = msgspec.structs.replace(snapshot_of(case("12")), start=None, end=None)
    assert b"prospecting_plan_" not in exposed(snapshot)
    found = read(exposed(msgspec.structs.replace(snapshot, start=10, end=20)))
    campaign = frozenset({("campaign", "c")})
    assert found["prospecting_plan_start_seconds", campaign] == 10
    assert found["prospecting_plan_end_seconds", campaign] == 20


def test_a_kpi_without_a_value_has_no_sample() -> None:
    text = exposed(snapshot_of(case("12"))).decode()
    assert 'kpi="meeting_rate"' not in text
    assert 'kpi="cac"' in text


def test_a_campaign_is_incomplete_only_when_it_says_so() -> None:
    snapshot = snapshot_of(case("01"))
    assert b"prospecting_incomplete" not in exposed(snapshot)
    told = exposed(msgspec.structs.replace(snapshot, incomplete=True))
    assert b'\nprospecting_incomplete{campaign="c"} 1\n' in told


def test_labels_read_back_as_they_were_written() -> None:
    snapshot = snapshot_of(case("11"), AWKWARD)
    named = msgspec.structs.replace(snapshot, name=AWKWARD, rep_seconds=[(AWKWARD, "campaign", 12)])
    found = read(exposed(named))
    assert all(dict(labels)["campaign"] == AWKWARD for _, labels in found)
    labels = {("campaign", AWKWARD), ("rep", AWKWARD), ("window", "campaign")}
    assert found["prospecting_rep_seconds", frozenset(labels)] == 12


@pytest.mark.parametrize("value", [0, 1, -3, 2**53, 0.1, 1 / 3, 1e-7, 1e22, 123456789.123, 5e-324])
def test_a_number_reads_back_as_the_same_number(value: float) -> None:
    snapshot = snapshot_of(case("12"))
    found = read(exposed(msgspec.structs.replace(snapshot, cost_left_out=[("USD", value)])))
    labels = frozenset({("campaign", "c"), ("currency", "USD")})
    assert found["prospecting_cost_left_out", labels] == value


def test_families_stay_together_over_campaigns() -> None:
    text = exposed(*(snapshot_of(load(path), path.stem) for path in CASES)).decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    names = [line.partition("{")[0] for line in lines]
    groups = [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]
    assert len(groups) == len(set(groups))
    assert text.count("# TYPE") == text.count("# HELP") == len(groups)
    assert set(groups) <= {family.name for family in FAMILIES}


def test_every_sample_has_the_labels_of_its_family() -> None:
    labels = {family.name: set(family.labels) for family in FAMILIES}
    every = exposed(*(snapshot_of(load(path), path.stem) for path in CASES))
    for name, own in read(every):
        assert {key for key, _ in own} == labels[name]


def test_a_campaign_leaves_at_once() -> None:
    exposition = Exposition()
    for name in ("a", "b", "c"):
        exposition.put(snapshot_of(case("01"), name))
    exposition.drop("a")
    exposition.retain({"c", "other"})
    assert {dict(labels)["campaign"] for _, labels in read(exposition.text())} == {"c"}


def test_without_campaigns_there_is_no_text() -> None:
    assert Exposition().text() == b""


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_reads_it_all_and_minds_one_name_only() -> None:
    text = exposed(
        *(snapshot_of(load(path), path.stem) for path in CASES),
        snapshot_of(case("11"), AWKWARD),
    )
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, check=False, timeout=30
    )
    # That metric's name is given; a parse error would be another line.
    (complaint,) = checked.stderr.decode().splitlines()
    assert complaint.startswith("prospecting_kpi_count non-histogram")
