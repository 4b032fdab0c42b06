"""The gateway's eye on Redis: the latest snapshot of any campaign, whichever worker owns it.

Owns the cache and when it is believed: only while the subscription to the changes is alive. Never
writes, and never mistakes what it cannot know for what does not exist.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from streamer.errors import RedisUnavailable
from streamer.exposition import bodies, snapshots
from streamer.exposition.history import Query
from streamer.state import Snapshot

logger = logging.getLogger(__name__)

_CACHED: Final = 512
# The subscription is pinged when it is silent, and given up when it stays so.
_PING_SECONDS: Final = 1.0
_SILENCE_SECONDS: Final = 3.0
_PAUSES: Final = (0.1, 0.2, 0.5, 1.0)
# Asking for more hours one by one costs more than reading them all.
_MOST_FIELDS: Final = 2000


class Held:
    """A snapshot, and the bodies that many ask for, each rendered once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def kpis(self) -> bytes:
        """The body of `…/kpis`."""
        return bodies.kpis(self.snapshot)

    @cached_property
    def milestones(self) -> bytes:
        """The body of `…/milestones`."""
        return bodies.milestones(self.snapshot)


class SnapshotStore:
    """Reads what the workers published; every read raises `RedisUnavailable` when it cannot.

    `partitions` is how many of them must be complete before a campaign can be called unknown.
    """

    def __init__(self, url: str, cluster_id: str, partitions: int) -> None:
        self._client = snapshots.connect(url)
        self._keys = snapshots.Keys(cluster_id)
        self._partitions = partitions
        self._cache: OrderedDict[str, Held] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Held | None]] = {}
        self._watchers: dict[str, set[asyncio.Event]] = {}
        self._subscribed = False
        self._heard = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen to the changes; Redis may be away."""
        self._task = asyncio.get_running_loop().create_task(self._listen_forever())

    async def stop(self) -> None:
        """Disconnect."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._client.aclose()

    async def find(self, campaign: str) -> Snapshot | None:
        """The latest snapshot; None when no such campaign is known, which is certain."""
        held = await self.held(campaign)
        return None if held is None else held.snapshot

    async def held(self, campaign: str) -> Held | None:
        """Likewise, with its rendered body. Those who ask at once share one read."""
        if self._trusted() and (held := self._cache.get(campaign)):
            self._cache.move_to_end(campaign)
            return held
        task = self._loading.get(campaign)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._load(campaign))
            # Its error is for those who wait for it; when all have left it is nobody's.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._loading[campaign] = task
        return await asyncio.shield(task)

    async def campaigns(self) -> list[snapshots.Entry]:
        """All known campaigns; none may be missing."""
        try:
            if not await self._all_complete():
                raise _incomplete()
            raw: Any = await self._client.hgetall(self._keys.index)
        except snapshots.AWAY as error:
            raise _away(error) from error
        return snapshots.read_index(raw)

    async def hours(self, campaign: str, query: Query) -> Mapping[int, bytes]:
        """The texts of minutes by hour that hold the answer to `query`."""
        key = self._keys.hours(campaign, query.channel, query.milestone)
        wanted = query.hours()
        try:
            if len(wanted) <= _MOST_FIELDS:
                raw: Any = await self._client.hmget(key, [str(hour) for hour in wanted])
                return {hour: text for hour, text in zip(wanted, raw, strict=True) if text}
            every: Any = await self._client.hgetall(key)
        except snapshots.AWAY as error:
            raise _away(error) from error
        every.pop(b"head", None)
        return {hour: text for field, text in every.items() if (hour := int(field)) in wanted}

    @contextmanager
    def watch(self, campaign: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the campaign may have changed."""
        event = asyncio.Event()
        watchers = self._watchers.setdefault(campaign, set())
        watchers.add(event)
        try:
            yield event
        finally:
            watchers.discard(event)
            if not watchers and self._watchers.get(campaign) is watchers:
                del self._watchers[campaign]

    def _trusted(self) -> bool:
        return self._subscribed and time.monotonic() - self._heard < _SILENCE_SECONDS

    async def _load(self, campaign: str) -> Held | None:
        current = asyncio.current_task()
        try:
            raw = await self._read(campaign)
            held = None if raw is None else Held(snapshots.decode_snapshot(raw))
            # No longer listed when a change was heard meanwhile: this may be older.
            if held and self._loading.get(campaign) is current and self._trusted():
                self._cache[campaign] = held
                if len(self._cache) > _CACHED:
                    self._cache.popitem(last=False)
        finally:
            if self._loading.get(campaign) is current:
                del self._loading[campaign]
        return held

    async def _read(self, campaign: str) -> bytes | None:
        key = self._keys.campaign(campaign)
        try:
            raw: Any = await self._client.hget(key, "body")
            if raw is None:
                # Completeness first: what is missing afterwards does not exist.
                if not await self._all_complete():
                    raise _incomplete()
                raw = await self._client.hget(key, "body")
        except snapshots.AWAY as error:
            raise _away(error) from error
        return None if raw is None else bytes(raw)

    async def _all_complete(self) -> bool:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.info("server")
            pipe.hmget(self._keys.complete, [str(n) for n in range(self._partitions)])
            server, marks = await pipe.execute()
        return snapshots.all_complete(marks, snapshots.life(server))

    async def _listen_forever(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen()
            except snapshots.AWAY as error:
                if self._subscribed or not failures:
                    logger.warning("Redis is away (%s): reads are answered 503", error)
                failures = 0 if self._subscribed else failures + 1
            except Exception:  # reads go on without a cache
                logger.exception("a defect while listening to Redis")
                failures += 1
            self._subscribed = False
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])

    async def _listen(self) -> None:
        async with self._client.pubsub() as channel:
            await channel.subscribe(self._keys.changes)
            self._heard = time.monotonic()
            while True:
                message = await channel.get_message(timeout=_PING_SECONDS)
                if message is not None:
                    self._heard = time.monotonic()
                    self._take(message)
                elif time.monotonic() - self._heard > _SILENCE_SECONDS:
                    raise TimeoutError("it is silent")
                else:
                    await channel.ping()

    def _take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "message":
            campaign = snapshots.read_change(message["data"])
            self._cache.pop(campaign, None)
            self._loading.pop(campaign, None)
            self._notify(campaign)
        elif message["type"] == "subscribe":
            # Also after a reconnection of the client's own: whatever was published between is lost.
            self._cache.clear()
            self._loading.clear()
            self._subscribed = True
            for campaign in list(self._watchers):
                self._notify(campaign)

    def _notify(self, campaign: str) -> None:
        for event in self._watchers.get(campaign, ()):
            event.set()


def _away(error: BaseException) -> RedisUnavailable:
    return RedisUnavailable(f"Redis does not answer ({error or type(error).__name__}).")


def _incomplete() -> RedisUnavailable:
    return RedisUnavailable("The workers have not published every campaign yet.")
