"""Panels of KPIs and milestones, from the catalogue.

Owns how a row of the catalogue becomes a panel: its unit, its window, its limits, its words.
"""

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries

from grafana import links
from grafana.panels import TILE, UNITS, Series, Size, amount, bars, curves, number
from grafana.queries import SEVERAL, WINDOW, newest, total
from grafana.tables import Column, Key, columns
from grafana.words import CHANNELS as CHANNEL_WORDS
from grafana.words import MILESTONES as WORDS
from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from streamer.kpis.limits import LIMITS
from streamer.kpis.model import CAMPAIGN_ONLY, EVERY_WINDOW, METRICS, Channel, Kpi

_WHOLE: Final = " Toujours sur toute la campagne, quelle que soit la fenêtre choisie."
# What to do about a KPI that is bad.
_RUNBOOKS: Final = {
    "hard_bounce": "hard-bounces",
    "delivered_of_sent": "delivery-drop",
}
_SHORT_WINDOWS: Final = {"campaign": "Campagne", "5m": "5 min", "1h": "1 h", "24h": "24 h"}


def of_channel(channel: Channel) -> list[Kpi]:
    """The rows of a channel, in the order of the catalogue."""
    return [kpi for kpi in CATALOGUE if kpi.channel == channel]


def tile(kpi: Kpi, size: Size = TILE) -> stat.Panel:
    """The tile of one KPI."""
    whole = kpi.windows == CAMPAIGN_ONLY
    window = "campaign" if whole else WINDOW
    expression = newest(METRICS[kpi.unit], channel=kpi.channel, kpi=kpi.id, window=window)
    description = f"{kpi.help.fr}{_WHOLE if whole else ''}\n\nFormule : {kpi.formula}"
    if kpi.unit == "amount":
        return amount(kpi.label.fr, description, expression, size=size)
    mean = kpi.unit == "count" and kpi.denominator is not None
    limits = LIMITS.get((kpi.channel, kpi.id))
    panel = number(
        kpi.label.fr,
        description,
        expression,
        unit=UNITS[kpi.unit],
        decimals=1 if kpi.unit == "ratio" or mean else None,
        limits=limits,
        size=size,
    )
    section = _RUNBOOKS.get(kpi.id)
    if limits and section:
        panel.links([links.of_panel("Que faire ?", links.runbook(section))])
    return panel


def stages_now(channel: Channel, title: str, size: Size) -> bargauge.Panel:
    """How many touches (for `all`: prospects) reached each milestone, as bars in their order."""
    asked = [
        Series(
            newest("prospecting_milestones", channel=channel, milestone=name, window=WINDOW),
            WORDS[name],
        )
        for name in MILESTONES[channel]
    ]
    return bars(
        title,
        "Combien ont atteint chaque étape dans la fenêtre choisie. Chacun compte une fois par "
        "étape, quel que soit le nombre de notifications.",
        asked,
        unit=UNITS["count"],
        size=size,
    )


def stages(channel: Channel, title: str, size: Size) -> timeseries.Panel:
    """How the counts of the milestones moved."""
    return curves(
        title,
        "Combien ont atteint chaque étape dans la fenêtre choisie, à chaque moment de la période "
        "affichée. Un chiffre peut baisser : une information tardive le corrige, ou la fenêtre "
        "glisse.",
        [Series(newest("prospecting_milestones", channel=channel, window=WINDOW), "{{milestone}}")],
        unit=UNITS["count"],
        size=size,
        words={name: WORDS[name] for name in MILESTONES[channel]},
    )


def rates(channel: Channel, size: Size) -> timeseries.Panel:
    """How the ratios of a channel moved."""
    shown = _ratios(of_channel(channel))
    return curves(
        "Taux dans le temps",
        "Les taux du canal dans la fenêtre choisie. Ceux qui sont rapportés au plan n'existent que "
        "sur toute la campagne.",
        [Series(newest(METRICS["ratio"], channel=channel, window=WINDOW), "{{kpi}}")],
        unit=UNITS["ratio"],
        size=size,
        words={kpi.id: kpi.label.fr for kpi in shown},
    )


def by_window(channel: Channel, size: Size) -> table.Panel:
    """The ratios of a channel in all windows, side by side."""
    shown = [kpi for kpi in _ratios(of_channel(channel)) if kpi.windows == EVERY_WINDOW]
    return columns(
        "Taux par fenêtre",
        "Le même taux sur 5 minutes, une heure, un jour et toute la campagne : ce qui change se "
        "voit de gauche à droite. Peu d'envois dans une fenêtre font un taux qui ne dit rien.",
        [Key("kpi", "KPI", {kpi.id: kpi.label.fr for kpi in shown})],
        [
            Column(
                _SHORT_WINDOWS[window],
                total(
                    "kpi",
                    newest(
                        METRICS["ratio"],
                        f'kpi=~"{"|".join(kpi.id for kpi in shown)}"',
                        channel=channel,
                        window=window,
                    ),
                ),
                UNITS["ratio"],
            )
            for window in (*EVERY_WINDOW[1:], EVERY_WINDOW[0])
        ],
        size=size,
    )


def limit_curves(size: Size) -> list[timeseries.Panel]:
    """How the KPIs that have limits moved in the last hour's window, for several campaigns."""
    return [
        curves(
            f"{CHANNEL_WORDS[kpi.channel]} : {kpi.label.fr}",
            f"{kpi.help.fr} Sur la dernière heure ; les traits sont les seuils.\n\nFormule : "
            f"{kpi.formula}",
            [
                Series(
                    newest(
                        METRICS[kpi.unit],
                        campaigns=SEVERAL,
                        channel=kpi.channel,
                        kpi=kpi.id,
                        window="1h",
                    ),
                    "{{campaign}}",
                )
            ],
            unit=UNITS[kpi.unit],
            size=size,
            limits=LIMITS[kpi.channel, kpi.id],
        )
        for kpi in CATALOGUE
        if (kpi.channel, kpi.id) in LIMITS
    ]


def _ratios(rows: Sequence[Kpi]) -> list[Kpi]:
    return [kpi for kpi in rows if kpi.unit == "ratio"]
