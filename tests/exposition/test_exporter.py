"""A worker's exporter gives away what it is told, at once, and blocks for nobody."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streamer.exposition import snapshots
from streamer.exposition.exporter import WorkerExporter
from streamer.exposition.history import Query
from streamer.exposition.pipeline import WorkerMetrics
from streamer.processing.export import Exporter, Metrics
from streamer.settings import Settings
from streamer.state import Epoch, Hour
from tests.exposition.redis_pair import PARTITIONS, as_of, snapshot, store, until_as_of

EPOCH = Epoch(1, 1)
NOW = 1_800_000_000
DAY = 86_400


def exporter(redis: str, cluster: str = "x") -> WorkerExporter:
    settings = Settings.from_environment(
        {"STREAMER_METRICS": "127.0.0.1:0", "STREAMER_REDIS": redis}
    )
    own = WorkerExporter(settings, cluster, WorkerMetrics(), clock=lambda: NOW)
    own.set_speaks(lambda: True)
    return own


@asynccontextmanager
async def started(redis: str, cluster: str = "x") -> AsyncIterator[WorkerExporter]:
    own = exporter(redis, cluster)
    await own.start()
    try:
        yield own
    finally:
        await own.stop()


def campaigns(text: str) -> set[str]:
    return {
        sample.labels["campaign"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "campaign" in sample.labels
    }


async def get(own: WorkerExporter, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.get(f"http://{own.address}{path}")


def test_it_is_what_the_engine_asks_for() -> None:
    own: Exporter = exporter("redis://127.0.0.1:1/0")
    metrics: Metrics = WorkerMetrics()
    assert own
    assert metrics


async def test_what_is_published_is_scraped_and_read(redis_url: str) -> None:
    cluster = uuid4().hex
    async with started(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.publish(0, EPOCH, 1, snapshot("c"))
        text = (await get(own, "/metrics")).text
        assert campaigns(text) == {"c"}
        assert "streamer_redis_up" in text
        await until_as_of(reader, 1000)


async def test_when_all_is_complete_what_is_not_there_is_unknown(redis_url: str) -> None:
    cluster = uuid4().hex
    async with started(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.set_ready(lambda: True)
        own.publish(0, EPOCH, 1, snapshot("c"))
        own.hours(0, EPOCH, [Hour("c", "email", "sent", 10, (1,) * 60)])
        for partition in range(PARTITIONS):
            own.complete(partition, EPOCH)
        await until_as_of(reader, None, "unknown")
        found = await reader.hours("c", Query("email", "sent", 36_000, 60, 60))
        assert list(found) == [10]


async def test_a_campaign_that_is_not_retained_leaves_at_once(port: int) -> None:
    async with started(f"redis://127.0.0.1:{port}/0") as own:
        for name in ("a", "b"):
            own.publish(0, EPOCH, 1, snapshot(name))
        own.retain({"b"})
        assert campaigns((await get(own, "/metrics")).text) == {"b"}


async def test_who_may_not_speak_shows_no_campaign_whenever_it_is_asked(port: int) -> None:
    async with started(f"redis://127.0.0.1:{port}/0") as own:
        own.publish(0, EPOCH, 1, snapshot("c"))
        speaks = [False]
        own.set_speaks(lambda: speaks[0])
        text = (await get(own, "/metrics")).text
        assert campaigns(text) == set()
        assert "streamer_redis_up" in text
        speaks[0] = True
        assert campaigns((await get(own, "/metrics")).text) == {"c"}


async def test_what_is_withheld_is_shown_when_it_is_published_again(port: int) -> None:
    async with started(f"redis://127.0.0.1:{port}/0") as own:
        for name in ("a", "b"):
            own.publish(0, EPOCH, 1, snapshot(name))
        own.withhold()
        assert campaigns((await get(own, "/metrics")).text) == set()
        own.publish(0, EPOCH, 2, snapshot("a"))
        assert campaigns((await get(own, "/metrics")).text) == {"a"}


async def test_a_silence_takes_no_history_from_redis_and_no_campaign(redis_url: str) -> None:
    cluster = uuid4().hex
    query = Query("email", "sent", 36_000, 60, 120)
    keys = snapshots.Keys(cluster)
    client = snapshots.connect(redis_url)
    speaks = [True]
    async with started(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.set_ready(lambda: speaks[0])
        own.set_speaks(lambda: speaks[0])
        for name in ("c", "quiet"):
            own.publish(0, EPOCH, 1, snapshot(name))
        own.hours(0, EPOCH, [Hour("c", "email", "sent", 10, (1,) * 60)])
        for partition in range(PARTITIONS):
            own.complete(partition, EPOCH)
        await until_as_of(reader, None, "unknown")
        speaks[0] = False
        own.withhold()
        own.publish(0, EPOCH, 2, snapshot("c", 2000))
        await asyncio.sleep(0.3)
        assert await as_of(reader) == 1000
        speaks[0] = True
        own.hours(0, EPOCH, [Hour("c", "email", "sent", 11, (2,) * 60)])
        own.publish(0, EPOCH, 3, snapshot("c", 3000))
        await until_as_of(reader, 3000)
        assert list(await reader.hours("c", query)) == [10, 11]
        # Everything of the cluster, as a Redis that lost it.
        await client.delete(*await client.keys(f"{keys.index.removesuffix('campaigns')}*"))
        await until_as_of(reader, None, "unknown")
        assert [entry.campaign for entry in await reader.campaigns()] == ["c", "quiet"]
        assert list(await reader.hours("c", query)) == [10, 11]
    await client.aclose()


@pytest.mark.parametrize(
    ("end", "exposed"), [(None, True), (NOW - 30 * DAY, True), (NOW - 30 * DAY - 1, False)]
)
async def test_long_after_its_end_a_campaign_leaves_the_samples_only(
    redis_url: str,
    end: int | None,
    exposed: bool,  # noqa: FBT001
) -> None:
    cluster = uuid4().hex
    async with started(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.publish(0, EPOCH, 1, msgspec.structs.replace(snapshot("c"), end=NOW + DAY))
        own.publish(0, EPOCH, 2, msgspec.structs.replace(snapshot("c", 2000), end=end))
        assert (campaigns((await get(own, "/metrics")).text) == {"c"}) is exposed
        await until_as_of(reader, 2000)


async def test_readiness_is_the_engines_and_false_before(port: int) -> None:
    async with started(f"redis://127.0.0.1:{port}/0") as own:
        assert (await get(own, "/healthz")).status_code == 200
        assert (await get(own, "/readyz")).status_code == 503
        own.set_ready(lambda: True)
        assert (await get(own, "/readyz")).status_code == 200


async def test_it_stops_within_half_a_second_without_redis(port: int) -> None:
    own = exporter(f"redis://127.0.0.1:{port}/0")
    await own.start()
    own.publish(0, EPOCH, 1, snapshot())
    begun = time.monotonic()
    await own.stop()
    assert time.monotonic() - begun < 0.5
