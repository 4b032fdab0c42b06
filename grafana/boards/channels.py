"""The pages of the five channels: one form, filled from the catalogue."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from grafana import variables
from grafana.drift import levels, since
from grafana.head import head
from grafana.kpis import by_window, of_channel, rates, stages, stages_now, tile
from grafana.page import Board, Part
from grafana.panels import UNITS, Panel, Size
from grafana.queries import newest, total
from grafana.tables import Column, Key, columns
from grafana.words import CHANNELS, MILESTONES
from streamer.kpis.drift import WATCHES
from streamer.kpis.model import Channel

_TALL: Final = 10


class _Touch(NamedTuple):
    """What one touch of a channel is, in the plural."""

    channel: Channel
    plural: str


_TOUCHES: Final = (
    _Touch("email", "e-mails"),
    _Touch("sms", "SMS"),
    _Touch("postal", "courriers"),
    _Touch("phone", "appels"),
    _Touch("linkedin", "invitations"),
)

_RETURNS: Final = {
    word: MILESTONES[word]
    for word in ("replied", "opted_out", "unsubscribed", "complained", "meeting")
}


def _attributed(channel: Channel) -> Panel:
    return columns(
        "Retours rattachés par déduction",
        "Touches auxquelles on a rattaché un retour qui n'en nommait aucune : le dernier contact "
        "du prospect sur ce canal. Sur toute la campagne.",
        [Key("milestone", "Retour", _RETURNS)],
        [
            Column(
                "Touches",
                total("milestone", newest("prospecting_attributed", channel=channel)),
                UNITS["count"],
            )
        ],
        size=Size(8, 8),
    )


def _parts(touch: _Touch) -> Iterator[Part]:
    channel = touch.channel
    yield Part("", list(head()))
    yield Part(f"KPI des {touch.plural}", [tile(kpi) for kpi in of_channel(channel)])
    yield Part(
        f"Parcours des {touch.plural}",
        [
            stages_now(channel, "Étapes atteintes", Size(8, _TALL)),
            stages(channel, "Le parcours dans le temps", Size(16, _TALL)),
        ],
    )
    yield Part("Taux", [by_window(channel, Size(10, 11)), rates(channel, Size(14, 11))])
    watched = any(watch.channel == channel for watch in WATCHES)
    last = [levels(channel, Size(8, 8)), since(channel, Size(8, 8))] if watched else []
    yield Part(
        "Dérives et rattachements" if watched else "Rattachements", [*last, _attributed(channel)]
    )


def _board(touch: _Touch) -> Board:
    title = CHANNELS[touch.channel]
    return Board(
        name=touch.channel,
        title=title,
        description=f"Les {touch.plural} d'une campagne, en direct : tous les KPI du canal, son "
        "parcours, ses taux dans toutes les fenêtres.",
        variables=(
            variables.datasource(),
            variables.campaign(),
            variables.window(),
            variables.gateway(),
        ),
        parts=tuple(_parts(touch)),
        on_wall=True,
    )


CHANNEL_BOARDS: Final = tuple(_board(touch) for touch in _TOUCHES)
