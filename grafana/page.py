"""A page: parts from top to bottom, each panel with its place and its number.

Owns places and numbers. Never decides what a panel shows.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from grafana import links
from grafana.panels import Panel
from grafana.variables import Variable

COLUMNS: Final = 24


class Part(NamedTuple):
    """Panels under a title that folds them; without a title they always stand there."""

    title: str
    panels: Sequence[Panel]


class Board(NamedTuple):
    """One dashboard; `name` is its file and the end of its uid."""

    name: str
    title: str
    description: str
    variables: Sequence[Variable]
    parts: Sequence[Part]
    on_wall: bool = False
    since: str = "now-24h"


def placed(part: Sequence[model.Panel], top: int) -> int:
    """Give each panel its place, left to right, and return the line below the last one."""
    left, tallest = 0, 0
    for panel in part:
        position = panel.grid_pos
        if position is None:
            raise ValueError(f"a panel has no size: {panel.title}")
        if left + position.w > COLUMNS:
            left, top, tallest = 0, top + tallest, 0
        position.x, position.y = left, top
        left, tallest = left + position.w, max(tallest, position.h)
    return top + tallest


def numbered(panels: Iterable[model.Panel | model.RowPanel]) -> None:
    """Count the panels through; one that has a number keeps it."""
    for number, panel in enumerate(panels, start=1):
        panel.id_val = panel.id_val or number


def laid_out(parts: Sequence[Part]) -> list[model.Panel | model.RowPanel]:
    """All panels, each at its place and with its number."""
    panels: list[model.Panel | model.RowPanel] = []
    top = 0
    for part in parts:
        if part.title:
            place = model.GridPos(x=0, y=top, w=COLUMNS, h=1)
            panels.append(dashboard.Row(part.title).grid_pos(place).build())
            top += 1
        ready = [panel.build() for panel in part.panels]
        top = placed(ready, top)
        panels += ready
    numbered(panels)
    return panels


def built(board: Board) -> model.Dashboard:
    """The dashboard."""
    page = (
        dashboard.Dashboard(board.title)
        .uid(links.uid(board.name))
        .description(board.description)
        .tags([links.TAG])
        .time(board.since, "now")
        .refresh("5s")
        .timezone("browser")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .readonly()
        .link(links.others())
    )
    if board.on_wall:
        page.link(links.wall())
    for variable in board.variables:
        page.with_variable(variable)
    found = page.build()
    found.panels = laid_out(board.parts)
    return found


def rendered(board: Board) -> str:
    """The JSON text that is committed."""
    plain: Any = json.loads(json.dumps(built(board), cls=JSONEncoder))
    return json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
