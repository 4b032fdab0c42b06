"""Create the Kafka topics that are missing, and check all of them.

Uses STREAMER_KAFKA, or the Kafka of the `streamer up` that runs on the folder --data. Exit code 0:
all is well; 1: a topic is configured otherwise than it must be.
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping

from streamer.commands import broker, log
from streamer.transport.topics import TOPICS, check_topics, ensure_topics


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--check", action="store_true", help="only check, create nothing")
    broker.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Create and check, and print what was found."""
    settings = broker.settings_of(options, env)
    log.configure(settings.log)
    settings.require("topics", "kafka")
    report = asyncio.run((check_topics if options.check else ensure_topics)(settings))
    width = max(len(topic.name) for topic in TOPICS)
    for topic in TOPICS:
        at_fault = any(fault.startswith(f"{topic.name} ") for fault in report.faults)
        mark = "FAULT" if at_fault else "created" if topic.name in report.created else "ok"
        sys.stdout.write(f"{mark:<7}  {topic.name:<{width}}  {topic.purpose}\n")
    for fault in report.faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if report.faults else 0
