"""The worker's exporter: every snapshot goes to the samples at once and to Redis soon.

Wires the samples, the metrics address and the writer; never counts.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final

from streamer.exposition.pipeline import WorkerMetrics
from streamer.exposition.samples import Exposition
from streamer.exposition.server import MetricsServer
from streamer.exposition.writer import RedisWriter
from streamer.settings import Address, Settings
from streamer.state import Epoch, Hour, Snapshot

_log = logging.getLogger(__name__)

_DAY: Final = 86_400
_BEAT_SECONDS: Final = 0.5
# An event loop that was not heard for so long does not count any more.
_STALLED_SECONDS: Final = 60.0
_LAST_WRITE_SECONDS: Final = 0.3


class WorkerExporter:
    """Exports what one worker owns; `clock` is UTC seconds.

    No call blocks or fails because something is away, save `start`: a taken address is an error.
    """

    def __init__(
        self,
        settings: Settings,
        cluster_id: str,
        metrics: WorkerMetrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._linger = settings.linger_days * _DAY
        self._clock = clock
        self._metrics = metrics
        self._exposition = Exposition()
        self._ready: Callable[[], bool] = lambda: False
        self._speaks: Callable[[], bool] = lambda: False
        metrics.watch(self._is_ready)
        self._heard = time.monotonic()
        self._beat: asyncio.Task[None] | None = None
        self._server = MetricsServer(
            settings.metrics,
            "STREAMER_METRICS",
            metrics=self.text,
            alive=self._alive,
            ready=self._is_ready,
        )
        self._writer = (
            RedisWriter(
                settings.redis,
                cluster_id,
                metrics,
                ready=self._is_ready,
                speaks=self._may_speak,
            )
            if settings.redis
            else None
        )

    @property
    def address(self) -> Address:
        """Where the metrics are served; with the port that was chosen, once started."""
        return self._server.address

    async def start(self) -> None:
        """Begin to serve and to write; raises `StartError` when the address cannot be had."""
        self._server.start()
        _log.info("the worker's metrics are served on %s", self.address)
        self._beat = asyncio.get_running_loop().create_task(self._beat_forever())
        if self._writer:
            self._writer.start()

    async def stop(self) -> None:
        """Write what is held, and end; within half a second."""
        if self._beat:
            self._beat.cancel()
        if self._writer:
            await self._writer.stop(_LAST_WRITE_SECONDS)
        await asyncio.to_thread(self._server.stop)

    def set_ready(self, ready: Callable[[], bool]) -> None:
        """Take the answer to whether all assigned partitions are recovered and current."""
        self._ready = ready

    def set_speaks(self, speaks: Callable[[], bool]) -> None:
        """Take the answer to whether the worker may speak for its partitions at this moment.

        It is asked from other threads as well.
        """
        self._speaks = speaks

    def publish(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        """Take the numbers of a campaign as they are at `offset`; the latest replaces others.

        A campaign whose plan ended long ago leaves the samples, never the snapshots.
        """
        if snapshot.end is not None and self._clock() > snapshot.end + self._linger:
            self._exposition.drop(snapshot.campaign)
        else:
            self._exposition.put(snapshot)
        if self._writer:
            self._writer.snapshot(partition, epoch, offset, snapshot)

    def hours(self, partition: int, epoch: Epoch, hours: Sequence[Hour]) -> None:
        """Take absolute values of the windowed counters."""
        if self._writer:
            self._writer.hours(partition, epoch, hours)

    def complete(self, partition: int, epoch: Epoch) -> None:
        """Everything of a partition was published since it was recovered."""
        if self._writer:
            self._writer.complete(partition, epoch)

    def withhold(self) -> None:
        """Let every campaign leave the samples until it is published again.

        What Redis is to hold is kept: a worker that goes on where it was gives only what changes.
        """
        self._exposition.retain(())

    def retain(self, campaigns: Collection[str]) -> None:
        """Forget every campaign but these, and which partitions were complete."""
        self._exposition.retain(campaigns)
        self._metrics.forget_lags()
        if self._writer:
            self._writer.retain(campaigns)

    def text(self) -> bytes:
        """All samples: the campaigns', while the worker speaks for them, then the pipeline's."""
        health = self._metrics.text()
        return self._exposition.text(health) if self._may_speak() else health

    def _may_speak(self) -> bool:
        return self._speaks()

    def _is_ready(self) -> bool:
        return self._alive() and self._ready()

    def _alive(self) -> bool:
        return time.monotonic() - self._heard < _STALLED_SECONDS

    async def _beat_forever(self) -> None:
        while True:
            self._heard = time.monotonic()
            await asyncio.sleep(_BEAT_SECONDS)
