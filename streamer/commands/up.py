"""Run everything on this machine, durably: broker, Redis, gateway and worker.

What was acknowledged survives stopping, killing and power cuts; start it again on the same folder
and the numbers are the same. STREAMER_KAFKA or STREAMER_REDIS, when set, are used instead of the
embedded ones. A gateway or worker that crashes is started again. Ctrl-C or SIGTERM ends all in
order; a second Ctrl-C ends it at once.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from streamer.commands import data_folder
from streamer.commands.local import Interrupts, announcement, run_stack
from streamer.embedded.folder import Run
from streamer.embedded.stack import Stack


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--data", type=Path, help="folder of all data (default: STREAMER_DATA or ./streamer-data)"
    )


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run until a signal."""
    settings = data_folder.settings_of(options, env)
    begun = time.monotonic()

    def started(_stack: Stack, run: Run) -> None:
        took = time.monotonic() - begun
        sys.stdout.write(f"streamer is up after {took:.1f} s, data in {settings.data}\n\n")
        sys.stdout.write(announcement(run))
        sys.stdout.flush()

    with Interrupts() as interrupts:
        run_stack(
            settings.data, settings, interrupts, durable=True, log_files=False, started=started
        )
    return 0
