"""A writer and a reader on one Redis, and waiting for what they do."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from streamer.errors import RedisUnavailable
from streamer.exposition.pipeline import WorkerMetrics
from streamer.exposition.store import SnapshotStore
from streamer.exposition.writer import RedisWriter
from streamer.state import Epoch, Snapshot
from tests.exposition.cases import case, snapshot_of

PARTITIONS = 2
_CASE = snapshot_of(case("01"))


def snapshot(campaign: str = "c", as_of: int = 1000, name: str = "") -> Snapshot:
    """A small campaign's numbers."""
    return msgspec.structs.replace(_CASE, campaign=campaign, as_of=as_of, name=name)


@asynccontextmanager
async def writer(
    url: str,
    cluster: str,
    ready: Callable[[], bool] = lambda: True,
    speaks: Callable[[], bool] = lambda: True,
) -> AsyncIterator[RedisWriter]:
    """A worker's writer, started."""
    own = RedisWriter(url, cluster, WorkerMetrics(), ready=ready, speaks=speaks)
    own.start()
    try:
        yield own
    finally:
        await own.stop(0.3)


@asynccontextmanager
async def store(url: str, cluster: str) -> AsyncIterator[SnapshotStore]:
    """A gateway's store, started."""
    own = SnapshotStore(url, cluster, PARTITIONS)
    await own.start()
    try:
        yield own
    finally:
        await own.stop()


def complete(own: RedisWriter, epoch: Epoch) -> None:
    """Mark every partition."""
    for partition in range(PARTITIONS):
        own.complete(partition, epoch)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, "it never came to hold"
        await asyncio.sleep(0.01)


async def as_of(own: SnapshotStore, campaign: str = "c") -> int | str | None:
    """The moment of the latest snapshot; `away` when it cannot be known."""
    try:
        found = await own.find(campaign)
    except RedisUnavailable:
        return "away"
    return None if found is None else found.as_of


async def until_as_of(own: SnapshotStore, expected: int | str | None, campaign: str = "c") -> None:
    """Wait until the latest snapshot is of that moment."""

    async def reached() -> bool:
        return await as_of(own, campaign) == expected

    await until(reached)
