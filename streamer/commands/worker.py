"""Run one worker: count the events of its partitions, export every KPI.

Several workers with the same settings share the partitions. SIGTERM or Ctrl-C: a checkpoint, and
the partitions go to the others at once. Any unexpected exception ends the process without
acknowledging what caused it, for a supervisor to start it again.
"""

import argparse
import os
import re
import sys
from collections.abc import Mapping

from streamer.commands import log
from streamer.errors import SettingsError
from streamer.settings import Settings

SOURCE_TOPIC = "touchpoints"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--quarantine",
        metavar="[TOPIC:]PARTITION:OFFSET",
        action="append",
        default=[],
        help="set this record aside unread, for the day when it trips a defect (repeatable)",
    )


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Work until a signal; the exit code."""
    settings = Settings.from_environment(env)
    settings.require("worker", "kafka", "redis", "secret")
    quarantine = [place(text) for text in options.quarantine]
    log.configure(settings.log)
    # Only now: the engine takes a second to import, and a refusal should not.
    import uvloop  # noqa: PLC0415

    code = uvloop.run(_work(settings, quarantine))
    # The engine's last checkpoint is written; what its libraries still would wait for is nothing.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _work(settings: Settings, quarantine: list[tuple[str, int, int]]) -> int:
    from streamer.exposition.exporter import WorkerExporter  # noqa: PLC0415
    from streamer.exposition.pipeline import WorkerMetrics  # noqa: PLC0415
    from streamer.processing import Quarantined, run_worker  # noqa: PLC0415
    from streamer.transport.fingerprint import hold_secret  # noqa: PLC0415
    from streamer.transport.kafka import cluster_id  # noqa: PLC0415
    from streamer.transport.topics import ensure_topics  # noqa: PLC0415

    await ensure_topics(settings)
    await hold_secret(settings)
    metrics = WorkerMetrics()
    exporter = WorkerExporter(settings, await cluster_id(settings), metrics)
    places = [Quarantined(*each) for each in quarantine]
    return await run_worker(settings, exporter, metrics, places)


def place(text: str) -> tuple[str, int, int]:
    """The topic, the partition and the offset of one --quarantine."""
    match = re.fullmatch(r"(?:([a-zA-Z0-9._-]+):)?([0-9]+):([0-9]+)", text)
    if not match:
        raise SettingsError(
            f"--quarantine {text} is not [TOPIC:]PARTITION:OFFSET, such as {SOURCE_TOPIC}:3:1024."
        )
    return match[1] or SOURCE_TOPIC, int(match[2]), int(match[3])
