"""How the demo shows a campaign in the terminal: what was sent and counted, and every KPI.

Owns the layout only: the numbers are those of `GET /v1/campaigns/{campaign}/kpis`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

CHANNELS = ("all", "email", "linkedin", "phone", "postal", "sms")
MINUTE, HOUR, DAY = 60, 3600, 86400

Row = Mapping[str, Any]


class Progress(NamedTuple):
    """Where the demo stands."""

    sent: int
    counted: int
    rows: Sequence[Row]
    seconds: float


def value(row: Row) -> str:
    """One KPI's value for people: `12.3 %`, `1 min 20 s`, `41.50 EUR`; a dash when it has none."""
    number, unit = row["value"], row["unit"]
    if number is None:
        return "–"
    if unit == "ratio":
        return f"{100 * number:.1f} %"
    if unit == "seconds":
        return _duration(number)
    if unit == "count":
        return f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
    return f"{number:,.2f} {unit}"


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min {seconds % MINUTE:.0f} s"
    return f"{seconds / HOUR:.1f} h" if seconds < DAY else f"{seconds / DAY:.1f} d"


def of_campaign(rows: Sequence[Row]) -> list[Row]:
    """The rows of the window `campaign`: each KPI of each channel once."""
    return [row for row in rows if row["window"] == "campaign"]


def summary(progress: Progress) -> str:
    """The line above the tables; alone, it is what a terminal that cannot redraw gets."""
    rows = of_campaign(progress.rows)
    moving = sum(row["value"] is not None for row in rows)
    return (
        f"{progress.seconds:4.0f} s   sent {progress.sent:,} events   counted {progress.counted:,}"
        f"   KPIs with a value: {moving} of {len(rows)}"
    )


def screen(progress: Progress) -> RenderableType:
    """The whole picture: the line, and a table for each channel."""
    tables = [
        _table(channel, [row for row in of_campaign(progress.rows) if row["channel"] == channel])
        for channel in CHANNELS
    ]
    return Group(Text(summary(progress), style="bold"), Columns(tables), Text("Ctrl-C ends it."))


def _table(channel: str, rows: Sequence[Row]) -> Table:
    table = Table(title=channel, show_header=False, title_style="bold", min_width=36)
    table.add_column(ratio=1, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row["label"]["en"], value(row), style=None if row["value"] else "dim")
    return table
