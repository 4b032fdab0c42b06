"""Send simulated campaigns to a gateway until Ctrl-C.

Three campaigns over all five channels, with some days of history; live, two hours pass in a
second, so that every KPI moves within a minute. The mails come by SendGrid's signed webhook when
the gateway has the simulator's source (as that of `streamer demo` has) or one is named with
--source and --key; else they are events like all others.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from streamer.commands import reach
from streamer.errors import SettingsError
from streamer.settings import Settings
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.run import Progress, Target
from streamer.simulator.run import run as simulate
from streamer.simulator.scenario import DEFAULT_SPEED
from streamer.simulator.setup import find, read_key

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
        "--duration", type=_above_zero, metavar="SECONDS", help="end after so long (default: never)"
    )
    parser.add_argument("--source", help="a SendGrid source of the gateway, for the mails")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the private key, in PEM, that signs for --source"
    )
    reach.arguments(parser)


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Simulate until --duration or a signal."""
    settings = reach.settings_of(options, env)
    target = _target(options, settings)
    said = _Said()
    try:
        asyncio.run(_simulate(target, options, said))
    except KeyboardInterrupt:
        # The way to end it: no failure.
        sys.stderr.write("\n")
    said.say()
    return 0


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
        sent, distinct, seconds, retries = self._progress
        tries = f", {retries:,} requests tried again" if retries else ""
        sys.stderr.write(
            f"{seconds:5.0f} s   sent {sent:,} events, {distinct:,} different{tries}\n"
        )


def _target(options: argparse.Namespace, settings: Settings) -> Target:
    found = reach.reach(options, settings)
    target = Target(found.url, found.token, secret=settings.secret or _secret(found, settings))
    if options.source or options.key:
        if not (options.source and options.key):
            raise SettingsError("--source and --key belong together: name both or none.")
        return target._replace(
            sendgrid_source=options.source, sendgrid_private_key=_key(options.key)
        )
    demo = find(settings.data) if found.run else None
    if demo is None:
        return target
    return target._replace(sendgrid_source=demo.source, sendgrid_private_key=demo.private_key)


def _secret(found: reach.Reach, settings: Settings) -> bytes | None:
    """The secret of the `up` on this machine, which links mails to their prospects."""
    path = settings.data / "secret"
    try:
        return path.read_text().strip().encode() or None if found.run else None
    except OSError:
        return None


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from None
    return read_key(pem, path)
