"""The page of alerts: what is wrong now, since when, what is about to go wrong, and what to do."""

from collections.abc import Iterator
from typing import Final

from grafana import drift, links, rules, variables
from grafana.kpis import limit_curves
from grafana.page import Board, Part
from grafana.panels import Panel, Size, number, page_of_text
from grafana.pipeline_limits import DRIFT, NONE
from grafana.queries import SEVERAL, SEVERAL_OR_NONE, newest
from grafana.tables import AGO, Column, Key, columns, time_line
from grafana.words import CHANNELS, SEVERITIES, STATES

_TILE: Final = Size(6, 3)
_CHOSEN: Final = f'{SEVERAL_OR_NONE},channel=~"$channel|"'
# The labels by which rules tell what they are about; one that a rule lacks is an empty cell.
_ABOUT: Final = "alertname, severity, alertstate, campaign, channel, window, kpi, source"
# While Prometheus answers, no alert is a zero and not a missing number.
_ZERO: Final = "0 * count(up)"


def _counted(title: str, description: str, *matchers: str, alarming: bool) -> Panel:
    chosen = ",".join((*matchers, _CHOSEN))
    return number(
        title,
        description,
        f"count(ALERTS{{{chosen}}}) or {_ZERO}",
        unit="none",
        limits=NONE if alarming else None,
        size=_TILE,
    )


def _state() -> Iterator[Panel]:
    yield _counted(
        "Alertes critiques",
        "Alertes actives qui demandent d'agir maintenant, pour les campagnes et les canaux "
        "choisis ; celles de la chaîne de traitement y sont toujours.",
        'alertstate="firing"',
        'severity="critical"',
        alarming=True,
    )
    yield _counted(
        "Alertes à surveiller",
        "Alertes actives qui ne sont pas critiques.",
        'alertstate="firing"',
        'severity!="critical"',
        alarming=True,
    )
    yield _counted(
        "En attente",
        "Conditions qui sont remplies, mais pas encore depuis assez longtemps pour alerter.",
        'alertstate="pending"',
        alarming=False,
    )
    level = newest("prospecting_drift", 'channel=~"$channel"', campaigns=SEVERAL)
    yield number(
        "Dérives certaines",
        "Dérives des campagnes et des canaux choisis qui ont atteint leur borne de décision."
        "\n\nFormule : nombre de niveaux ≥ 1",
        f"sum(({level}) >= bool {DRIFT.critical})",
        unit="none",
        limits=NONE,
        size=_TILE,
    )


def _active() -> Panel:
    moment = (
        f"max by ({_ABOUT}) (ALERTS{{{_CHOSEN}}} "
        "* ignoring (alertstate) group_left () ALERTS_FOR_STATE) * 1000"
    )
    return columns(
        "Alertes en cours",
        "Chaque alerte active ou en attente, et depuis quand sa condition est remplie. Ce qu'il "
        "faut faire est plus bas sur cette page.",
        [
            Key("severity", "Gravité", SEVERITIES),
            Key("alertstate", "État", STATES),
            Key("alertname", "Alerte"),
            Key(
                "campaign",
                "Campagne",
                link=links.page("campaign", "var-campaign=${__value.raw:percentencode}"),
            ),
            Key("channel", "Canal", CHANNELS),
            Key("window", "Fenêtre"),
            Key("kpi", "KPI"),
            Key("source", "Source"),
        ],
        [Column("Depuis", moment, AGO)],
        size=Size(24, 7),
    )


def _history() -> Panel:
    firing = f'max by (alertname, campaign, channel) (ALERTS{{alertstate="firing",{_CHOSEN}}})'
    pending = f"max by (alertname, campaign, channel) (ALERTS{{{_CHOSEN}}})"
    return time_line(
        "Quand il y a eu des alertes",
        "Orange : la condition était remplie, l'alerte en attente. Rouge : l'alerte était active. "
        "Rien : tout allait bien.",
        f"{firing} * 2 or {pending}",
        "{{alertname}} {{campaign}} {{channel}}",
        size=Size(24, 7),
    )


def _texts() -> Iterator[Panel]:
    yield page_of_text(
        "Règles d'alerte",
        "Les règles que Prometheus applique, et ce qu'il faut faire quand l'une d'elles alerte.",
        rules.alert_table(),
        size=Size(16, 12),
    )
    yield page_of_text(
        "Seuils des KPI et dérives surveillées",
        "À partir de quelles valeurs les tableaux de bord changent de couleur, et entre quels "
        "taux une dérive est jugée.",
        rules.limit_table(),
        size=Size(8, 12),
    )


def _runbook(section: str, number_of_panel: int) -> Panel:
    return page_of_text(
        section.replace("-", " ").capitalize(),
        "Extrait de la documentation (en anglais) : ce que cela veut dire, quoi regarder, que "
        "faire.",
        rules.section(section),
        size=Size(8, 14),
    ).id(number_of_panel)


ALERTS: Final = Board(
    name="alerts",
    title="Alertes",
    description="Les alertes et les dérives des campagnes : quoi, depuis quand, que faire.",
    variables=(
        variables.datasource(),
        variables.campaigns(),
        variables.channels(),
    ),
    parts=(
        Part("", [*_state(), _active()]),
        Part("Dérives", [drift.table_of_all(Size(12, 9)), drift.over_time(Size(12, 9))]),
        Part("Dans le temps", [_history()]),
        Part("KPI qui ont un seuil, dernière heure", limit_curves(Size(12, 7))),
        Part("Règles et seuils", list(_texts())),
        Part("Que faire", [_runbook(*each) for each in links.RUNBOOKS.items()]),
    ),
)
