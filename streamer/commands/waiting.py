"""List the events that name a person of whom no campaign is known yet.

Each waits until a list or something that was sent tells a campaign of that person, or for
STREAMER_WAITING_DAYS and then goes to the dead letters. Uses STREAMER_KAFKA, or the Kafka of the
`streamer up` that runs on the folder --data. Persons are shown as the keyed hashes that they are.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from streamer.commands import broker, log
from streamer.settings import Settings
from streamer.state import Arrival, read_waiting
from streamer.transport.changelogs import read_changelogs
from streamer.transport.kafka import admin, client_options
from streamer.transport.topics import changelog

WIDE = 150


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", choices=("list",), help="list: the oldest first")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    broker.arguments(parser)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Read and print."""
    settings = broker.settings_of(options, env)
    log.configure(settings.log)
    settings.require("waiting", "kafka")
    arrivals = asyncio.run(read(settings))
    if options.json:
        for arrival in arrivals:
            sys.stdout.write(json.dumps(row(arrival)) + "\n")
        return 0
    console = Console(highlight=False)
    show(arrivals, console if console.is_terminal else Console(highlight=False, width=WIDE))
    return 0


async def read(settings: Settings) -> list[Arrival]:
    """What the workers have stored as waiting, by the events' times."""
    topic = changelog("waiting")
    client = await admin(settings)
    try:
        if topic not in await client.list_topics():
            return []
    finally:
        await client.close()
    found: dict[tuple[int, bytes], bytes | None] = {}

    def take(_topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        found[partition, key] = value

    options = {**client_options(settings), "isolation_level": "read_committed"}
    await read_changelogs(options, [topic], range(settings.partitions), take)
    arrivals = [read_waiting(value) for value in found.values() if value is not None]
    return sorted(arrivals, key=lambda arrival: (arrival.at, arrival.source, arrival.id))


def row(arrival: Arrival) -> dict[str, str | None]:
    """One event as it is shown."""
    return {
        "time": datetime.fromtimestamp(arrival.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "type": arrival.type,
        "source": arrival.source,
        "id": arrival.id,
        "subject": arrival.identity,
        "message": arrival.message,
    }


def show(arrivals: list[Arrival], console: Console) -> None:
    """Print a table and how many they are."""
    if arrivals:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for name in row(arrivals[0]):
            table.add_column(name, overflow="fold")
        for arrival in arrivals:
            table.add_row(*(value or "" for value in row(arrival).values()))
        console.print(table)
    number = len(arrivals)
    console.print(f"{number:,} event{'' if number == 1 else 's'} waiting for a campaign")
