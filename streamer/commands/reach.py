"""How commands find the gateway that they talk to, and the token for it.

Owns the order: what the command line names, then the `up` that runs on this machine, then the
environment.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

from streamer.commands.local import EVERYWHERE
from streamer.embedded.folder import Run, find_run
from streamer.errors import SettingsError
from streamer.settings import Address, Settings


class Reach(NamedTuple):
    """A gateway's URL and a token; `run` is the `up` or `demo` that it is part of, if it is one."""

    url: str
    token: str
    run: Run | None = None


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how a gateway is named."""
    parser.add_argument("--gateway", metavar="URL", help="the gateway (default: of the `up` below)")
    parser.add_argument(
        "--token", help="a token of that gateway (default: the first of STREAMER_TOKENS)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of the `up` that is meant (default: STREAMER_DATA or ./streamer-data)",
    )


def reach(options: argparse.Namespace, settings: Settings) -> Reach:
    """The gateway that is meant; SettingsError, with what to do, when there is none."""
    token = options.token or next(iter(settings.tokens.values()), None)
    if options.gateway:
        if not options.gateway.startswith(("http://", "https://")):
            raise SettingsError(f"--gateway {options.gateway} must begin with http:// or https://.")
        if not token:
            raise SettingsError("Name a token of that gateway with --token or in STREAMER_TOKENS.")
        return Reach(options.gateway.rstrip("/"), token)
    if run := find_run(settings.data):
        host, _, port = run.gateway.rpartition(":")
        return Reach(_url(Address(host.strip("[]"), int(port))), options.token or run.token, run)
    if settings.tokens:
        return Reach(_url(settings.gateway), options.token or str(token))
    raise SettingsError(
        f"No `streamer up` runs on {settings.data}: start one, name its folder with --data, or "
        "name a gateway with --gateway and --token."
    )


def _url(address: Address) -> str:
    host = EVERYWHERE.get(address.host, address.host).strip("[]")
    return f"http://{Address(host, address.port)}"
