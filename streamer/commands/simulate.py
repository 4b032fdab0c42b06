"""Send simulated campaigns to a gateway until Ctrl-C.

Three campaigns over all five channels, with some days of history; live, two hours pass in a
second, so that every KPI moves within a minute. Where the gateway has the simulator's sources (as
that of `streamer demo` has), simulated vendors call their endpoints as the real ones do, signed and
tried again; else all of it goes by the events' route. A gateway of your own has them when it is
started with the environment that --vendors DIR writes into DIR.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from streamer.commands import data_folder, reach
from streamer.embedded.folder import find_secret
from streamer.errors import SettingsError
from streamer.settings import Settings
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.run import Progress, Target
from streamer.simulator.run import run as simulate
from streamer.simulator.scenario import DEFAULT_SPEED
from streamer.simulator.setup import ENVIRONMENT_FILE, Setup, find, prepare

SAY_SECONDS: Final = 5.0


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--seed", type=int, default=1, help="what chance brings (default: 1)")
    parser.add_argument(
        "--speed",
        type=_above_zero,
        default=DEFAULT_SPEED,
        help=f"how many times as fast as the clock (default: {DEFAULT_SPEED:.0f})",
    )
    parser.add_argument(
        "--duration",
        type=_above_zero,
        metavar="SECONDS",
        help="end after so long (default: never; with --chaos: 20)",
    )
    parser.add_argument(
        "--vendors",
        type=Path,
        metavar="DIR",
        help="folder of the simulator's sources that the gateway was started with",
    )
    parser.add_argument(
        "--chaos",
        action="store_true",
        help="on a stack of its own, with outages of ours that vendors' retries survive; then "
        "tell what was counted (exit 1 if anything was lost)",
    )
    parser.add_argument(
        "--beyond",
        action="store_true",
        help="with --chaos: an outage that lasts longer than the retries; tell who lost what",
    )
    reach.arguments(parser)


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Simulate until --duration or a signal."""
    if options.beyond and not options.chaos:
        raise SettingsError("--beyond is a way of --chaos: name both.")
    if options.chaos:
        return _chaos(options, env)
    settings = data_folder.settings_of(options, env)
    target = _target(options, settings)
    said = _Said()
    try:
        asyncio.run(_simulate(target, options, said))
    except KeyboardInterrupt:
        # The way to end it: no failure.
        sys.stderr.write("\n")
    said.say()
    return 0


def _chaos(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    from streamer.commands import chaos  # noqa: PLC0415 - heavy, not for --help

    named = [name for name in ("gateway", "token", "data", "vendors") if getattr(options, name)]
    if named:
        raise SettingsError(f"--chaos runs on a stack of its own: leave --{named[0]} out.")
    return chaos.run(
        env,
        seed=options.seed,
        speed=options.speed,
        duration=options.duration,
        beyond=options.beyond,
    )


async def _simulate(target: Target, options: argparse.Namespace, said: "_Said") -> None:
    names = ", ".join(campaign.id for campaign in CAMPAIGNS)
    sys.stderr.write(f"simulating {names} at {target.gateway_url}; Ctrl-C ends it\n")
    await simulate(
        target,
        seed=options.seed,
        speed=options.speed,
        duration=options.duration,
        on_progress=said.hear,
    )


class _Said:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self._progress = Progress(0, 0, 0.0, 0)
        self._last = time.monotonic()

    def hear(self, progress: Progress) -> None:
        self._progress = progress
        if time.monotonic() - self._last >= SAY_SECONDS:
            self._last = time.monotonic()
            self.say()

    def say(self) -> None:
        sent, distinct, seconds, retries, lost = self._progress
        tries = f", {retries:,} requests tried again" if retries else ""
        given_up = f", {lost:,} events given up" if lost else ""
        sys.stderr.write(
            f"{seconds:5.0f} s   sent {sent:,} events, {distinct:,} different{tries}{given_up}\n"
        )


def _target(options: argparse.Namespace, settings: Settings) -> Target:
    found = reach.reach(options, settings)
    secret = settings.secret or (find_secret(settings.data) if found.run else None)
    setup = _setup(options.vendors, found, settings)
    if options.vendors and not secret:
        raise SettingsError("--vendors needs the gateway's STREAMER_SECRET: set it.")
    return Target(found.url, found.token, setup, secret, settings.public_url)


def _setup(folder: Path | None, found: reach.Reach, settings: Settings) -> Setup | None:
    if folder is None:
        return find(settings.data) if found.run else None
    setup = find(folder)
    if setup is None:
        prepare(folder)
        raise SettingsError(
            f"{folder} had no sources of the simulator: now it has. Start the gateway with the "
            f"variables in {folder / ENVIRONMENT_FILE}, and simulate again."
        )
    return setup
