"""The committed dashboards: fresh, whole, and following rules that are each shown a bad panel."""

import copy
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana import build, links, rules, words
from grafana.panels import coloured
from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from streamer.kpis.drift import WATCHES
from streamer.kpis.limits import LIMITS
from streamer.kpis.model import CAMPAIGN_ONLY, METRICS
from tests.grafana import page_rules
from tests.grafana.page_rules import RULES, Found, kpi_of
from tests.grafana.pages import NAMES, ROOT, Page, page, panels, targets

CHANNELS = {"email", "sms", "postal", "phone", "linkedin"}

# What breaks each rule, as a change of one tile of a KPI.
BREAKS: tuple[tuple[Callable[[Page], Found], Callable[[Page], object]], ...] = (
    (page_rules.titled_and_described, lambda tile: tile.update(title="")),
    (page_rules.titled_and_described, lambda tile: tile.pop("description")),
    (page_rules.with_unit, lambda tile: tile["fieldConfig"]["defaults"].pop("unit")),
    (page_rules.with_unit, lambda tile: tile["fieldConfig"]["defaults"].pop("noValue")),
    (page_rules.source_is_chosen, lambda tile: tile["datasource"].update(uid="prometheus")),
    (
        page_rules.source_is_chosen,
        lambda tile: tile["targets"][0]["datasource"].update(uid="prometheus"),
    ),
    (page_rules.of_the_newest_worker, lambda tile: without(tile, 'campaign="$campaign",')),
    (page_rules.of_the_newest_worker, lambda tile: without(tile, " and on (campaign, instance)")),
    (page_rules.of_the_newest_worker, lambda tile: without(tile, 'seconds{campaign="$campaign"}')),
    (page_rules.in_one_window, lambda tile: without(tile, ',window="$window"')),
    (page_rules.ids_are_unique, lambda tile: tile.update(id=1)),
    (page_rules.ids_are_unique, lambda tile: tile.pop("id")),
    (page_rules.ids_are_unique, lambda tile: tile["targets"][0].update(refId="")),
    (page_rules.ids_are_unique, lambda tile: tile["targets"].append(tile["targets"][0])),
    (page_rules.nothing_overlaps, lambda tile: tile["gridPos"].update(x=0, y=0)),
    (page_rules.nothing_overlaps, lambda tile: tile["gridPos"].update(x=23)),
    (page_rules.nothing_overlaps, lambda tile: tile["gridPos"].update(y=900)),
    (page_rules.begins_with_what_matters, lambda tile: tile["gridPos"].update(y=0)),
    (page_rules.tiles_show_the_moment, lambda tile: tile["targets"][0].update(instant=False)),
    (page_rules.tiles_show_the_moment, lambda tile: tile["targets"][0].update(range=True)),
    (
        page_rules.tiles_show_the_moment,
        lambda tile: tile["options"]["reduceOptions"].update(calcs=[]),
    ),
    (page_rules.formulas_are_told, lambda tile: tile.update(description="Une part des mails.")),
    (
        page_rules.variables_are_declared_and_used,
        lambda tile: tile["targets"][0].update(expr="x{a='$nobody'}"),
    ),
    (
        page_rules.links_lead_somewhere,
        lambda tile: tile.update(links=[{"url": "/d/prospecting-nowhere?x"}]),
    ),
    (
        page_rules.links_lead_somewhere,
        lambda tile: tile.update(links=[{"url": "/d/prospecting-alerts?viewPanel=7"}]),
    ),
)


def without(tile: Page, part: str) -> None:
    target = tile["targets"][0]
    assert part in target["expr"]
    target["expr"] = target["expr"].replace(part, "", 1)


def kpi_tile(of: Page) -> Page:
    return next(panel for panel in panels(of) if kpi_of(panel) == ("email", "open"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_dashboard_follows_the_rule(rule: Callable[[Page], Found], name: str) -> None:
    assert list(rule(page(name))) == []


@pytest.mark.parametrize(("rule", "change"), BREAKS)
def test_a_panel_that_breaks_a_rule_is_noticed(
    rule: Callable[[Page], Found], change: Callable[[Page], object]
) -> None:
    bad = copy.deepcopy(page("email"))
    change(kpi_tile(bad))
    assert list(rule(bad))


def test_each_rule_is_shown_a_bad_panel() -> None:
    assert {rule for rule, _ in BREAKS} == set(RULES)


@pytest.mark.parametrize("name", NAMES)
def test_a_dashboard_follows_grafanas_schema(name: str) -> None:
    known = json.loads(json.dumps(Dashboard.from_json(page(name)), cls=JSONEncoder))
    assert known == page(name)


def test_an_unknown_key_of_a_dashboard_is_noticed() -> None:
    bad = page("email")
    kpi_tile(bad)["gridPosition"] = {}
    assert json.loads(json.dumps(Dashboard.from_json(bad), cls=JSONEncoder)) != bad


def test_there_is_a_dashboard_for_each_channel_and_for_what_they_share() -> None:
    assert set(NAMES) == {*CHANNELS, "campaign", "reps", "pipeline", "alerts"}


def test_each_dashboard_has_a_uid_a_title_and_the_schema_of_the_grafana_that_is_pinned() -> None:
    found = [page(name) for name in NAMES]
    assert [each["uid"] for each in found] == [links.uid(name) for name in NAMES]
    assert len({each["title"] for each in found}) == len(NAMES)
    assert {each["schemaVersion"] for each in found} == {41}
    assert not any(each["editable"] for each in found)


def test_every_kpi_stands_once_in_its_own_metric_and_window() -> None:
    asked = Counter(
        target["expr"].partition(" and on")[0]
        for name in NAMES
        for panel, target in targets(page(name))
        if kpi_of(panel)
    )
    wanted = [
        f'{METRICS[kpi.unit]}{{campaign="$campaign",channel="{kpi.channel}",kpi="{kpi.id}",'
        f'window="{"campaign" if kpi.windows == CAMPAIGN_ONLY else "$window"}"}}'
        for kpi in CATALOGUE
    ]
    assert asked == Counter(wanted)


def test_a_kpi_stands_on_the_page_of_its_channel() -> None:
    for name in NAMES:
        shown = {kpi[0] for panel in panels(page(name)) if (kpi := kpi_of(panel))}
        assert shown == ({name} if name in CHANNELS else {"all"} if name == "campaign" else set())


def test_where_there_are_limits_a_tile_has_their_colours_and_elsewhere_one_colour() -> None:
    for name in NAMES:
        for panel in panels(page(name)):
            if kpi := kpi_of(panel):
                wanted = json.loads(json.dumps(coloured(LIMITS.get(kpi)).build(), cls=JSONEncoder))
                assert panel["fieldConfig"]["defaults"]["thresholds"] == wanted


def test_what_has_a_runbook_leads_to_its_text() -> None:
    shown = {panel["id"]: panel for panel in panels(page("alerts"))}
    for section, number in links.RUNBOOKS.items():
        assert shown[number]["options"]["content"] == rules.section(section)
    with pytest.raises(KeyError):
        rules.section("nothing")


def test_every_runbook_stands_on_the_page_of_alerts() -> None:
    text = rules.RUNBOOKS.read_text(encoding="utf-8")
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert [heading.lower().replace(" ", "-") for heading in headings] == list(links.RUNBOOKS)


def test_the_page_of_alerts_names_every_rule_every_limit_and_every_watch() -> None:
    text = json.dumps(page("alerts"), ensure_ascii=False)
    assert all(rule["alert"] in text for rule in rules.alerts())
    lines = rules.limit_table().splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == len(LIMITS) + len(WATCHES) + 2
    assert "| E-mail | Taux de hard bounce | ≥ 5 % | ≥ 10 % |" in lines
    assert "| SMS | Taux de remise | < 95 % | < 90 % |" in lines


def test_every_milestone_and_every_channel_has_a_word() -> None:
    assert {name for names in MILESTONES.values() for name in names} == set(words.MILESTONES)
    assert set(words.CHANNELS) == CHANNELS == set(words.ORDER)


def test_the_dashboards_are_what_the_catalogue_generates() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grafana.build", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_a_missing_and_a_foreign_file_are_noticed_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main([], tmp_path) == 0
    assert build.main(["--check"], tmp_path) == 0
    (tmp_path / "email.json").write_text("{}")
    (tmp_path / "sms.json").unlink()
    (tmp_path / "old.json").write_text("{}")
    assert build.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert all(f"{name}.json is stale" in said for name in ("email", "sms", "old"))
    assert build.main([], tmp_path) == 0
    assert sorted(path.stem for path in tmp_path.iterdir()) == NAMES


def test_the_reader_chooses_source_campaign_and_window() -> None:
    for name in CHANNELS | {"campaign", "reps"}:
        chosen = {each["name"]: each for each in page(name)["templating"]["list"]}
        values = [each.rpartition(" : ")[2] for each in chosen["window"]["query"].split(",")]
        assert values == ["campaign", "5m", "1h", "24h"]
        assert {"datasource", "campaign"} <= set(chosen)


def test_the_pages_of_a_campaign_lead_to_its_wall() -> None:
    for name in CHANNELS | {"campaign", "reps"}:
        urls = [link["url"] for link in page(name)["links"] if link["type"] == "link"]
        assert urls == ["${gateway}/wall/${campaign:percentencode}"]


def test_the_provisioned_source_is_the_default_one() -> None:
    provisioning = ROOT / "grafana" / "provisioning"
    (source,) = yaml.safe_load(
        (provisioning / "datasources" / "prometheus.yml").read_text(encoding="utf-8")
    )["datasources"]
    assert (source["type"], source["isDefault"], source["editable"]) == ("prometheus", True, False)


def test_the_provisioned_dashboards_have_a_folder_and_are_not_edited_in_the_browser() -> None:
    (provider,) = yaml.safe_load(
        (ROOT / "grafana/provisioning/dashboards/prospecting.yml").read_text(encoding="utf-8")
    )["providers"]
    assert (provider["folder"], provider["allowUiUpdates"]) == ("Prospection", False)


def test_nobody_sees_the_dashboards_without_logging_in() -> None:
    stack = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert stack["services"]["grafana"]["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == (
        "${GRAFANA_ANONYMOUS:-false}"
    )
