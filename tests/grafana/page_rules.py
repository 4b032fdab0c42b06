"""What every dashboard must keep to: each rule yields what breaks it."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator

from grafana import links
from streamer.kpis.catalogue import CATALOGUE
from tests.grafana.pages import NAMES, Page, asking, panels, targets

Found = Iterator[str]

# What Grafana itself knows.
BUILT_IN = {"__all", "__range", "__rate_interval", "__value", "__url_time_range"}
NEWEST = re.compile(
    r"(prospecting_\w+)\{([^}]*)\} and on \(campaign, instance\) "
    r"topk by \(campaign\) \(1, prospecting_as_of_seconds\{([^}]*)\}\)"
)
OF_THE_CAMPAIGN = ('campaign="$campaign"', 'campaign=~"$campaign"')
# What is counted in windows; everything else has one number.
WINDOWED = re.compile(r"prospecting_(kpi_\w+|milestones|rep_\w+)")


def titled_and_described(of: Page) -> Found:
    """Each panel has a title, and a description that says more."""
    for panel in panels(of):
        if not panel.get("title"):
            yield f"{panel['id']} has no title"
        description = panel.get("description", "")
        if len(description) <= len(panel.get("title", "")) or description[:1].islower():
            yield f"{panel['id']} has no description"
    for part in of["panels"]:
        if part["type"] == "row" and not part.get("title"):
            yield "a part has no title"


def with_unit(of: Page) -> Found:
    """Each panel has a unit, and shows something where there is no value."""
    for panel in asking(of):
        defaults = panel["fieldConfig"]["defaults"]
        if not defaults.get("unit"):
            yield f"{panel['title']} has no unit"
        if panel["type"] != "timeseries" and not defaults.get("noValue"):
            yield f"{panel['title']} shows nothing where there is no value"


def source_is_chosen(of: Page) -> Found:
    """No data source is hard-coded: the reader chooses it."""
    places = [
        place
        for panel in asking(of)
        for place in (panel["datasource"], *(target["datasource"] for target in panel["targets"]))
    ]
    places += [each["datasource"] for each in of["templating"]["list"] if each["type"] == "query"]
    if any(place != {"type": "prometheus", "uid": "${datasource}"} for place in places):
        yield "a data source is hard-coded"


def of_the_newest_worker(of: Page) -> Found:
    """A number of a campaign is asked of the newest worker that shows it."""
    for panel, target in targets(of):
        expression = target["expr"]
        asked = NEWEST.findall(expression)
        if expression.count("prospecting_") != 2 * len(asked):
            yield f"{panel['title']} may show two workers"
        for _, matchers, newest in asked:
            if newest not in OF_THE_CAMPAIGN or not matchers.startswith(newest):
                yield f"{panel['title']} asks for any campaign"


def in_one_window(of: Page) -> Found:
    """What is counted in windows is asked of one."""
    for panel, target in targets(of):
        for metric, matchers, _ in NEWEST.findall(target["expr"]):
            if bool(WINDOWED.fullmatch(metric)) != ('window="' in matchers):
                yield f"{panel['title']} mixes windows, or asks for one where there is none"


def ids_are_unique(of: Page) -> Found:
    """Panels have ids of their own; the queries of a panel have names of their own."""
    ids = Counter(panel.get("id") for panel in of["panels"])
    if None in ids or max(ids.values()) > 1:
        yield "panels share an id, or have none"
    for panel in asking(of):
        refs = Counter(target.get("refId") for target in panel["targets"])
        if not refs or None in refs or "" in refs or max(refs.values()) > 1:
            yield f"{panel['title']} has queries without a name of their own"


def nothing_overlaps(of: Page) -> Found:
    """No panel covers another, none leaves the grid, and between them is no hole."""
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
    for y in range(max(y for _, y in taken)):
        line = {x for x, at in taken if at == y}
        if line != set(range(len(line))) or not line:
            yield f"line {y} has a hole"


def begins_with_what_matters(of: Page) -> Found:
    """Numbers stand at the top, unfolded and at a glance, before the first title."""
    first = of["panels"][0]
    if first["type"] != "stat" or first["gridPos"]["y"] != 0:
        yield "the page does not begin with a number"
    tiles = [panel for panel in panels(of) if panel["gridPos"]["y"] == 0]
    if sum(tile["gridPos"]["w"] for tile in tiles) != 24:
        yield "the first line is not full"


def tiles_show_the_moment(of: Page) -> Found:
    """A tile, a bar or a cell shows what holds now; a curve shows what held."""
    for panel, target in targets(of):
        curve = panel["type"] in {"timeseries", "state-timeline"}
        if target.get("instant", False) == curve or target.get("range", False) != curve:
            yield f"{panel['title']} may show a value that is gone"
        reduced = panel.get("options", {}).get("reduceOptions", {"calcs": ["lastNotNull"]})
        if reduced["calcs"] != ["lastNotNull"]:
            yield f"{panel['title']} does not say which value it shows"


def formulas_are_told(of: Page) -> Found:
    """The tile of a KPI tells its formula."""
    formulas: dict[tuple[str, str], str] = {(kpi.channel, kpi.id): kpi.formula for kpi in CATALOGUE}
    for panel in panels(of):
        asked = kpi_of(panel)
        if asked and formulas[asked] not in panel["description"]:
            yield f"{panel['title']} does not tell its formula"


def variables_are_declared_and_used(of: Page) -> Found:
    """A page has the variables that its panels and links name, and no others."""
    declared = {each["name"] for each in of["templating"]["list"]}
    # Prometheus's own words in a text are no variables of the page.
    text = json.dumps([panel for panel in of["panels"] if panel["type"] != "text"])
    used = set(re.findall(r"\$\{?(\w+)", text + json.dumps([of["links"], of["templating"]])))
    if used - BUILT_IN != declared:
        yield f"it names {sorted(used - BUILT_IN)} and declares {sorted(declared)}"


def links_lead_somewhere(of: Page) -> Found:
    """A link within Grafana leads to a page, and to a panel, that exist."""
    for url in re.findall(r'"url": "(/[^"]*)"', json.dumps(of)):
        found = re.match(r"/d/prospecting-([^?]+)\?(.*)", url)
        if found is None or found[1] not in {*NAMES, "${__value.raw}"}:
            yield f"{url} leads nowhere"
        elif "viewPanel" in found[2] and found[2] not in {
            f"viewPanel={number}" for number in links.RUNBOOKS.values()
        }:
            yield f"{url} shows no panel"


def kpi_of(panel: Page) -> tuple[str, str] | None:
    """The KPI whose tile a panel is."""
    if panel["type"] != "stat":
        return None
    asked = re.match(
        r'prospecting_kpi_\w+\{campaign="\$campaign",channel="(\w+)",kpi="(\w+)"',
        panel["targets"][0]["expr"],
    )
    return (asked[1], asked[2]) if asked else None


RULES: tuple[Callable[[Page], Found], ...] = (
    titled_and_described,
    with_unit,
    source_is_chosen,
    of_the_newest_worker,
    in_one_window,
    ids_are_unique,
    nothing_overlaps,
    begins_with_what_matters,
    tiles_show_the_moment,
    formulas_are_told,
    variables_are_declared_and_used,
    links_lead_somewhere,
)
