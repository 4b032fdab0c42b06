"""The settings of commands that may be told the folder of an `up`."""

import argparse
from collections.abc import Mapping

from streamer.settings import Settings


def settings_of(options: argparse.Namespace, env: Mapping[str, str]) -> Settings:
    """The settings, with the folder that `--data` names."""
    chosen = {"data": options.data} if options.data else {}
    return Settings.from_environment(env, **chosen)
