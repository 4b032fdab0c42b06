"""The page of the sales reps: who calls, who gets through, who gets meetings."""

from typing import Final

from grafana import variables
from grafana.head import head
from grafana.page import Board, Part
from grafana.panels import UNITS, Panel, Series, Size, bars, curves, number
from grafana.queries import WINDOW, newest, share, total
from grafana.tables import Column, Key, columns
from streamer.kpis.catalogue import REP_ROWS
from streamer.kpis.model import RepRow

_CHOSEN: Final = 'rep=~"$rep"'
_KNOWN: Final = " Pour les appels dont le commercial est connu, dans la fenêtre choisie."
_REP: Final = Key("rep", "Commercial")
_LABELS: Final = {row.id: row.label.fr for row in REP_ROWS}


def _of(row_id: str) -> str:
    """The numbers of the chosen reps."""
    if row_id == "seconds":
        return newest("prospecting_rep_seconds", _CHOSEN, window=WINDOW)
    return newest("prospecting_rep_milestones", _CHOSEN, milestone=row_id, window=WINDOW)


def _total(row: RepRow) -> Panel:
    return number(
        row.label.fr,
        f"Tous les commerciaux choisis ensemble.{_KNOWN}\n\nFormule : somme de chacun",
        total("campaign", _of(row.id)),
        unit=UNITS[row.unit],
    )


def _active() -> Panel:
    return number(
        "Commerciaux actifs",
        "Commerciaux choisis qui ont passé au moins un appel dans la fenêtre choisie.\n\n"
        "Formule : nombre de commerciaux dont les appels > 0",
        f"count by (campaign) (({_of('made')}) > 0)",
        unit=UNITS["count"],
    )


def _of_nobody() -> Panel:
    made = newest("prospecting_milestones", channel="phone", milestone="made", window=WINDOW)
    known = newest("prospecting_rep_milestones", milestone="made", window=WINDOW)
    calls = total("campaign", made)
    return number(
        "Appels sans commercial connu",
        "Appels dont la source ne dit pas qui les a passés : ils comptent pour la campagne et "
        "manquent sur cette page.\n\nFormule : appels passés − appels dont le commercial est connu",
        f"{calls} - ({total('campaign', known)} or 0 * {calls})",
        unit=UNITS["count"],
    )


def _table() -> Panel:
    columns_of_rows = [
        Column(row.label.fr, total("rep", _of(row.id)), UNITS[row.unit]) for row in REP_ROWS
    ]
    ratios = [
        Column("Part « connected »", share("rep", _of("connected"), _of("made")), "percentunit"),
        Column(
            "RDV par conversation", share("rep", _of("meeting"), _of("connected")), "percentunit"
        ),
        Column("Durée moyenne", share("rep", _of("seconds"), _of("made")), "s"),
    ]
    return columns(
        "Chaque commercial",
        f"Ce que chacun a fait et obtenu.{_KNOWN} Peu d'appels font des taux qui ne disent rien."
        "\n\nFormules : part « connected » = conversations ÷ appels ; RDV par conversation = "
        "RDV ÷ conversations ; durée moyenne = temps de parole ÷ appels",
        [_REP],
        [*columns_of_rows, *ratios],
        size=Size(24, 9),
        first=_LABELS["meeting"],
    )


def _ranked(row_id: str) -> Panel:
    return bars(
        f"{_LABELS[row_id]} par commercial",
        f"Le plus grand en premier.{_KNOWN}",
        [Series(f"sort_desc({total('rep', _of(row_id))})", "{{rep}}")],
        unit=UNITS["count"],
        size=Size(12, 8),
    )


def _moving(row_id: str, unit: str) -> Panel:
    return curves(
        f"{_LABELS[row_id]} dans le temps",
        f"À chaque moment de la période affichée.{_KNOWN}",
        [Series(_of(row_id), "{{rep}}")],
        unit=unit,
        size=Size(12, 8),
    )


REPS: Final = Board(
    name="reps",
    title="Commerciaux",
    description="Les appels d'une campagne par commercial, en direct.",
    variables=(
        variables.datasource(),
        variables.campaign(),
        variables.reps(),
        variables.window(),
        variables.gateway(),
    ),
    parts=(
        Part("", list(head())),
        Part("Ensemble", [_active(), *(_total(row) for row in REP_ROWS), _of_nobody()]),
        Part("Par commercial", [_table(), _ranked("made"), _ranked("meeting")]),
        Part("Dans le temps", [_moving("made", UNITS["count"]), _moving("seconds", "s")]),
    ),
    on_wall=True,
)
