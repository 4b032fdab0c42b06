"""Send lists of a campaign's prospects to a gateway: CSV as Excel writes it, or JSON lines.

    streamer prospects import CAMPAIGN FILE…

The first line of CSV names the columns: `id` (a pseudonym, kept as it comes) and addresses (email,
phone, linkedin, crm …, in French too), of which only hashes are kept. Other columns are passed
over. It adds and never removes; importing again does no harm. Exit code 0: all was taken; 1: some
lines were refused; 6: the gateway is away.
"""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Mapping, Sequence

from rich.console import Console

from streamer.commands import data_folder, reach
from streamer.commands.files import Sent
from streamer.commands.importing import STDIN, open_file
from streamer.commands.report import Bar, Report
from streamer.errors import Malformed, StreamerError
from streamer.simulator.client import GatewayClient

PATIENCE_SECONDS = 120.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["import"], help="what to do with the lists")
    parser.add_argument("campaign", metavar="CAMPAIGN")
    parser.add_argument("files", nargs="+", metavar="FILE", help="plain or gzip; - is stdin")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"how long a gateway may be away (default: {PATIENCE_SECONDS:.0f})",
    )
    reach.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Send the lists, and tell what was refused and why."""
    found = reach.reach(options, data_folder.settings_of(options, env))
    report = Report(unit="prospects")
    with contextlib.ExitStack() as stack:
        files = [(name, open_file(name, sys.stdin.buffer)) for name in options.files]
        for name, file in files:
            if name != STDIN:
                stack.enter_context(file)
        bar = stack.enter_context(Bar(Console(stderr=True, highlight=False), files, report.unit))
        lists = [(name, Sent(name, file, bar.read)) for name, file in files]
        client = GatewayClient(found.url, found.token, patience=options.patience)
        asyncio.run(_send(client, options.campaign, lists, report, bar))
    sys.stdout.write(report.summary())
    return 1 if report.refused else 0


async def _send(
    client: GatewayClient,
    campaign: str,
    lists: Sequence[tuple[str, Sent]],
    report: Report,
    bar: Bar,
) -> None:
    async with client:
        for name, each in lists:
            try:
                answer = await client.put_prospects(campaign, each.content)
            except Malformed as error:
                raise StreamerError(f"{name}: {error}") from None
            report.hear(name, answer)
            bar.show(report.accepted)
