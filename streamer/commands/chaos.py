"""Outages of our side while simulated vendors call: is everything counted, once, in the end?

Owns a stack of its own, what is done to it, and the verdict. What vendors do about it is their
retry contracts', and when the outages are is `simulator.outages`.
"""

import asyncio
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from streamer.commands.demo import temporary_folder
from streamer.commands.local import LOOK_SECONDS, Interrupts, run_stack, say
from streamer.commands.read_back import Record, differences, events_of, read_topic
from streamer.embedded.folder import Folder, Run
from streamer.embedded.service import ready
from streamer.embedded.stack import Stack
from streamer.errors import StreamerError
from streamer.settings import Settings
from streamer.simulator import outages
from streamer.simulator.attempts import Span, squeeze
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.client import GatewayClient
from streamer.simulator.ledger import Ledger, Row
from streamer.simulator.outages import Outage
from streamer.simulator.run import Target
from streamer.simulator.run import run as simulate
from streamer.simulator.setup import prepare
from streamer.simulator.vendors import simulated

# Every vendor's schedule is squeezed into this, so that none is quicker than Twilio's real one.
PATIENCE: Final = 15.0
DURATION: Final = 20.0
# How long all of it may take to be counted, and a part to be back.
_COUNTED_SECONDS: Final = 60.0
_BACK_SECONDS: Final = 60.0
# How many KPIs that differ are named.
_SHOWN: Final = 10
_WIDTH: Final = 100


class Verdict(NamedTuple):
    """What is found in the end."""

    rows: Sequence[Row]
    strangers: int
    differences: Sequence[str]

    def holds(self) -> bool:
        """Whether nothing is lost or doubled that by the vendors' contracts must not be."""
        lost = any(row.lost or row.needless for row in self.rows)
        return not (lost or self.strangers or self.differences)


def run(
    settings_of: Mapping[str, str],
    *,
    seed: int,
    speed: float,
    duration: float | None,
    beyond: bool,
) -> int:
    """Do it all; the exit code: 0 when the promise held."""
    verdicts: list[Verdict] = []
    with Interrupts() as interrupts, temporary_folder(Path(tempfile.gettempdir())) as data:
        setup = prepare(data)
        own = {"STREAMER_SECRET": Folder(data).keep("secret"), **setup.environment}
        settings = Settings.from_environment({**settings_of, **own}, data=data)

        def started(stack: Stack, run: Run) -> None:
            target = Target(run.url, run.token, setup, settings.secret, settings.public_url)
            trial = _Trial(stack, run, _planned(seed, beyond=beyond))
            try:
                verdicts.append(
                    asyncio.run(trial.hold(target, run.settings(settings), seed, speed, duration))
                )
            finally:
                interrupts.first.set()

        run_stack(data, settings, interrupts, durable=False, log_files=True, started=started)
    if not verdicts:
        return StreamerError.exit_code
    _report(verdicts[0])
    return 0 if verdicts[0].holds() else StreamerError.exit_code


def _schedules() -> list[tuple[float, ...]]:
    return [squeeze(vendor.delays, PATIENCE) for vendor in simulated().values()]


def _planned(seed: int, *, beyond: bool) -> list[Outage]:
    return (outages.beyond if beyond else outages.within)(seed, _schedules())


class _Trial:
    """One run: outages in a thread beside the simulation, then the count."""

    def __init__(self, stack: Stack, run: Run, planned: Sequence[Outage]) -> None:
        self._stack = stack
        self._run = run
        self._planned = planned
        self._over = threading.Event()
        self._were: list[Span] = []

    async def hold(
        self,
        target: Target,
        settings: Settings,
        seed: int,
        speed: float,
        duration: float | None,
    ) -> Verdict:
        ledger = Ledger()
        troubling = asyncio.create_task(asyncio.to_thread(self._trouble))
        try:
            last = max(each.ends for each in self._planned)
            telling = simulate(
                target,
                seed=seed,
                speed=speed,
                duration=max(duration or DURATION, last),
                patience=PATIENCE,
                on_told=ledger.hear,
            )
            progress = await telling
            say(
                f"sent {progress.sent:,} events, {progress.distinct:,} different, in "
                f"{progress.seconds:.0f} s; {progress.retries:,} requests tried again"
            )
            return await self._count(ledger, settings)
        finally:
            self._over.set()
            await troubling

    def _trouble(self) -> None:
        """Look after the stack, and bring its outages about when their time has come."""
        begun, waiting = time.time(), list(self._planned)
        while not self._over.wait(LOOK_SECONDS):
            if waiting and self._is_due(waiting[0], time.time() - begun, begun):
                self._were.append(self._bring_about(waiting.pop(0)))
            self._stack.look()

    def _is_due(self, outage: Outage, now: float, begun: float) -> bool:
        """Whether its time has come; the later, the longer those before it have really been."""
        if now < outage.begins:
            return False
        were = [Outage("", each.begun - begun, each.ended - each.begun) for each in self._were]
        together = [*were, outage._replace(begins=now)]
        # What alone is too long for a schedule is not mended by waiting.
        mine = [each for each in _schedules() if outages.survives(each, together[-1:])]
        return all(
            outages.survives(each, together)
            for each in mine
            if all(outages.survives(each, [one]) for one in were)
        )

    def _bring_about(self, outage: Outage) -> Span:
        """End the part, leave it so, and see it come back."""
        begun = time.time()
        # A gateway is killed at any point of its work; a broker is stopped, as for an update.
        number = signal.SIGTERM if outage.part == "kafka" else signal.SIGKILL
        os.kill(self._stack.pids()[outage.part], number)
        say(f"{outage.part} is away")
        # What starting again takes is part of the outage.
        self._over.wait(outage.lasts - outages.LASTS[outage.part])
        while outage.part in self._stack.pids():
            time.sleep(LOOK_SECONDS)
        gateway = self._run.settings(Settings.from_environment({})).gateway
        while time.time() - begun < outage.lasts + _BACK_SECONDS:
            self._stack.look()
            if outage.part in self._stack.pids() and ready(gateway):
                say(f"{outage.part} is back after {time.time() - begun:.1f} s")
                return Span(begun, time.time())
            time.sleep(0.05)
        raise StreamerError(f"{outage.part} does not come back.")

    async def _count(self, ledger: Ledger, settings: Settings) -> Verdict:
        """Wait until the API shows what stands in the topic; what is found then."""
        deadline = time.monotonic() + _COUNTED_SECONDS
        async with GatewayClient(self._run.url, self._run.token) as client:
            while True:
                records = await read_topic(settings)
                shown = {each.id: await client.kpis(each.id) for each in CAMPAIGNS}
                found = differences(records, shown, int(time.time()))
                if not found or time.monotonic() > deadline:
                    return self._verdict(ledger, records, found)
                await asyncio.sleep(1.0)

    def _verdict(self, ledger: Ledger, records: Sequence[Record], found: list[str]) -> Verdict:
        events = events_of(records)
        return Verdict(ledger.rows(events, self._were), ledger.strangers(events), found)


def _report(verdict: Verdict) -> None:
    table = Table(title="different events, by who told them")
    for name in ("vendor", "told", "counted", "given up", "lost", "tried again", "its retries"):
        table.add_column(name, justify="left" if name in {"vendor", "its retries"} else "right")
    for row in verdict.rows:
        numbers = (row.told, row.counted, row.given_up, row.lost, row.retries)
        table.add_row(row.teller, *(f"{number:,}" for number in numbers), _retries(row.teller))
    Console(file=sys.stdout, width=_WIDTH).print(table)
    lines = [f"{each}\n" for each in verdict.differences[:_SHOWN]]
    if more := len(verdict.differences[_SHOWN:]):
        lines.append(f"and {more:,} more\n")
    if verdict.strangers:
        lines.append(f"{verdict.strangers:,} events are counted that nobody told\n")
    for row in verdict.rows:
        if row.needless:
            lines.append(f"{row.teller}: {row.needless:,} given up outside of every outage\n")
        elif row.given_up:
            lines.append(f"{row.teller}: {row.given_up:,} lost to an outage beyond its retries\n")
    told = sum(row.told for row in verdict.rows)
    counted = sum(row.counted for row in verdict.rows)
    lines.append(
        f"{counted:,} of {told:,} are counted once, and every KPI is that of these events\n"
        if verdict.holds()
        else "the promise is broken: see above\n"
    )
    sys.stdout.write("".join(lines))


def _retries(teller: str) -> str:
    """How often the vendor tries, whether that is known, and by how much time is squeezed."""
    vendor = simulated().get(teller)
    if vendor is None:
        return "ours, without end"
    factor = max(1.0, sum(vendor.delays) / PATIENCE)
    known = "assumed" if vendor.assumed else "of its contract"
    return f"{len(vendor.delays)} {known}, {factor:,.0f} × as fast"
