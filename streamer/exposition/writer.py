"""The worker's hand in Redis: the latest snapshot of each owned campaign, and its hours.

Owns when something is written, and that all is written anew when Redis has lost it. Never blocks
or fails the worker: while Redis is away, or the worker may not speak for its partitions, only the
latest of everything is kept.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from redis.exceptions import NoScriptError

from streamer.exposition import snapshots
from streamer.exposition.hours import CampaignHours
from streamer.exposition.pipeline import WorkerMetrics
from streamer.state import Epoch, Hour, Snapshot

logger = logging.getLogger(__name__)

_CHECK_SECONDS: Final = 1.0
_PAUSES: Final = (0.1, 0.2, 0.5, 1.0)
_BATCH: Final = 8


class _Latest:
    """The latest snapshot of a campaign; encoded when it is first written, and kept so."""

    __slots__ = ("_body", "_snapshot", "epoch", "offset", "partition")

    def __init__(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        self.partition = partition
        self.epoch = epoch
        self.offset = offset
        self._snapshot = snapshot
        self._body: bytes | None = None

    def arguments(self, keys: snapshots.Keys) -> tuple[list[str], list[str | bytes | int]]:
        if self._body is None:
            self._body = snapshots.encode_snapshot(self._snapshot)
        return snapshots.snapshot_arguments(
            keys, self.epoch, self.offset, self._snapshot, self._body
        )


class RedisWriter:
    """Writes what it is given, latest first lost, in a task of its own.

    `speaks` tells whether this worker may speak for its partitions at this moment: only then is
    anything written. `ready` tells whether all of them are recovered as well: only then are they
    marked complete.
    """

    def __init__(
        self,
        url: str,
        cluster_id: str,
        metrics: WorkerMetrics,
        *,
        ready: Callable[[], bool],
        speaks: Callable[[], bool],
    ) -> None:
        self._client = snapshots.connect(url)
        self._keys = snapshots.Keys(cluster_id)
        self._metrics = metrics
        self._ready = ready
        self._speaks = speaks
        self._latest: dict[str, _Latest] = {}
        self._hours: dict[str, CampaignHours] = {}
        self._offsets: dict[int, int] = {}
        self._complete: dict[int, Epoch] = {}
        # What is to be written, and the partitions to be marked thereafter. Dicts keep the order.
        self._dirty: dict[str, None] = {}
        self._unmarked: set[int] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._life: str | None = None
        self._scripts: dict[str, str] = {}
        self._checked = 0.0
        self._failures = 0

    def snapshot(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        """Take the latest numbers of a campaign."""
        self._latest[snapshot.campaign] = _Latest(partition, epoch, offset, snapshot)
        self._offsets[partition] = offset
        self._mark_dirty(snapshot.campaign)

    def hours(self, partition: int, epoch: Epoch, hours: Iterable[Hour]) -> None:
        """Take absolute values; the first ones of a campaign under an epoch are all there are."""
        for hour in hours:
            own = self._hours.get(hour.campaign)
            if own is None or own.epoch != epoch:
                own = self._hours[hour.campaign] = CampaignHours(hour.campaign, partition, epoch)
            own.put(hour)
            self._mark_dirty(hour.campaign)

    def complete(self, partition: int, epoch: Epoch) -> None:
        """Everything of the partition was given since it was recovered."""
        self._complete[partition] = epoch
        self._unmarked.add(partition)
        self._wake.set()

    def retain(self, campaigns: Collection[str]) -> None:
        """Forget every other campaign, and which partitions were complete."""
        kept = set(campaigns)
        self._latest = {name: own for name, own in self._latest.items() if name in kept}
        self._hours = {name: own for name, own in self._hours.items() if name in kept}
        self._dirty = {name: None for name in self._dirty if name in kept}
        self._complete.clear()
        self._unmarked.clear()

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._write_forever())

    async def stop(self, seconds: float) -> None:
        """Write what is left, for so long at most, and disconnect."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._life is not None and not self._failures:
            try:
                async with asyncio.timeout(seconds):
                    await self._flush()
            except snapshots.AWAY as error:
                logger.warning("the last snapshots did not reach Redis: %s", _reason(error))
        await self._client.aclose()

    def _mark_dirty(self, campaign: str) -> None:
        self._dirty[campaign] = None
        self._wake.set()

    async def _write_forever(self) -> None:
        while True:
            try:
                await self._turn()
            except snapshots.AWAY as error:
                await self._failed(_reason(error))
            except Exception:  # whatever it is, counting goes on
                logger.exception("a defect while writing to Redis")
                await self._failed("a defect")

    async def _turn(self) -> None:
        due = self._checked + _CHECK_SECONDS - time.monotonic()
        if due > 0 and not self._wake.is_set() and not self._failures:
            try:
                # Not `wait_for`: before Python 3.12 it loses a cancellation that comes at once.
                async with asyncio.timeout(due):
                    await self._wake.wait()
            except TimeoutError:
                due = 0.0
        self._wake.clear()
        if due <= 0 or self._failures or self._life is None:
            await self._check()
        if self._dirty or self._unmarked:
            await self._flush()
        if self._failures:
            logger.warning("Redis answers again: all snapshots are up to date")
        self._failures = 0
        self._metrics.redis_up(up=True)

    async def _failed(self, reason: str) -> None:
        if not self._failures:
            logger.warning("Redis is away (%s): snapshots wait, counting goes on", reason)
        self._metrics.redis_up(up=False)
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self._failures += 1
        await asyncio.sleep(pause)

    async def _check(self) -> None:
        """See that Redis is the one that was written to and still holds our marks; else all anew.

        The client may reconnect unnoticed, to a server that has started again and lost everything.
        """
        owned = [number for number in self._complete if number not in self._unmarked]
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.info("server")
            for number in owned:
                pipe.hget(self._keys.complete, str(number))
            server, *marks = await pipe.execute()
        life = snapshots.life(server)
        if life != self._life:
            for name, script in snapshots.SCRIPTS.items():
                self._scripts[name] = await self._client.script_load(script)
            self._life = life
            self._everything_anew()
        elif not all(self._stands(number, mark) for number, mark in zip(owned, marks, strict=True)):
            self._everything_anew()
        self._checked = time.monotonic()

    def _stands(self, partition: int, raw: bytes | None) -> bool:
        epoch, mark = self._complete.get(partition), snapshots.read_mark(raw)
        if epoch is None:
            return True
        return mark is not None and mark[1] == self._life and mark[0] >= epoch.number

    def _everything_anew(self) -> None:
        self._dirty = dict.fromkeys((*self._latest, *self._hours))
        self._unmarked = set(self._complete)
        for own in self._hours.values():
            own.lost()

    async def _flush(self) -> None:
        """Write everything that waits, and then the marks of what is now complete."""
        dirty, self._dirty = list(self._dirty), {}
        # Under these epochs all was given before: what comes meanwhile is for the next time.
        marks, self._unmarked = {n: self._complete[n] for n in self._unmarked}, set()
        try:
            while dirty and self._speaks():
                await self._write(dirty[:_BATCH])
                del dirty[:_BATCH]
            if marks and not dirty and self._ready():
                await self._write_marks(marks)
                marks = {}
        except BaseException as error:
            if isinstance(error, NoScriptError):
                self._life = None
            if isinstance(error, snapshots.AWAY):
                self._metrics.redis_write("failed", len(dirty))
            raise
        finally:
            self._dirty = dict.fromkeys((*dirty, *self._dirty))
            self._unmarked |= {n for n in marks if n in self._complete}

    async def _write(self, campaigns: Sequence[str]) -> None:
        """Hours first: a campaign that is known has its history."""
        latest = [self._latest[name] for name in campaigns if name in self._latest]
        hours = [self._hours[name] for name in campaigns if name in self._hours]
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for own in hours:
                    await self._add_hours(pipe, own)
                for snapshot in latest:
                    keys, arguments = snapshot.arguments(self._keys)
                    pipe.evalsha(self._scripts["snapshot"], len(keys), *keys, *arguments)
                answers = await pipe.execute()
        except BaseException:
            for own in hours:
                own.lost()
            raise
        accepted = sum(answers[len(answers) - len(latest) :])
        self._metrics.redis_write("written", accepted)
        if accepted < len(latest):
            self._metrics.redis_write("refused", len(latest) - accepted)

    async def _add_hours(self, pipe: Any, own: CampaignHours) -> None:  # noqa: ANN401
        offset = self._offsets.get(own.partition, 0)
        for names, cells, whole in own.take():
            keys = [self._keys.hours(own.campaign, *name) for name in names]
            arguments = snapshots.hours_arguments(own.epoch, offset, cells, whole=whole)
            pipe.evalsha(self._scripts["hours"], len(keys), *keys, *arguments)
            # After a recovery there is much of it: let the engine have its turns.
            await asyncio.sleep(0)

    async def _write_marks(self, epochs: Mapping[int, Epoch]) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            for number, epoch in epochs.items():
                if self._complete.get(number) == epoch:
                    arguments = (str(number), str(epoch.number), self._life or "")
                    pipe.evalsha(self._scripts["complete"], 1, self._keys.complete, *arguments)
            await pipe.execute()


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
