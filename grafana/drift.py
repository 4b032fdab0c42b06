"""Panels of early warnings: how far the last sends speak for a turn to the worse, and since when.

Owns how a level of drift looks. What is watched, and from where on, stands in
`streamer.kpis.drift`.
"""

from grafana_foundation_sdk.builders import bargauge, table, timeseries

from grafana import links
from grafana.panels import Series, Size, bars, curves
from grafana.pipeline_limits import DRIFT
from grafana.queries import SEVERAL, newest, total
from grafana.tables import AGO, Column, Key, columns
from grafana.words import CHANNELS
from streamer.kpis.catalogue import CATALOGUE
from streamer.kpis.drift import WATCHES
from streamer.kpis.model import Channel

_LABELS = {(kpi.channel, kpi.id): kpi.label.fr for kpi in CATALOGUE}
_FORMULA = (
    "\n\nFormule : CUSUM de Bernoulli ÷ sa borne de décision. Chaque envoi ajoute ce qu'il dit "
    "pour « c'est dégradé » contre « tout va bien » ; la somme ne descend pas sous 0."
)
_LEVEL = (
    "À quel point les derniers envois parlent pour une dégradation : 0 % rien, 100 % la borne à "
    "laquelle elle est tenue pour certaine." + _FORMULA
)


def levels(channel: Channel, size: Size) -> bargauge.Panel:
    """The levels of a channel's watched KPIs now."""
    return bars(
        "Dérive : niveau",
        _LEVEL,
        [
            Series(
                newest("prospecting_drift", channel=channel, kpi=watch.kpi),
                _LABELS[channel, watch.kpi],
            )
            for watch in WATCHES
            if watch.channel == channel
        ],
        unit="percentunit",
        size=size,
        limits=DRIFT,
        most=1,
    )


def since(channel: Channel, size: Size) -> table.Panel:
    """Since when the watched KPIs of a channel have drifted."""
    moment = total("kpi", newest("prospecting_drift_since_seconds", channel=channel))
    words = {
        watch.kpi: _LABELS[channel, watch.kpi] for watch in WATCHES if watch.channel == channel
    }
    return columns(
        "Dérive : depuis quand",
        "Depuis quel envoi la somme est au-dessus de zéro. Une ligne absente : pas de dérive.",
        [Key("kpi", "KPI", words)],
        [
            Column(
                "Depuis",
                f"{moment} * 1000",
                AGO,
            )
        ],
        size=size,
    )


def table_of_all(size: Size) -> table.Panel:
    """All watched KPIs of the chosen campaigns and channels, the highest first."""
    by = "campaign, channel, kpi"
    chosen = 'channel=~"$channel"'
    words = {watch.kpi: _LABELS[watch.channel, watch.kpi] for watch in WATCHES}
    level = newest("prospecting_drift", chosen, campaigns=SEVERAL)
    moment = newest("prospecting_drift_since_seconds", chosen, campaigns=SEVERAL)
    campaign = links.page("campaign", "var-campaign=${__value.raw:percentencode}")
    return columns(
        "Dérives surveillées",
        _LEVEL,
        [
            Key("campaign", "Campagne", link=campaign),
            Key("channel", "Canal", CHANNELS),
            Key("kpi", "KPI", words),
        ],
        [
            Column("Niveau", total(by, level), "percentunit", DRIFT),
            Column("Depuis", f"{total(by, moment)} * 1000", AGO),
        ],
        size=size,
        first="Niveau",
    )


def over_time(size: Size) -> timeseries.Panel:
    """How the levels moved."""
    level = newest("prospecting_drift", 'channel=~"$channel"', campaigns=SEVERAL)
    return curves(
        "Niveau des dérives dans le temps",
        _LEVEL,
        [Series(level, "{{campaign}} · {{channel}} · {{kpi}}")],
        unit="percentunit",
        size=size,
        limits=DRIFT,
    )
