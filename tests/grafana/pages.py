"""The committed dashboards, as the tests read them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamer.kpis.model import EVERY_WINDOW

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grafana" / "dashboards"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))

Page = dict[str, Any]


def page(name: str) -> Page:
    loaded: Page = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def panels(of: Page) -> list[Page]:
    """All but the titles of the parts."""
    return [panel for panel in of["panels"] if panel["type"] != "row"]


def asking(of: Page) -> list[Page]:
    """The panels that ask for something: all but texts."""
    return [panel for panel in panels(of) if panel["type"] != "text"]


def targets(of: Page) -> Iterator[tuple[Page, Page]]:
    """Each query, with its panel."""
    for panel in asking(of):
        for target in panel["targets"]:
            yield panel, target


def filled(expression: str, campaign: str) -> list[str]:
    """A query as the page would send it: in each window, for all sources, reps and channels."""
    words = {
        "$campaign": campaign,
        "$__rate_interval": "1m",
        "$__range": "5m",
        "$rep": ".*",
        "$channel": ".*",
        "$source": ".*",
    }
    for variable, word in words.items():
        expression = expression.replace(variable, word)
    if "$window" not in expression:
        return [expression]
    return [expression.replace("$window", window) for window in EVERY_WINDOW]
