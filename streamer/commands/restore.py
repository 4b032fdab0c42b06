"""Write a backup into an empty Kafka, before a gateway or a worker runs on it.

Then start them with the same STREAMER_SECRET: the worker counts everything anew. Uses
STREAMER_KAFKA; with --data it makes the folder of a `streamer up` instead, which is started
afterwards. Cut off, it may be repeated, and goes on where it ended.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from streamer.commands import log
from streamer.commands.backup import tell
from streamer.commands.local import say
from streamer.settings import Settings
from streamer.transport.archive import Manifest
from streamer.transport.backup import restore


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="what `streamer backup` has made")
    parser.add_argument(
        "--data", type=Path, help="the new folder of a `streamer up` (default: STREAMER_KAFKA)"
    )


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Write, and print what was written."""
    settings = Settings.from_environment(env, **({"data": options.data} if options.data else {}))
    log.configure(settings.log)
    if options.data:
        manifest = _into_folder(settings, options.folder)
    else:
        settings.require("restore", "kafka")
        manifest = asyncio.run(restore(settings, options.folder, tell))
    sys.stdout.write(f"Restored all up to {manifest.at}: start the gateway and the worker now.\n")
    if not settings.secret:
        needed = f"the STREAMER_SECRET of fingerprint {manifest.fingerprint}"
        sys.stdout.write(f"They need {needed}, and refuse to start with another.\n")
    return 0


def _into_folder(settings: Settings, backup: Path) -> Manifest:
    """Restore into the Kafka of a folder that no `up` runs on, started for this alone."""
    # The image has no embedded Kafka.
    from streamer.embedded.folder import Folder  # noqa: PLC0415
    from streamer.embedded.guard import Guard  # noqa: PLC0415
    from streamer.embedded.kafka import EmbeddedKafka  # noqa: PLC0415

    folder = Folder(settings.data).open(say)
    try:
        guard = Guard(keep=[folder.lock])
        broker = EmbeddedKafka(settings.data / "kafka", durable=True, guard=guard, note=say)
        try:
            broker.start()
            theirs = Settings.from_environment(
                settings.environment, data=settings.data, kafka=broker.bootstrap
            )
            return asyncio.run(restore(theirs, backup, tell))
        finally:
            broker.stop()
            guard.close()
    finally:
        folder.close()
