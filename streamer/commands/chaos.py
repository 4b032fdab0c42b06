"""Outages of our side while simulated vendors call: is everything counted, once, in the end?

Owns a stack of its own and what is done to it. What vendors do about it is their retry contracts',
when the outages are is `simulator.outages`, and what it comes to is `verdict`.
"""

import asyncio
import os
import signal
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from streamer.commands.demo import temporary_folder
from streamer.commands.local import LOOK_SECONDS, Interrupts, run_stack, say
from streamer.commands.read_back import Record, differences, events_of, read_topic
from streamer.commands.verdict import Verdict, report
from streamer.embedded.folder import SECRET, Folder, Run
from streamer.embedded.service import ready
from streamer.embedded.stack import ADDRESSES, Stack
from streamer.errors import StartError, StreamerError
from streamer.settings import Address, Settings
from streamer.simulator import outages
from streamer.simulator.attempts import Span, squeeze
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.client import GatewayClient
from streamer.simulator.ledger import Ledger
from streamer.simulator.outages import Outage
from streamer.simulator.run import Target
from streamer.simulator.run import run as simulate
from streamer.simulator.setup import Setup, prepare
from streamer.simulator.vendors import simulated

# Every vendor's schedule is squeezed into this, so that none is quicker than Twilio's real one.
PATIENCE: Final = 15.0
DURATION: Final = 20.0
# How long all of it may take to be counted, and a part to be back.
_COUNTED_SECONDS: Final = 60.0
_BACK_SECONDS: Final = 60.0
_STEP_SECONDS: Final = 0.05


def run(
    env: Mapping[str, str],
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
        settings = _settings(env, data, setup)

        def started(stack: Stack, run: Run) -> None:
            trial = _Trial(stack, run, _planned(seed, beyond=beyond), interrupts.first)
            target = Target(run.url, run.token, setup, settings.secret)
            telling = {"seed": seed, "speed": speed, "duration": duration or DURATION}
            try:
                found = asyncio.run(trial.hold(target, run.settings(settings), telling))
                verdicts.extend([found] if found else [])
            finally:
                interrupts.first.set()

        run_stack(data, settings, interrupts, durable=False, log_files=True, started=started)
    if not verdicts:
        say("interrupted: no verdict")
        return StreamerError.exit_code
    report(verdicts[0], PATIENCE)
    return 0 if verdicts[0].holds() else StreamerError.exit_code


def _settings(env: Mapping[str, str], data: Path, setup: Setup) -> Settings:
    """Those of a stack that has nothing in common with any other, whatever the environment says."""
    own = {name: value for name, value in env.items() if not name.startswith("STREAMER_")}
    own |= {name: "127.0.0.1:0" for _, name in ADDRESSES}
    own |= {"STREAMER_SECRET": Folder(data).keep(SECRET), **setup.environment}
    return Settings.from_environment(own, data=data)


def _schedules() -> list[tuple[float, ...]]:
    return [squeeze(vendor.delays, PATIENCE) for vendor in simulated().values()]


def _planned(seed: int, *, beyond: bool) -> list[Outage]:
    return (outages.beyond if beyond else outages.within)(seed, _schedules())


class _Trial:
    """One run: outages in a thread beside the simulation, then the count."""

    def __init__(
        self, stack: Stack, run: Run, planned: Sequence[Outage], cancel: threading.Event
    ) -> None:
        self._stack = stack
        self._run = run
        self._planned = planned
        self._cancel = cancel
        self._telling = threading.Event()
        self._over = threading.Event()
        self._were: list[Span] = []

    async def hold(
        self, target: Target, settings: Settings, telling: Mapping[str, Any]
    ) -> Verdict | None:
        """What is found in the end; None when it was interrupted."""
        counting = asyncio.create_task(self._tell_and_count(target, settings, telling))
        troubling = asyncio.create_task(asyncio.to_thread(self._trouble))
        try:
            # The one who looks after the stack ends first only when that cannot go on.
            await asyncio.wait({counting, troubling}, return_when=asyncio.FIRST_COMPLETED)
            return counting.result() if counting.done() else None
        finally:
            self._over.set()
            counting.cancel()
            await troubling

    async def _tell_and_count(
        self, target: Target, settings: Settings, telling: Mapping[str, Any]
    ) -> Verdict:
        ledger = Ledger()
        progress = await simulate(
            target,
            patience=PATIENCE,
            # The first progress is told when history is behind.
            on_progress=lambda _: self._telling.set(),
            more=lambda: len(self._were) < len(self._planned),
            on_told=ledger.hear,
            **telling,
        )
        say(
            f"sent {progress.sent:,} events, {progress.distinct:,} different, in "
            f"{progress.seconds:.0f} s; {progress.retries:,} requests tried again"
        )
        return await self._count(ledger, settings)

    def _trouble(self) -> None:
        """Look after the stack, and bring its outages about when their time has come."""
        waiting = list(self._planned)
        while not self._telling.is_set() and not self._ends(LOOK_SECONDS):
            self._stack.look()
        begun = time.time()
        while not self._ends(LOOK_SECONDS):
            if waiting and self._is_due(waiting[0], time.time() - begun, begun):
                self._were.append(self._bring_about(waiting.pop(0)))
            self._stack.look()

    def _ends(self, seconds: float) -> bool:
        """Whether it is over, or shall be, within so long."""
        return self._over.wait(seconds) or self._cancel.is_set()

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
        self._ends(outage.lasts - outages.LASTS[outage.part])
        while outage.part in self._stack.pids():
            time.sleep(LOOK_SECONDS)
        host, _, port = self._run.gateway.rpartition(":")
        while time.time() - begun < outage.lasts + _BACK_SECONDS and not self._ends(_STEP_SECONDS):
            self._stack.look()
            if outage.part in self._stack.pids() and ready(Address(host, int(port))):
                say(f"{outage.part} is back after {time.time() - begun:.1f} s")
                return Span(begun, time.time())
        if self._ends(0):
            return Span(begun, time.time())
        raise StartError(f"{outage.part} does not come back within {_BACK_SECONDS:.0f} s.")

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
