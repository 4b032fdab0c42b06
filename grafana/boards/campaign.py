"""The page of one campaign: how it stands, and which channel to look at."""

from typing import Final

from grafana import links, variables
from grafana.head import head
from grafana.kpis import of_channel, stages, stages_now, tile
from grafana.page import Board, Part
from grafana.panels import UNITS, Panel, Series, Size, bars, curves
from grafana.queries import WINDOW, newest, total
from grafana.tables import Column, Key, columns
from grafana.words import CHANNELS, ORDER
from streamer.kpis.model import METRICS

_RESULT: Final = Size(4, 4)
_CHANNEL: Final = Key(
    "channel",
    "Canal",
    CHANNELS,
    links.page("${__value.raw}", "${campaign:queryparam}", "${window:queryparam}"),
)
_CONTACTS: Final = (
    ("contacted", "Prospects contactés"),
    ("answered", "Ont répondu"),
    ("customer", "Clients"),
)
_ONE_CHANNEL: Final = 'channel!="all"'
_RATES: Final = (("reactivity", "Taux de réactivité"), ("conversion", "Taux de conversion"))


def _channels() -> Panel:
    planned = total("channel", newest("prospecting_planned"))
    reached = [
        Column(title, total("channel", _reached(milestone)), UNITS["count"])
        for milestone, title in _CONTACTS
    ]
    rates = [
        Column(
            title,
            total("channel", newest(METRICS["ratio"], _ONE_CHANNEL, kpi=kpi, window=WINDOW)),
            UNITS["ratio"],
        )
        for kpi, title in _RATES
    ]
    return columns(
        "Les canaux côte à côte",
        "Prospects contactés par canal, ceux qui y ont répondu et ceux qui sont devenus clients, "
        "dans la fenêtre choisie ; le prévu est celui du plan. Cliquez sur un canal pour le voir "
        "en détail.\n\nFormules : réactivité = ont répondu ÷ contactés ; conversion = clients ÷ "
        "contactés",
        [_CHANNEL],
        [Column("Touches prévues", planned, UNITS["count"]), *reached, *rates],
        size=Size(15, 7),
    )


def _reached(milestone: str) -> str:
    return newest("prospecting_milestones", _ONE_CHANNEL, milestone=milestone, window=WINDOW)


def _progress() -> Panel:
    shown = [
        Series(
            newest(METRICS["ratio"], channel=channel, kpi="sent_progress", window="campaign"),
            CHANNELS[channel],
        )
        for channel in ORDER
        if any(kpi.id == "sent_progress" for kpi in of_channel(channel))
    ]
    return bars(
        "Avancement du plan",
        "Part de ce que le plan prévoit qui est déjà partie, sur toute la campagne. Le plan des "
        "appels n'a pas de nombre.\n\nFormule : envoyés ÷ prévus",
        shown,
        unit=UNITS["ratio"],
        size=Size(9, 7),
        most=1,
    )


def _over_time(milestone: str, title: str, description: str) -> Panel:
    return curves(
        title,
        description,
        [Series(_reached(milestone), "{{channel}}")],
        unit=UNITS["count"],
        size=Size(12, 8),
        words=CHANNELS,
    )


CAMPAIGN: Final = Board(
    name="campaign",
    title="Campagne",
    description="Une campagne de prospection multicanal, en direct : ses résultats, ses canaux, "
    "son parcours.",
    variables=(
        variables.datasource(),
        variables.campaign(),
        variables.window(),
        variables.gateway(),
    ),
    parts=(
        Part("", list(head())),
        Part("Résultats", [tile(kpi, _RESULT) for kpi in of_channel("all")]),
        Part("Canaux", [_channels(), _progress()]),
        Part(
            "Parcours des prospects, tous canaux",
            [
                stages_now("all", "Où en sont les prospects", Size(9, 8)),
                stages("all", "Le parcours dans le temps", Size(15, 8)),
            ],
        ),
        Part(
            "Les canaux dans le temps",
            [
                _over_time(
                    "contacted",
                    "Prospects contactés par canal",
                    "Prospects qui ont reçu un premier contact par ce canal, dans la fenêtre "
                    "choisie. Un prospect compte une fois sur chaque canal.",
                ),
                _over_time(
                    "answered",
                    "Prospects ayant répondu par canal",
                    "Prospects qui ont répondu sur ce canal, dans la fenêtre choisie. Un prospect "
                    "compte une fois sur chaque canal.",
                ),
            ],
        ),
    ),
    on_wall=True,
)
