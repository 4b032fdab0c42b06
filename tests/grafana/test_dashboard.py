"""The committed dashboard: fresh, whole, and following rules that are each shown a bad panel."""

import copy
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamer.kpis.catalogue import CATALOGUE
from streamer.kpis.limits import LIMITS
from streamer.kpis.model import CAMPAIGN_ONLY, METRICS

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "grafana" / "dashboards" / "campaign.json"
# What has one number only, whatever the window.
WITHOUT_WINDOW = (
    "prospecting_campaign_info",
    "prospecting_as_of_seconds",
    "prospecting_incomplete",
    "prospecting_unattributed",
    "prospecting_cost_left_out",
)

Page = dict[str, Any]
Found = Iterator[str]


def page() -> Page:
    loaded: Page = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return loaded


def panels(of: Page) -> list[Page]:
    return [panel for panel in of["panels"] if panel["type"] != "row"]


def titled_and_described(of: Page) -> Found:
    """Each panel has a title and a description that says more."""
    for panel in panels(of):
        if not panel.get("title"):
            yield f"{panel['id']} has no title"
        if len(panel.get("description", "")) <= len(panel.get("title", "")):
            yield f"{panel['id']} has no description"


def with_unit(of: Page) -> Found:
    """Each panel has a unit, and shows something where there is no value."""
    for panel in panels(of):
        defaults = panel["fieldConfig"]["defaults"]
        if not defaults.get("unit"):
            yield f"{panel['title']} has no unit"
        if panel["type"] != "timeseries" and not defaults.get("noValue"):
            yield f"{panel['title']} shows nothing where there is no value"


def source_is_chosen(of: Page) -> Found:
    """No data source is hard-coded: the reader chooses it."""
    text = "${datasource}"
    places = [
        place
        for panel in panels(of)
        for place in (panel["datasource"], *(target["datasource"] for target in panel["targets"]))
    ]
    places += [each["datasource"] for each in of["templating"]["list"] if each["type"] == "query"]
    if any(place != {"type": "prometheus", "uid": text} for place in places):
        yield "a data source is hard-coded"


def queries_of_the_campaign(of: Page) -> Found:
    """Each query asks for the chosen campaign, of its newest worker, in a window."""
    newest = 'topk by (campaign) (1, prospecting_as_of_seconds{campaign="$campaign"})'
    for panel in panels(of):
        for target in panel["targets"]:
            expression = target["expr"]
            if expression.count("prospecting_") != expression.count('campaign="$campaign"'):
                yield f"{panel['title']} asks for any campaign"
            if newest not in expression:
                yield f"{panel['title']} may show two workers"
            asked = expression.replace(newest, "")
            if 'window="' not in asked and not any(metric in asked for metric in WITHOUT_WINDOW):
                yield f"{panel['title']} mixes windows"


def ids_are_unique(of: Page) -> Found:
    """Panels have ids of their own; the queries of a panel have names of their own."""
    ids = Counter(panel.get("id") for panel in of["panels"])
    if None in ids or max(ids.values()) > 1:
        yield "panels share an id, or have none"
    for panel in panels(of):
        refs = Counter(target.get("refId") for target in panel["targets"])
        if not refs or None in refs or "" in refs or max(refs.values()) > 1:
            yield f"{panel['title']} has queries without a name of their own"


def nothing_overlaps(of: Page) -> Found:
    """No panel covers another, none leaves the grid."""
    taken: set[tuple[int, int]] = set()
    for panel in of["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        if cells & taken or max(x for x, _ in cells) > 23:
            yield f"{panel['title']} has no room"
        taken |= cells


def tiles_show_the_moment(of: Page) -> Found:
    """A tile shows what holds now: an instant query, reduced to its last value."""
    for panel in panels(of):
        if panel["type"] == "stat":
            if not all(target.get("instant") for target in panel["targets"]):
                yield f"{panel['title']} may show a value that is gone"
            if panel["options"]["reduceOptions"]["calcs"] != ["lastNotNull"]:
                yield f"{panel['title']} does not say which value it shows"


def every_kpi_stands_once(of: Page) -> Found:
    """Every row of the catalogue has its tile, in its own unit's metric and its own window."""
    asked = Counter(
        target["expr"].partition(" and on")[0]
        for panel in panels(of)
        for target in panel["targets"]
    )
    for kpi in CATALOGUE:
        window = "campaign" if kpi.windows == CAMPAIGN_ONLY else "$window"
        wanted = (
            f'{METRICS[kpi.unit]}{{campaign="$campaign",channel="{kpi.channel}",'
            f'kpi="{kpi.id}",window="{window}"}}'
        )
        if asked[wanted] != 1:
            yield f"{kpi.channel} {kpi.id} stands {asked[wanted]} times"


def colours_follow_the_limits(of: Page) -> Found:
    """Where there are limits a tile has their colours; elsewhere it has one colour."""
    coloured = 0
    for panel in panels(of):
        if panel["type"] == "stat" and 'kpi="' in panel["targets"][0]["expr"]:
            steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
            coloured += len(steps) > 1
    if coloured != len(LIMITS):
        yield f"{coloured} tiles have colours, {len(LIMITS)} have limits"


RULES: tuple[Callable[[Page], Found], ...] = (
    titled_and_described,
    with_unit,
    source_is_chosen,
    queries_of_the_campaign,
    ids_are_unique,
    nothing_overlaps,
    tiles_show_the_moment,
    every_kpi_stands_once,
    colours_follow_the_limits,
)

# What breaks each rule, as a change of one tile of a KPI.
BREAKS: tuple[tuple[Callable[[Page], Found], Callable[[Page], object]], ...] = (
    (titled_and_described, lambda tile: tile.update(title="")),
    (titled_and_described, lambda tile: tile.pop("description")),
    (with_unit, lambda tile: tile["fieldConfig"]["defaults"].pop("unit")),
    (with_unit, lambda tile: tile["fieldConfig"]["defaults"].pop("noValue")),
    (source_is_chosen, lambda tile: tile["datasource"].update(uid="prometheus")),
    (source_is_chosen, lambda tile: tile["targets"][0]["datasource"].update(uid="prometheus")),
    (queries_of_the_campaign, lambda tile: tile["targets"][0].update(expr="prospecting_kpi_ratio")),
    (ids_are_unique, lambda tile: tile.update(id=1)),
    (ids_are_unique, lambda tile: tile.pop("id")),
    (ids_are_unique, lambda tile: tile["targets"][0].update(refId="")),
    (ids_are_unique, lambda tile: tile["targets"].append(tile["targets"][0])),
    (nothing_overlaps, lambda tile: tile["gridPos"].update(x=0, y=0)),
    (nothing_overlaps, lambda tile: tile["gridPos"].update(x=23, y=900)),
    (tiles_show_the_moment, lambda tile: tile["targets"][0].update(instant=False)),
    (tiles_show_the_moment, lambda tile: tile["options"]["reduceOptions"].update(calcs=[])),
    (every_kpi_stands_once, lambda tile: tile["targets"][0].update(expr="x")),
    (
        colours_follow_the_limits,
        lambda tile: tile["fieldConfig"]["defaults"]["thresholds"]["steps"].append({}),
    ),
)


def kpi_tile(of: Page) -> Page:
    return next(panel for panel in panels(of) if 'kpi="open"' in panel["targets"][0]["expr"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_dashboard_follows_the_rule(rule: Callable[[Page], Found]) -> None:
    assert list(rule(page())) == []


@pytest.mark.parametrize(("rule", "change"), BREAKS)
def test_a_panel_that_breaks_a_rule_is_noticed(
    rule: Callable[[Page], Found], change: Callable[[Page], object]
) -> None:
    bad = copy.deepcopy(page())
    change(kpi_tile(bad))
    assert list(rule(bad))


@pytest.mark.parametrize("part", ['campaign="$campaign",', 'window="$window"', " and on"])
def test_a_query_that_forgets_a_part_is_noticed(part: str) -> None:
    bad = page()
    target = kpi_tile(bad)["targets"][0]
    before, _, after = target["expr"].partition(part)
    target["expr"] = before + ("" if part == " and on" else after)
    assert list(queries_of_the_campaign(bad))


def test_each_rule_is_shown_a_bad_panel() -> None:
    assert {rule for rule, _ in BREAKS} == set(RULES)


def test_the_dashboard_is_what_the_catalogue_generates() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grafana.build", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_reader_chooses_source_campaign_and_window() -> None:
    chosen = {each["name"]: each for each in page()["templating"]["list"]}
    assert list(chosen) == ["datasource", "campaign", "window"]
    values = [each.rpartition(" : ")[2] for each in chosen["window"]["query"].split(",")]
    assert values == ["campaign", "5m", "1h", "24h"]


def test_the_schema_is_that_of_the_grafana_that_is_pinned() -> None:
    assert page()["schemaVersion"] == 41


def test_the_provisioned_source_is_the_default_one() -> None:
    provisioning = ROOT / "grafana" / "provisioning"
    (source,) = yaml.safe_load(
        (provisioning / "datasources" / "prometheus.yml").read_text(encoding="utf-8")
    )["datasources"]
    assert (source["type"], source["isDefault"], source["editable"]) == ("prometheus", True, False)
