"""The gateway's store of snapshots while the Kafka cluster is not known yet.

What is kept in Redis is filed under the cluster's id, and the gateway must start (and answer 503)
while Kafka is away. Owns the waiting; reads nothing before it is over.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from streamer.errors import KafkaUnavailable, RedisUnavailable
from streamer.exposition.history import Query
from streamer.exposition.snapshots import Entry, Keys
from streamer.exposition.store import Held, SnapshotStore

_log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 1.0


class LateStore(SnapshotStore):
    """A store that refuses every read until `find_cluster` has told the cluster's id."""

    def __init__(
        self, url: str, find_cluster: Callable[[], Awaitable[str]], partitions: int
    ) -> None:
        super().__init__(url, "", partitions)
        self._find_cluster = find_cluster
        self._finding: asyncio.Task[None] | None = None
        self._cluster: str | None = None

    def cluster(self) -> str:
        """The cluster's id; RedisUnavailable until it is known."""
        if self._cluster is None:
            raise RedisUnavailable("Kafka was not reached yet, and the numbers are filed under it.")
        return self._cluster

    async def start(self) -> None:
        """Begin to look for the cluster, then listen to its changes."""
        self._finding = asyncio.get_running_loop().create_task(self._begin())

    async def stop(self) -> None:
        """Stop looking, and disconnect."""
        if self._finding:
            self._finding.cancel()
            await asyncio.gather(self._finding, return_exceptions=True)
        await super().stop()

    async def held(self, campaign: str) -> Held | None:
        """See the parent; RedisUnavailable until the cluster is known."""
        self.cluster()
        return await super().held(campaign)

    async def campaigns(self) -> list[Entry]:
        """See the parent; RedisUnavailable until the cluster is known."""
        self.cluster()
        return await super().campaigns()

    async def hours(self, campaign: str, query: Query) -> Mapping[int, bytes]:
        """See the parent; RedisUnavailable until the cluster is known."""
        self.cluster()
        return await super().hours(campaign, query)

    async def _begin(self) -> None:
        while True:
            try:
                cluster = await self._find_cluster()
            except KafkaUnavailable as error:
                _log.warning("%s", error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                break
        self._keys = Keys(cluster)
        self._cluster = cluster
        await super().start()
