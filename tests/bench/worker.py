"""A worker whose progress a benchmark reads from its standard output, one JSON object a line."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import uvloop

from streamer.exposition.samples import render
from streamer.processing import run_worker
from streamer.settings import Settings
from streamer.state import Epoch, Hour, Snapshot


def tell(**what: Any) -> None:
    """One line for the benchmark."""
    sys.stdout.write(json.dumps({"at": time.time(), **what}) + "\n")
    sys.stdout.flush()


class Exporter:
    """Renders what it gets, as the real one does, and keeps the latest."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def set_ready(self, ready: Callable[[], bool]) -> None: ...

    def set_speaks(self, speaks: Callable[[], bool]) -> None: ...

    def publish(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        del partition, epoch, offset
        self.shown[snapshot.campaign] = render(snapshot)

    def hours(self, partition: int, epoch: Epoch, hours: Sequence[Hour]) -> None: ...

    def complete(self, partition: int, epoch: Epoch) -> None:
        del epoch
        tell(complete=partition)

    def withhold(self) -> None: ...

    def retain(self, campaigns: Collection[str]) -> None: ...


class Metrics:
    """Counts, and tells every tenth of a second what has come since."""

    def __init__(self) -> None:
        self.total = 0
        self.latencies: list[float] = []

    def events(self, outcome: str, count: int) -> None:
        del outcome
        self.total += count

    def latency(self, seconds: float) -> None:
        self.latencies.append(seconds)

    def recovery(self, seconds: float, records: int) -> None:
        tell(recovered=seconds, records=records)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_, **__: None

    async def tell_forever(self) -> None:
        while True:
            latencies, self.latencies = self.latencies, []
            tell(events=self.total, latencies=latencies)
            await asyncio.sleep(0.1)


async def work(kafka: str) -> None:
    settings = Settings.from_environment({}, kafka=kafka, secret=b"bench")
    metrics: Any = Metrics()
    await asyncio.gather(metrics.tell_forever(), run_worker(settings, Exporter(), metrics))


tell(started=os.getpid())
uvloop.run(work(sys.argv[1]))
