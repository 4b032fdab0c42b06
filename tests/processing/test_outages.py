"""Kafka or Redis goes away and comes back: what the real worker shows and publishes stays true."""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.redis import EmbeddedRedis
from streamer.errors import KafkaUnavailable, RedisUnavailable
from streamer.exposition import snapshots
from streamer.exposition.store import SnapshotStore
from streamer.transport.kafka import cluster_id
from streamer.transport.topics import ensure_topics
from tests.numbers import numbers_of
from tests.processing.cluster import (
    PARTITIONS,
    Worker,
    all_committed,
    send,
    settings_for,
    until,
)
from tests.processing.judged import (
    Event,
    by_campaign,
    differences,
    differences_in,
    events_of,
    settled,
)
from tests.recount.recount import histories

pytestmark = pytest.mark.kafka

_SESSION_SECONDS = 2.0


class RealWorker(Worker):
    """`streamer worker` itself, with its metrics address and its Redis."""

    def __init__(self, kafka: str, redis: str, port: int, folder: Path) -> None:
        super().__init__(kafka, folder, "real")
        self.command = [sys.executable, "-m", "streamer", "worker"]
        self.env = {
            "STREAMER_KAFKA": kafka,
            "STREAMER_REDIS": redis,
            "STREAMER_SECRET": "test",
            "STREAMER_METRICS": f"127.0.0.1:{port}",
            "STREAMER_SESSION_TIMEOUT_SECONDS": str(_SESSION_SECONDS),
        }
        self._url = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> str:
        """What it answers; empty when it is not ready, or does not answer."""
        try:
            return httpx.get(self._url + path, timeout=20).raise_for_status().text
        except httpx.HTTPError:
            return ""

    def ready(self) -> bool:
        return self.get("/readyz") != ""

    def scraped(self) -> set[str]:
        """The campaigns of which it exposes numbers."""
        return campaigns_in(self.get("/metrics"))


def campaigns_in(text: str) -> set[str]:
    return {
        sample.labels["campaign"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "campaign" in sample.labels
    }


class Published:
    """What lies in Redis, and whether it is what a recount gives."""

    def __init__(self, url: str, cluster: str) -> None:
        self.client = snapshots.connect(url)
        self.store = SnapshotStore(url, cluster, PARTITIONS)
        self._prefix = snapshots.Keys(cluster).hours("", "", "").removesuffix("::")

    async def hours(self) -> dict[tuple[str, str, str], dict[int, int]]:
        """The history of each campaign, channel and milestone by minute, no zeros."""
        found: dict[tuple[str, str, str], dict[int, int]] = {}
        keys: list[bytes] = await self.client.keys(f"{self._prefix}*")  # type: ignore[assignment]
        for key in keys:
            campaign, channel, milestone = key.decode().removeprefix(self._prefix).split(":")
            raw: Any = await self.client.hgetall(key)
            raw.pop(b"head", None)
            cells = (
                (int(hour) * 60 + int(minute), int(count))
                for hour, text in raw.items()
                for minute, count in (cell.split(b":") for cell in text.split())
            )
            if minutes := dict(sorted(cells)):
                found[campaign, channel, milestone] = minutes
        return found

    async def differs(self, events: Sequence[Event]) -> list[str]:
        """Where the numbers or the history are not the recount's."""
        shown: dict[str, Any] = {}
        expected: dict[tuple[str, str, str], dict[int, int]] = {}
        for campaign, sent in by_campaign(events).items():
            snapshot = await self.store.find(campaign)
            if snapshot is not None:
                shown[campaign] = {"as_of": snapshot.as_of, **numbers_of(snapshot)}
            for key, minutes in histories(sent, campaign=campaign).items():
                expected[campaign, *key] = minutes
        hours = await self.hours()
        return [
            *differences_in(events, shown),
            *(
                f"{key}: {expected.get(key)} were to be there, not {hours.get(key)}"
                for key in expected.keys() | hours.keys()
                if expected.get(key) != hours.get(key)
            ),
        ]

    async def is_true(self, events: Sequence[Event]) -> None:
        """Wait until nothing differs, and what is not there is known not to be."""

        async def unknown() -> bool:
            try:
                return await self.store.find("unknown") is None
            except RedisUnavailable:
                return False

        async def same() -> bool:
            return await self.differs(events) == []

        await until(unknown, "an unknown campaign to be known as such", 20.0)
        with suppress(AssertionError):
            await until(same, "Redis to hold what a recount gives", 10.0)
        assert await self.differs(events) == []


@asynccontextmanager
async def published(redis: str, kafka: str) -> Any:
    own = Published(redis, await cluster_id(settings_for(kafka)))
    await own.store.start()
    try:
        yield own
    finally:
        await own.store.stop()
        await own.client.aclose()


async def test_an_outage_longer_than_the_session_leaves_everything_whole(
    private_kafka: Callable[[], EmbeddedKafka],
    private_redis: Callable[[], EmbeddedRedis],
    port: int,
    tmp_path: Path,
    prefix: str,
) -> None:
    broker, redis = private_kafka(), private_redis()
    events = events_of(prefix, 6, 1_500)
    first, second, third = events[:1_000], events[:1_250], events
    with RealWorker(broker.bootstrap, redis.url, port, tmp_path) as worker:
        async with published(redis.url, broker.bootstrap) as stored:
            await send(broker.bootstrap, first)
            await until(worker.ready, "the worker to be ready")
            await stored.is_true(first)
            exposed = worker.scraped()
            assert exposed == by_campaign(first).keys()
            # Kafka goes away: nothing is shown, and what Redis holds stays.
            await asyncio.to_thread(broker.kill)
            await until(lambda: not worker.scraped(), "the numbers to be withheld", 10.0)
            assert not worker.ready()
            await asyncio.sleep(_SESSION_SECONDS)
            assert await stored.differs(first) == []
            await asyncio.to_thread(broker.start)
            await until(worker.ready, "the worker to be ready again")
            await until(lambda: worker.scraped() == exposed, "the numbers to be shown again", 5.0)
            # What comes now touches some hours alone: the others are still there.
            await send(broker.bootstrap, events[1_000:1_250])
            await stored.is_true(second)
            await stored.client.flushall()
            await stored.is_true(second)
            # Redis goes away, and comes back empty.
            await asyncio.to_thread(redis.kill)
            await send(broker.bootstrap, events[1_250:])
            await until(lambda: all_committed(broker.bootstrap), "counting to go on")
            await asyncio.to_thread(redis.start)
            await stored.is_true(third)
        assert worker.end(signal.SIGTERM) == 0


async def test_a_sleeper_that_wakes_up_gives_no_old_numbers_to_a_scrape(
    own_kafka: str, redis_url: str, port: int, tmp_path: Path, prefix: str
) -> None:
    kafka = own_kafka
    events = events_of(prefix, 14, 300)
    with RealWorker(kafka, redis_url, port, tmp_path) as worker:
        await until(worker.ready, "the worker to be ready")
        await send(kafka, events)
        await until(lambda: by_campaign(events).keys() <= worker.scraped(), "all to be exposed")
        await until(lambda: all_committed(kafka), "everything to be committed")
        worker.signal(signal.SIGSTOP)
        texts: list[str] = []
        scrape = threading.Thread(target=lambda: texts.append(worker.get("/metrics")))
        scrape.start()
        await asyncio.sleep(_SESSION_SECONDS + 1.0)
        worker.signal(signal.SIGCONT)
        await asyncio.to_thread(scrape.join)
        assert "streamer_events_total" in texts[0]
        assert campaigns_in(texts[0]) == set()
        await until(lambda: by_campaign(events).keys() <= worker.scraped(), "all to be back", 20.0)


@pytest.mark.parametrize("away", ["killed", "stopped"])
async def test_a_stop_ends_within_five_seconds_though_kafka_is_away(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, prefix: str, away: str
) -> None:
    broker = private_kafka()
    events = events_of(prefix, 15, 500)
    await ensure_topics(settings_for(broker.bootstrap))
    with Worker(broker.bootstrap, tmp_path, "one") as worker:
        await until(worker.ready, "the worker to be ready")
        await send(broker.bootstrap, events)
        child = broker.child
        assert child is not None
        child.signal({"killed": signal.SIGKILL, "stopped": signal.SIGSTOP}[away])
        started = time.monotonic()
        code = worker.end(signal.SIGTERM)
        assert time.monotonic() - started < 5.0
        assert code in {0, KafkaUnavailable.exit_code}
        child.signal(signal.SIGCONT)
        if away == "killed":
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
        worker.start()
        await settled(broker.bootstrap, events, [worker])


async def test_a_worker_that_sleeps_before_its_first_commit_reads_everything_again(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    kafka = own_kafka
    events = events_of(prefix, 16, 300)
    with Worker(kafka, tmp_path, "one", "--checkpoint", "3") as worker:
        await until(worker.ready, "the worker to be ready")
        await send(kafka, events)
        await until(lambda: differences(events, [worker]) == [], "all to be applied")
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(_SESSION_SECONDS + 1.0)
        worker.signal(signal.SIGCONT)
        await until(lambda: all_committed(kafka), "all to be read again", 20.0)
        await settled(kafka, events, [worker])
