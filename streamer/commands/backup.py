"""Copy into a folder all that the numbers are made of: the topics that nothing can replace.

May run while everything runs. On the same folder again it adds what is new. Uses STREAMER_KAFKA, or
the Kafka of the `streamer up` that runs on the folder --data. Persons stand in it as pseudonyms and
dead letters sealed; keep STREAMER_SECRET elsewhere, but keep it: without it a backup is of no use.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from streamer.commands import broker, log
from streamer.errors import StartError
from streamer.transport.backup import back_up


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to; made if need be")
    broker.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Copy, and print what was copied."""
    settings = broker.settings_of(options, env)
    log.configure(settings.log)
    settings.require("backup", "kafka")
    try:
        options.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        manifest = asyncio.run(back_up(settings, options.folder, tell))
    except OSError as error:
        raise StartError(f"{options.folder} cannot be written: {error.strerror}.") from None
    sys.stdout.write(f"{options.folder} holds all up to {manifest.at}")
    sys.stdout.write(f", made with the secret of fingerprint {manifest.fingerprint or '(none)'}.\n")
    return 0


def tell(topic: str, news: int, held: int) -> None:
    """One line for a topic that is copied."""
    sys.stdout.write(f"{topic:<16}  {news:>12,} new of {held:>12,} records\n")
    sys.stdout.flush()
