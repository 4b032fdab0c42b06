"""The bodies of the reads hold the numbers of the worked cases."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streamer.exposition import bodies
from streamer.exposition.snapshots import decode_snapshot, encode_snapshot
from streamer.kpis.catalogue import CATALOGUE
from tests.exposition.cases import CASES, case, load, snapshot_of

LISTS = (
    "milestones",
    "attributed",
    "unattributed",
    "rep_milestones",
    "rep_seconds",
    "cost_left_out",
)


def rows(found: list[dict[str, Any]]) -> dict[tuple[str, ...], Any]:
    """The values of rows by all that names them, zeros left out."""
    return {
        tuple(str(value) for key, value in sorted(row.items()) if key != "value"): row["value"]
        for row in found
        if row["value"]
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_snapshot_survives_redis(path: Path) -> None:
    snapshot = snapshot_of(load(path))
    again = decode_snapshot(encode_snapshot(snapshot))
    assert again == snapshot
    # 1 and 1.0 are equal, and not the same.
    assert repr(again) == repr(snapshot)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_kpis_of_a_worked_case_are_its_numbers(path: Path) -> None:
    worked = load(path)
    expected = {(row["channel"], row["kpi"], row["window"]): row for row in worked["kpis"]}

    body = json.loads(bodies.kpis(snapshot_of(worked)))

    assert (body["campaign"], body["as_of"]) == ("c", worked["now"])
    assert len(body["kpis"]) == sum(len(kpi.windows) for kpi in CATALOGUE)
    for row in body["kpis"]:
        known = expected.pop((row["channel"], row["kpi"], row["window"]), {})
        for key in ("value", "numerator", "denominator"):
            if key in known:
                assert (row[key], type(row[key])) == (known[key], type(known[key]))
        if not known:
            assert row["value"] is None
            assert not row["numerator"]
        assert row["label"]["fr"]
        assert row["label"]["en"]
        assert row["formula"]
    assert not expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_milestones_of_a_worked_case_are_its_numbers(path: Path) -> None:
    worked = load(path)
    body = json.loads(bodies.milestones(snapshot_of(worked)))
    assert body["as_of"] == worked["now"]
    for name in LISTS:
        assert rows(body[name]) == rows(worked[name])


def test_the_unit_of_an_amount_is_its_currency() -> None:
    units = {row["unit"] for row in json.loads(bodies.kpis(snapshot_of(case("12"))))["kpis"]}
    assert units == {"ratio", "seconds", "count", "EUR"}


def test_the_plan_in_force_is_shown_as_it_was_sent() -> None:
    body = json.loads(bodies.campaign(snapshot_of(case("12"))))
    assert body == {
        "campaign": "c",
        "as_of": "2026-03-02T10:30:20Z",
        "name": "",
        "plan": {"cost": 200, "currency": "eur", "planned": {"sms": 5}},
        "plan_time": "2026-03-02T08:00:00.500000Z",
    }


def test_without_a_plan_there_is_none() -> None:
    worked = {**case("12"), "events": [e for e in case("12")["events"] if e["id"] == "inv-1"]}
    body = json.loads(bodies.campaign(snapshot_of(worked)))
    assert (body["plan"], body["plan_time"]) == (None, None)


def test_a_row_that_the_worker_does_not_know_yet_has_no_value() -> None:
    older = msgspec.structs.replace(snapshot_of(case("01")), kpis=[])
    for row in json.loads(bodies.kpis(older))["kpis"]:
        assert (row["value"], row["numerator"], row["denominator"]) == (None, None, None)


def test_an_incomplete_campaign_says_so() -> None:
    snapshot = snapshot_of(case("01"))
    assert "incomplete" not in json.loads(bodies.kpis(snapshot))
    told = msgspec.structs.replace(snapshot, incomplete=True)
    for body in (bodies.kpis(told), bodies.milestones(told), bodies.campaign(told)):
        assert json.loads(body)["incomplete"] is True


def test_sources_tell_their_first_and_last_event() -> None:
    body = json.loads(bodies.sources(snapshot_of(case("11"))))
    assert {
        "source": "/sources/demo",
        "type": "phone.made",
        "first": "2026-03-02T09:00:00Z",
        "last": "2026-03-02T09:00:00Z",
    } in body["sources"]
    assert body["as_of"] == "2026-03-02T10:30:20Z"
