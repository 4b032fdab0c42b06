"""Write the configuration of Alertmanager from the environment: who is told of alerts.

STREAMER_ALERT_EMAIL, STREAMER_ALERT_SLACK and STREAMER_ALERT_WEBHOOK each add a receiver; what is
unset is left out. The file holds secrets: only its owner may read it, so write it as the user that
Alertmanager runs as. It is written whole or not at all; Alertmanager takes a new one on SIGHUP.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from streamer.commands.alerting import configuration, told
from streamer.errors import StartError
from streamer.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, help="where Alertmanager will read it")


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Write it; the exit code."""
    settings = Settings.from_environment(env)
    # JSON is YAML, which Alertmanager reads.
    text = json.dumps(configuration(settings), indent=2, ensure_ascii=False)
    _write(options.file, text + "\n")
    receivers = ", ".join(told(settings)) or "nobody; alerts are seen on Alertmanager's own page"
    sys.stderr.write(f"{options.file} is written; alerts go to: {receivers}\n")
    return 0


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(f"{path.name}.new")
    try:
        scratch.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(scratch, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        scratch.replace(path)
    except OSError as error:
        raise StartError(f"{path} cannot be written: {error.strerror}.") from None
