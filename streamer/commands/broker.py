"""How commands find the Kafka that they work on.

Owns the order: what STREAMER_KAFKA names, then that of the `up` that runs on this machine.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from streamer.commands import data_folder
from streamer.embedded.folder import find_run
from streamer.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how an `up` is named."""
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of the `up` whose Kafka is meant (default: STREAMER_DATA or ./streamer-data)",
    )


def settings_of(options: argparse.Namespace, env: Mapping[str, str]) -> Settings:
    """The settings, with the Kafka of a running `up` where they name none."""
    settings = data_folder.settings_of(options, env)
    if not settings.kafka and (found := find_run(settings.data)):
        return found.settings(settings)
    return settings
