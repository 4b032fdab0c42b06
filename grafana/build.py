"""The dashboard of one campaign, generated from the KPI catalogue.

Owns which numbers are shown and where. The JSON is committed, so that Grafana needs no generator.

    python -m grafana.build [--check]
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from grafana.panels import UNITS, amount, columns, curves, name, newest, number
from streamer.kpis.catalogue import CATALOGUE, REP_ROWS
from streamer.kpis.limits import LIMITS, Limits
from streamer.kpis.model import CAMPAIGN_ONLY, METRICS, Channel, Kpi

OUTPUT: Final = Path(__file__).parent / "dashboards" / "campaign.json"

# The order of the page, with the French title of each part and of its curves.
PARTS: Final[tuple[tuple[Channel, str, str], ...]] = (
    ("all", "Campagne", "Prospects, tous canaux"),
    ("email", "E-mail", "E-mails par étape"),
    ("sms", "SMS", "SMS par étape"),
    ("postal", "Courrier", "Courriers par étape"),
    ("phone", "Téléphone", "Appels par étape"),
    ("linkedin", "LinkedIn", "Invitations LinkedIn par étape"),
)

WINDOWS: Final[tuple[tuple[str, str], ...]] = (
    ("campaign", "Toute la campagne"),
    ("5m", "5 dernières minutes"),
    ("1h", "Dernière heure"),
    ("24h", "Dernières 24 heures"),
)

_WINDOW: Final = "$window"
_WHOLE: Final = " Toujours sur toute la campagne, quelle que soit la fenêtre choisie."

Panel = Builder[model.Panel]


def variables() -> Iterator[Builder[model.VariableModel]]:
    """What the reader chooses: where the numbers come from, whose they are, over which time."""
    yield dashboard.DatasourceVariable("datasource").label("Source de données").type("prometheus")
    yield (
        dashboard.QueryVariable("campaign")
        .label("Campagne")
        .datasource(model.DataSourceRef(type_val="prometheus", uid="${datasource}"))
        .query(
            {
                "query": "label_values(prospecting_campaign_info, campaign)",
                "refId": "campaigns",
                "qryType": 1,
            }
        )
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    )
    chosen = WINDOWS[0]
    yield (
        dashboard.CustomVariable("window")
        .label("Fenêtre")
        .values(",".join(f"{text} : {value}" for value, text in WINDOWS))
        .current(model.VariableOption(selected=True, text=chosen[1], value=chosen[0]))
    )


def head() -> Iterator[Panel]:
    """What to know before reading any number."""
    yield name(
        "Campagne suivie",
        "Nom que le plan donne à la campagne ; vide si le plan n'en donne pas.",
        newest("prospecting_campaign_info"),
        "{{name}}",
    )
    yield number(
        "Âge des chiffres",
        "Temps écoulé depuis le moment auquel les fenêtres ont été calculées. Elles le sont à "
        "chaque événement et au moins chaque minute : plus de deux minutes, c'est que le calcul "
        "ou la collecte est arrêté.",
        f"time() - ({newest('prospecting_as_of_seconds')})",
        unit="s",
        limits=Limits(90, 120),
    )
    yield number(
        "Données incomplètes",
        "1 quand un enregistrement illisible de cette campagne a été mis de côté : ses chiffres "
        "peuvent alors être trop bas.",
        newest("prospecting_incomplete"),
        unit="none",
        limits=Limits(1, 1),
    )
    yield number(
        "Retours sans touche connue",
        "Réponses, désinscriptions et rendez-vous que l'on n'a pas pu rattacher à un envoi. Ils "
        "le seront dès que l'envoi sera connu.",
        f"sum by (campaign) ({newest('prospecting_unattributed')})",
        unit="locale",
    )
    yield amount(
        "Coûts laissés de côté",
        "Coûts dans une autre devise que celle du plan : ils ne sont ni convertis ni comptés.",
        newest("prospecting_cost_left_out"),
    )


def tile(kpi: Kpi) -> Panel:
    """The tile of one KPI."""
    whole = kpi.windows == CAMPAIGN_ONLY
    window = "campaign" if whole else _WINDOW
    expression = newest(METRICS[kpi.unit], channel=kpi.channel, kpi=kpi.id, window=window)
    description = kpi.help.fr + (_WHOLE if whole else "")
    if kpi.unit == "amount":
        return amount(kpi.label.fr, description, expression)
    mean = kpi.unit == "count" and kpi.denominator is not None
    return number(
        kpi.label.fr,
        description,
        expression,
        unit=UNITS[kpi.unit],
        decimals=1 if kpi.unit == "ratio" or mean else None,
        limits=LIMITS.get((kpi.channel, kpi.id)),
    )


def stages(channel: Channel, title: str) -> Panel:
    """How many touches (for `all`: prospects) reached each milestone."""
    return curves(
        title,
        "Combien ont atteint chaque étape dans la fenêtre choisie. Chacun compte une fois par "
        "étape, quel que soit le nombre de notifications.",
        newest("prospecting_milestones", channel=channel, window=_WINDOW),
        "{{milestone}}",
    )


def reps() -> Panel:
    """The calls of each sales rep."""

    def of(row_id: str) -> str:
        if row_id == "seconds":
            return newest("prospecting_rep_seconds", window=_WINDOW)
        return newest("prospecting_rep_milestones", milestone=row_id, window=_WINDOW)

    return columns(
        "Appels par commercial",
        "Pour les appels dont le commercial est connu, dans la fenêtre choisie.",
        ("rep", "Commercial"),
        [(row.label.fr, f"sum by (rep) ({of(row.id)})", row.unit) for row in REP_ROWS],
    )


def parts() -> Iterator[tuple[str, Sequence[Panel]]]:
    """The page from top to bottom: the title of each part and its panels."""
    for channel, title, curve in PARTS:
        tiles = [tile(kpi) for kpi in CATALOGUE if kpi.channel == channel]
        before = list(head()) if channel == "all" else []
        after = [reps()] if channel == "phone" else []
        yield title, [*before, *tiles, stages(channel, curve), *after]


def placed(part: Sequence[model.Panel], top: int) -> int:
    """Give each panel its place, left to right, and return the line below the last one."""
    left, tallest = 0, 0
    for panel in part:
        position = panel.grid_pos
        if position is None:
            raise ValueError(f"a panel has no size: {panel.title}")
        if left + position.w > 24:  # noqa: PLR2004 - the width of Grafana's grid
            left, top, tallest = 0, top + tallest, 0
        position.x, position.y = left, top
        left, tallest = left + position.w, max(tallest, position.h)
    return top + tallest


def build() -> model.Dashboard:
    """The dashboard, with a place and an id for every panel."""
    page = (
        dashboard.Dashboard("Prospection : une campagne en direct")
        .uid("prospecting-campaign")
        .description("Tous les KPI d'une campagne de prospection multicanal, en direct.")
        .tags(["prospection"])
        .time("now-24h", "now")
        .refresh("5s")
        .timezone("browser")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .readonly()
    )
    for variable in variables():
        page.with_variable(variable)
    built = page.build()
    panels: list[model.Panel | model.RowPanel] = []
    top = 0
    for title, part in parts():
        row = dashboard.Row(title).grid_pos(model.GridPos(x=0, y=top, w=24, h=1)).build()
        ready = [panel.build() for panel in part]
        top = placed(ready, top + 1)
        panels += [row, *ready]
    for number_of_panel, panel in enumerate(panels, start=1):
        panel.id_val = number_of_panel
    built.panels = panels
    return built


def rendered() -> str:
    """The JSON text that is committed."""
    plain: Any = json.loads(json.dumps(build(), cls=JSONEncoder))
    return json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the dashboard, or with `--check` say whether it is stale; 1 when it is."""
    text = rendered()
    if "--check" in arguments:
        if OUTPUT.is_file() and OUTPUT.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{OUTPUT} is stale: python -m grafana.build\n")
        return 1
    OUTPUT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
