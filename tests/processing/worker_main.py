"""A worker as its own process, whose numbers a test can read from a file.

Usage: worker_main.py KAFKA OUT [options]. The numbers of every campaign that the worker shows are
written to OUT as JSON whenever they changed; OUT with the suffix `.seen` tells moment by moment
how many campaigns are shown. The limits of the ledger are small, so that what happens at a size of
megabytes happens here: pages are cut, deltas folded, others' records removed.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import uvloop
from aiokafka import AIOKafkaProducer

from streamer.errors import StreamerError
from streamer.processing import Quarantined, deciding, recovery, run, run_worker
from streamer.processing.run import fail
from streamer.settings import Settings
from streamer.state import Epoch, Hour, Snapshot, ledger
from streamer.transport.topics import changelog

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.numbers import numbers_of
from tests.processing.sabotages import SABOTAGES

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
for name in ("faust", "mode", "streamer.processing.engine_fixes", "streamer.processing.app"):
    logging.getLogger(name).setLevel(logging.WARNING)

logger = logging.getLogger("worker_main")

SMALL_LEDGER: Any = {
    "_DELTA_BYTES": 1_000,
    "_LARGEST_VALUE": 400,
    "_SMALLEST_LIMIT": 2_000,
    "_SMALLEST_FOLD": 5_000,
    "_ROW_BYTES": 5,
    "_FOREIGN_SHARE": 1,
    "_FOREIGN_SLACK": 0,
}


class FileExporter:
    """Keeps the latest snapshots and writes them to a file."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._shown: dict[str, Snapshot] = {}
        self._ready: Callable[[], bool] = bool
        self._speaks: Callable[[], bool] = bool
        self._news = True
        self._spoke = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._write_forever())

    async def stop(self) -> None:
        self._write()

    def set_ready(self, ready: Callable[[], bool]) -> None:
        self._ready = ready

    def set_speaks(self, speaks: Callable[[], bool]) -> None:
        self._speaks = speaks

    def publish(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        del partition, epoch, offset
        self._shown[snapshot.campaign] = snapshot
        self._news = True

    def hours(self, partition: int, epoch: Epoch, hours: Sequence[Hour]) -> None: ...

    def complete(self, partition: int, epoch: Epoch) -> None: ...

    def withhold(self) -> None:
        self.retain(())

    def retain(self, campaigns: Collection[str]) -> None:
        self._shown = {name: shown for name, shown in self._shown.items() if name in campaigns}
        self._news = True

    async def _write_forever(self) -> None:
        with self._out.with_suffix(".seen").open("a") as seen:
            while True:
                speaks = self._speaks()
                seen.write(f"{time.time():.3f} {len(self._shown) if speaks else 0}\n")
                seen.flush()
                if self._news or speaks != self._spoke:
                    self._news = False
                    self._spoke = speaks
                    self._write()
                await asyncio.sleep(0.05)

    def _write(self) -> None:
        shown = self._shown if self._speaks() else {}
        numbers = {name: _numbers(snapshot) for name, snapshot in shown.items()}
        beside = self._out.with_suffix(".new")
        beside.write_text(json.dumps({"ready": self._ready(), "campaigns": numbers}))
        beside.replace(self._out)


def _numbers(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "as_of": snapshot.as_of,
        "incomplete": snapshot.incomplete,
        **numbers_of(snapshot),
    }


class Silent:
    """Metrics that nobody reads."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def send_after(wait: Callable[[str], Awaitable[None]]) -> None:
    """Have every record stay on its way to the broker until `wait` of its topic returns."""

    class LateProducer(AIOKafkaProducer):  # type: ignore[misc]
        async def send(self, *record: Any) -> asyncio.Future[Any]:
            return asyncio.create_task(self._send_late(record))

        async def _send_late(self, record: tuple[Any, ...]) -> Any:
            await wait(record[0])
            return await (await super().send(*record))

    module: Any = run
    module.AIOKafkaProducer = LateProducer


async def held_by(file: Path, topic: str) -> None:
    """Return once the file is not there; one beside it tells that evidence waits for that."""
    while file.exists():  # noqa: ASYNC240 - a moment
        if topic == changelog("touches"):
            file.with_suffix(".holds").touch()
        await asyncio.sleep(0.05)


def recover_slowly(seconds: float) -> None:
    """Have the reading of the state last longer, and say in the log when it began."""
    module: Any = recovery
    read = module.read_changelogs

    async def read_slowly(*what: Any) -> int:
        logger.info("recovery began")
        await asyncio.sleep(seconds / 2)
        records: int = await read(*what)
        await asyncio.sleep(seconds / 2)
        return records

    module.read_changelogs = read_slowly


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kafka")
    parser.add_argument("out", type=Path)
    parser.add_argument("--session", type=float, default=2.0)
    parser.add_argument("--checkpoint", type=float, default=0.3)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--held", type=Path)
    parser.add_argument("--slow-recovery", type=float, default=0.0)
    parser.add_argument("--sabotage", choices=SABOTAGES, action="append", default=[])
    parser.add_argument("--waiting-days", type=int, default=36_500)
    parser.add_argument("--quarantine", default="")
    options = parser.parse_args()
    for sabotage in options.sabotage:
        SABOTAGES[sabotage]()
    deciding._SWEEP_SECONDS = 1.0  # type: ignore[misc]
    if options.late:
        send_after(lambda _: asyncio.sleep(options.late))
    if options.held:
        send_after(partial(held_by, options.held))
    if options.slow_recovery:
        recover_slowly(options.slow_recovery)
    settings = Settings.from_environment(
        {},
        kafka=options.kafka,
        secret=b"test",
        session_timeout_seconds=options.session,
        checkpoint_seconds=options.checkpoint,
        refresh_seconds=0.1,
        page_rows=8,
        waiting_days=options.waiting_days,
    )
    places = [Quarantined(*place) for place in json.loads(options.quarantine or "[]")]
    metrics: Any = Silent()
    try:
        with patch.multiple(ledger, **SMALL_LEDGER):
            uvloop.run(run_worker(settings, FileExporter(options.out), metrics, places))
    except StreamerError as error:
        fail(error)
    os._exit(99)  # a worker ends by itself


main()
