"""Make a read-only link of a campaign: an address for a screen on the wall, that needs no login.

It opens that campaign's page and nothing else, until it expires or until the token on whose behalf
it is made, or the secret, is changed. Asks the gateway that --gateway names, or the one of the
`streamer up` that runs on the folder --data.
"""

import argparse
import json
import sys
import urllib.parse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from streamer.commands import data_folder, reach
from streamer.errors import StreamerError

_PATIENCE_SECONDS: Final = 10.0
_DAYS: Final = 30


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("campaign", metavar="CAMPAIGN", help="the campaign's id")
    parser.add_argument(
        "--days", type=int, default=_DAYS, help=f"how long it is valid, 1 to 366 (default: {_DAYS})"
    )
    parser.add_argument(
        "--screen",
        action="store_true",
        help="open as a screen that shows one channel after another",
    )
    reach.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Ask and print: the address, and to standard error until when."""
    found = reach.reach(options, data_folder.settings_of(options, env))
    made = _ask(found, options.campaign, options.days)
    until = datetime.fromtimestamp(made["expires"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    sys.stdout.write(made["url"] + ("&screen=1\n" if options.screen else "\n"))
    sys.stderr.write(f"valid until {until}\n")
    return 0


def _ask(found: reach.Reach, campaign: str, days: int) -> dict[str, Any]:
    url = f"{found.url}/wall/{urllib.parse.quote(campaign, safe='')}/link"
    headers = {"Authorization": f"Bearer {found.token}"}
    try:
        answer = httpx.post(url, json={"days": days}, headers=headers, timeout=_PATIENCE_SECONDS)
        body = json.loads(answer.content)
    except httpx.HTTPError as error:
        raise StreamerError(f"The gateway at {found.url} does not answer: {error}.") from None
    except ValueError:
        raise StreamerError(f"{found.url} does not answer as a gateway does.") from None
    if not answer.is_success:
        raise StreamerError(f"The gateway at {found.url} refuses: {body.get('detail')}")
    made: dict[str, Any] = body
    return made
