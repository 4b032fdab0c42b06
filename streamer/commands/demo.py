"""Show everything on this machine in one command, with a simulated campaign.

Broker, Redis, gateway, worker and simulated vendors, which call their endpoints as the real ones
do: mails by SendGrid and Brevo, SMS by Twilio, calls by Aircall, LinkedIn by lemlist, letters by
Merci Facteur, meetings by Calendly, deals by Pipedrive. All data is in a temporary folder that is
removed at the end. Ctrl-C ends all in order.
"""

import argparse
import asyncio
import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
from rich.console import Console
from rich.live import Live

from streamer.commands.display import screen, summary
from streamer.commands.local import LOOK_SECONDS, Interrupts, announcement, run_stack
from streamer.commands.watch import Watch
from streamer.embedded.folder import SECRET, Folder, Run
from streamer.embedded.stack import Stack
from streamer.settings import Settings
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.run import Target
from streamer.simulator.run import run as simulate
from streamer.simulator.setup import prepare

REDRAW_SECONDS = 0.5
LINE_SECONDS = 5.0
PREFIX = "streamer-demo-"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """It takes none: the addresses are in the environment, all else is its own."""


def run(_options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run until a signal."""
    begun = time.monotonic()
    with Interrupts() as interrupts, temporary_folder(Path(tempfile.gettempdir())) as data:
        setup = prepare(data)
        secret = {"STREAMER_SECRET": env.get("STREAMER_SECRET") or Folder(data).keep(SECRET)}
        settings = Settings.from_environment({**env, **secret, **setup.environment}, data=data)

        def started(stack: Stack, run: Run) -> None:
            sys.stdout.write(f"the demo runs after {time.monotonic() - begun:.1f} s\n\n")
            sys.stdout.write(announcement(run))
            sys.stdout.flush()
            url = settings.public_url
            target = Target(run.url, run.token, setup, settings.secret, url)
            asyncio.run(_show(stack, run, target, interrupts))

        run_stack(data, settings, interrupts, durable=False, log_files=True, started=started)
    return 0


async def _show(stack: Stack, run: Run, target: Target, interrupts: Interrupts) -> None:
    """Simulate and show until a signal; raises what ends the stack or the simulator."""
    simulating = asyncio.create_task(simulate(target))
    showing = asyncio.create_task(_draw(run))
    try:
        while not interrupts.first.is_set():
            stack.look()
            done, _ = await asyncio.wait(
                {simulating, showing}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
    finally:
        for task in (simulating, showing):
            task.cancel()
        await asyncio.gather(simulating, showing, return_exceptions=True)


async def _draw(run: Run) -> None:
    """Show the campaign: a picture that is redrawn on a terminal, else a line now and then."""
    console = Console()
    begun = time.monotonic()
    async with httpx.AsyncClient(timeout=5) as client:
        watch = Watch(client, run, CAMPAIGNS[0].id)
        with contextlib.ExitStack() as stack:
            live = stack.enter_context(Live(console=console)) if console.is_terminal else None
            while True:
                progress = await watch.progress(time.monotonic() - begun)
                if live:
                    live.update(screen(progress))
                else:
                    console.print(summary(progress), highlight=False)
                await asyncio.sleep(REDRAW_SECONDS if live else LINE_SECONDS)


@contextlib.contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A folder for one demo; removes it at the end, and what killed demos have left before."""
    for old in parent.glob(f"{PREFIX}*"):
        if _is_abandoned(old):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Whether it is ours and nothing of its demo is left to hold its lock."""
    try:
        if folder.stat().st_uid != os.getuid():
            return False
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
