"""Show a campaign's KPIs: a table for each channel, every window beside the other.

Asks the gateway that --gateway names, or the one of the `streamer up` that runs on the folder
--data. With --json the body of GET /v1/campaigns/{campaign}/kpis is printed as it comes.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streamer.commands import data_folder, reach
from streamer.commands.display import CHANNELS, Row, value
from streamer.commands.language import language
from streamer.errors import StreamerError
from streamer.simulator.client import GatewayClient, UnknownCampaign

PATIENCE_SECONDS: Final = 10.0
WIDE: Final = 124
WINDOWS: Final = ("campaign", "24h", "1h", "5m")
HEADINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"campaign": "campaign", "24h": "24 h", "1h": "1 h", "5m": "5 min", "of": "count"},
    "fr": {"campaign": "campagne", "24h": "24 h", "1h": "1 h", "5m": "5 min", "of": "nombre"},
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("campaign", metavar="CAMPAIGN", help="the campaign's id")
    parser.add_argument("--json", action="store_true", help="print the gateway's answer as JSON")
    parser.add_argument(
        "--lang", choices=sorted(HEADINGS), help="language of the labels (default: by LANG)"
    )
    reach.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Ask and print."""
    found = reach.reach(options, data_folder.settings_of(options, env))
    body = asyncio.run(_ask(found, options.campaign))
    if options.json:
        sys.stdout.buffer.write(body + b"\n")
        return 0
    show(json.loads(body), options.lang or language(env), _console())
    return 0


def _console() -> Console:
    console = Console(highlight=False)
    # What reads a pipe has no width, and must not be given less than a whole table.
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


async def _ask(found: reach.Reach, campaign: str) -> bytes:
    async with GatewayClient(found.url, found.token, patience=PATIENCE_SECONDS) as client:
        try:
            return await client.kpis(campaign)
        except UnknownCampaign as error:
            raise StreamerError(
                f"The gateway at {found.url} knows no such campaign: {error}"
            ) from None


def show(body: Mapping[str, Any], tongue: str, console: Console) -> None:
    """Print the tables; in each row the whole campaign's counts stand behind its value."""
    console.print(Text(f"{body['campaign']}   {body['as_of']}", style="bold"))
    if body.get("incomplete"):
        console.print(
            "incomplete: a record of this campaign was put aside by hand and is not counted",
            style="bold red",
        )
    for channel in CHANNELS:
        rows = [row for row in body["kpis"] if row["channel"] == channel]
        if rows:
            console.print(_table(channel, rows, tongue, wide=console.width >= WIDE))


def _table(channel: str, rows: Sequence[Row], tongue: str, *, wide: bool) -> Table:
    headings = HEADINGS[tongue]
    table = Table(
        title=channel, title_style="bold", title_justify="left", box=SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("", width=37 if wide else None)
    for window in WINDOWS:
        table.add_column(
            headings[window], justify="right", no_wrap=True, min_width=12 if wide else 10
        )
    if wide:
        table.add_column(headings["of"], justify="right", no_wrap=True, style="dim", min_width=20)
    by_kpi: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_kpi.setdefault(row["kpi"], {})[row["window"]] = row
    for windows in by_kpi.values():
        whole = windows["campaign"]
        cells = [value(windows[name]) if name in windows else "" for name in WINDOWS]
        counts = [_counts(whole)] if wide else []
        table.add_row(whole["label"][tongue], *cells, *counts)
    return table


def _counts(row: Row) -> str:
    """What was divided: `21 ÷ 50`; nothing for a plain count, a dash for what is not known."""
    if row["unit"] == "count" and row["denominator"] is None:
        return ""
    return f"{_number(row['numerator'])} ÷ {_number(row['denominator'])}"


def _number(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
