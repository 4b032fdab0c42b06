"""Send events from files to a gateway: JSON lines or CSV tables, plain or gzip, `-` for stdin.

JSON lines are CloudEvents; each is judged here first, and only good ones are sent. The first line
of a table names its columns (campaign, type, time, subject, email, phone, outcome, amount …, in
French too); the gateway reads it, since only hashes of addresses are kept. Importing again does no
harm: an event counts once. Exit code 0: all was taken; 1: some lines were refused; 6: the gateway
is away.
"""

import argparse
import asyncio
import contextlib
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Final

from rich.console import Console

from streamer.commands import data_folder, reach
from streamer.commands.files import Sent, is_table
from streamer.commands.importing import STDIN, Line, Pack, Refusal, open_file, read_lines, sort
from streamer.commands.report import Bar, Report
from streamer.errors import Malformed, RequestError, SettingsError, StreamerError
from streamer.events import Problem
from streamer.simulator.client import GatewayClient, GatewayUnavailable, Refused

PATIENCE_SECONDS: Final = 120.0
_AT_ONCE: Final = 4
# Answers to a request that smaller ones may not get.
_BY_SIZE: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON lines or CSV; - is stdin")
    parser.add_argument("--campaign", help="the campaign of a table's rows that name none")
    parser.add_argument(
        "--time-zone",
        metavar="ZONE",
        help="that of a table's times that tell none (default: Europe/Paris)",
    )
    parser.add_argument(
        "--refused", type=Path, metavar="FILE", help="write refused lines with their reasons here"
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"how long a gateway may be away (default: {PATIENCE_SECONDS:.0f})",
    )
    reach.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Send, and tell what was refused and why."""
    found = reach.reach(options, data_folder.settings_of(options, env))
    console = Console(stderr=True, highlight=False)
    with contextlib.ExitStack() as stack:
        files = [(name, open_file(name, sys.stdin.buffer)) for name in options.files]
        for name, file in files:
            if name != STDIN:
                stack.enter_context(file)
        report = Report(stack.enter_context(_writing(options.refused)))
        bar = stack.enter_context(Bar(console, files))
        client = GatewayClient(found.url, found.token, patience=options.patience)
        try:
            asyncio.run(_send(client, files, options, report, bar))
        except GatewayUnavailable as error:
            raise GatewayUnavailable(
                f"{error}. {report.accepted:,} events were accepted before; import again when it "
                "is back: what is told twice counts once."
            ) from None
    sys.stdout.write(report.summary())
    return 1 if report.refused else 0


@contextlib.contextmanager
def _writing(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from None
    with file:
        yield file


async def _send(
    client: GatewayClient,
    files: Sequence[tuple[str, io.BufferedReader]],
    options: argparse.Namespace,
    report: Report,
    bar: Bar,
) -> None:
    tables = [(name, Sent(name, file, bar.read)) for name, file in files if is_table(file)]
    named = {name for name, _ in tables}
    async with client:
        await _Import(client, report, bar).send([each for each in files if each[0] not in named])
        for name, table in tables:
            try:
                answer = await client.post_table(
                    table.content, campaign=options.campaign, time_zone=options.time_zone
                )
            except Malformed as error:
                raise StreamerError(f"{name}: {error}") from None
            report.hear(name, answer)
            bar.show(report.accepted)


class _Import:
    def __init__(self, client: GatewayClient, report: Report, bar: Bar) -> None:
        self._client = client
        self._report = report
        self._bar = bar
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def send(self, files: Sequence[tuple[str, IO[bytes]]]) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for found in sort(self._lines(files)):
                    if isinstance(found, Refusal):
                        self._report.refuse(found)
                        continue
                    await self._room.acquire()
                    tasks.create_task(self._send_one(found))
        except ExceptionGroup as group:
            # The requests under way fail alike: one is enough to say.
            raise group.exceptions[0] from None

    def _lines(self, files: Sequence[tuple[str, IO[bytes]]]) -> Iterator[Line | Refusal]:
        for name, file in files:
            yield from read_lines(name, file, self._bar.read)

    async def _send_one(self, pack: Pack) -> None:
        try:
            await self._deliver(pack)
            self._bar.show(self._report.accepted)
        finally:
            self._room.release()

    async def _deliver(self, pack: Pack) -> None:
        """Send a pack; what the gateway refuses in it is noted, and the rest sent again."""
        try:
            accepted = await self._client.post_events(pack.body)
            self._report.accepted += accepted
        except RequestError as error:
            if isinstance(error, Refused) and error.errors:
                rest = self._refuse(pack, error.errors)
            elif error.status not in _BY_SIZE:
                raise
            elif len(pack.lines) == 1:
                self._report.refuse(Refusal(pack.lines[0], (Problem("", str(error)),)))
                return
            else:
                # Too large for this gateway, say: smaller requests tell which event it is.
                half = len(pack.lines) // 2
                await self._deliver(Pack(pack.lines[:half]))
                rest = Pack(pack.lines[half:])
            if rest.lines:
                await self._deliver(rest)

    def _refuse(self, pack: Pack, errors: Sequence[Mapping[str, Any]]) -> Pack:
        """Note the lines that the gateway refuses; what is left of the pack."""
        problems: dict[int, list[Problem]] = {}
        for error in errors:
            problem = Problem(str(error.get("field", "")), str(error.get("reason", "")))
            problems.setdefault(int(error["index"]), []).append(problem)
        for position, reasons in problems.items():
            self._report.refuse(Refusal(pack.lines[position], tuple(reasons)))
        return Pack([line for at, line in enumerate(pack.lines) if at not in problems])
