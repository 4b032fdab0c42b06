"""What one worker writes every gateway reads, and nothing older ever comes back; on a real server.

Each test has a prefix of its own.
"""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from streamer.embedded.redis import EmbeddedRedis
from streamer.errors import RedisUnavailable
from streamer.exposition import snapshots
from streamer.exposition.history import Query
from streamer.exposition.store import SnapshotStore
from streamer.state import Epoch, Hour
from tests.exposition.redis_pair import (
    PARTITIONS,
    as_of,
    complete,
    snapshot,
    store,
    until,
    until_as_of,
    writer,
)

OLD, NEW = Epoch(1, 11), Epoch(2, 22)


@pytest.fixture
def cluster() -> str:
    return uuid4().hex


def hour(number: int, *counts: int, milestone: str = "sent") -> Hour:
    return Hour("c", "email", milestone, number, counts + (0,) * (60 - len(counts)))


async def test_a_snapshot_arrives_as_it_was(redis_url: str, cluster: str) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        told = snapshot(name="Été « 26 »")
        own.snapshot(0, OLD, 5, told)
        await until_as_of(reader, 1000)
        assert await reader.find("c") == told


async def test_each_change_is_seen(redis_url: str, cluster: str) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        for moment in range(1000, 1020):
            own.snapshot(0, OLD, moment, snapshot(as_of=moment))
            await until_as_of(reader, moment)


async def test_clusters_do_not_meet(redis_url: str, cluster: str) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.snapshot(0, OLD, 5, snapshot())
        await until_as_of(reader, 1000)
        async with store(redis_url, "another") as other:
            assert await as_of(other) == "away"


@pytest.mark.parametrize(
    ("late", "offset", "moment", "stands"),
    [
        (OLD, 99, 2000, 1000),  # an older owner, whatever it has read
        (Epoch(2, 33), 9, 2000, 1000),  # of two of the same number, the one that has read less
        (Epoch(2, 33), 10, 999, 1000),  # or else the older moment
        (Epoch(2, 33), 10, 1001, 1001),
        (Epoch(2, 33), 11, 1, 1),
        (NEW, 10, 999, 999),  # the owner itself, whose clock was set back
        (NEW, 9, 2000, 1000),
        (Epoch(3, 1), 0, 1, 1),
    ],
)
async def test_a_late_write_of_an_older_owner_is_refused(
    redis_url: str, cluster: str, late: Epoch, offset: int, moment: int, stands: int
) -> None:
    async with store(redis_url, cluster) as reader:
        async with writer(redis_url, cluster) as owner:
            owner.snapshot(0, NEW, 10, snapshot(as_of=1000))
            await until_as_of(reader, 1000)
        async with writer(redis_url, cluster) as other:
            other.snapshot(0, late, offset, snapshot(as_of=moment))
            # Written after it, by the same writer: once it is seen the other was decided.
            other.snapshot(0, late, offset, snapshot("after", as_of=5))
            await until_as_of(reader, 5, "after")
        assert await as_of(reader) == stands


async def test_a_campaign_is_unknown_only_when_every_partition_is_complete(
    redis_url: str, cluster: str
) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        assert await as_of(reader) == "away"
        own.complete(0, OLD)
        own.snapshot(0, OLD, 5, snapshot("other"))
        await until_as_of(reader, 1000, "other")
        assert await as_of(reader) == "away"
        with pytest.raises(RedisUnavailable):
            await reader.campaigns()
        own.complete(1, OLD)
        await until_as_of(reader, None)
        assert await reader.campaigns() == [snapshots.Entry("other", "", 1000)]


async def test_who_does_not_speak_for_its_partitions_marks_none(
    redis_url: str, cluster: str
) -> None:
    ready = [False]
    async with (
        writer(redis_url, cluster, lambda: ready[0]) as own,
        store(redis_url, cluster) as reader,
    ):
        complete(own, OLD)
        own.snapshot(0, OLD, 5, snapshot("other"))
        await until_as_of(reader, 1000, "other")
        assert await as_of(reader) == "away"
        ready[0] = True
        await until_as_of(reader, None)


async def test_hours_are_absolute_and_the_new_owners_replace_all(
    redis_url: str, cluster: str
) -> None:
    query = Query("email", "sent", 36_000, 60, 120)
    async with store(redis_url, cluster) as reader:

        async def found() -> dict[int, bytes]:
            return dict(await reader.hours("c", query))

        async def reached(expected: dict[int, bytes]) -> None:
            async def same() -> bool:
                return await found() == expected

            await until(same)

        async with writer(redis_url, cluster) as owner, writer(redis_url, cluster) as heir:
            owner.hours(0, OLD, [hour(10, 1), hour(11, 7), hour(11, 9, milestone="opened")])
            await reached({10: b"0:1", 11: b"0:7"})
            owner.hours(0, OLD, [hour(10, 2, 3)])
            await reached({10: b"0:2 1:3", 11: b"0:7"})
            owner.hours(0, OLD, [hour(10)])
            await reached({11: b"0:7"})
            heir.hours(0, NEW, [hour(10, 4)])
            await reached({10: b"0:4"})
            owner.hours(0, OLD, [hour(10, 9), hour(11, 9)])
            owner.snapshot(0, OLD, 5, snapshot("after"))
            await until_as_of(reader, 1000, "after")
            assert await found() == {10: b"0:4"}
            assert await reader.hours("c", query._replace(milestone="opened")) == {}


async def test_a_long_history_is_read_too(redis_url: str, cluster: str) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.hours(0, OLD, [hour(number, number) for number in range(1, 9001)])
        own.snapshot(0, OLD, 5, snapshot())
        await until_as_of(reader, 1000)
        query = Query("email", "sent", 0, 86_400, 10_000)
        found = await reader.hours("c", query)
        assert len(found) == 9000
        assert found[8999] == b"0:8999"


async def test_redis_away_and_back_empty_all_is_published_anew(
    private_redis: Callable[[], EmbeddedRedis], cluster: str
) -> None:
    server = private_redis()
    async with writer(server.url, cluster) as own, store(server.url, cluster) as reader:
        complete(own, OLD)
        own.hours(0, OLD, [hour(10, 4)])
        own.snapshot(0, OLD, 5, snapshot())
        own.snapshot(1, OLD, 5, snapshot("quiet"))
        await until_as_of(reader, 1000)
        await until_as_of(reader, None, "unknown")
        await asyncio.to_thread(server.kill)
        await until_as_of(reader, "away")
        own.snapshot(0, OLD, 6, snapshot(as_of=2000))
        own.snapshot(0, OLD, 7, snapshot(as_of=3000))
        own.hours(0, OLD, [hour(11, 5)])
        await asyncio.to_thread(server.start)
        await until_as_of(reader, 3000)
        await until_as_of(reader, 1000, "quiet")
        await until_as_of(reader, None, "unknown")
        found = await reader.hours("c", Query("email", "sent", 36_000, 60, 120))
        assert found == {10: b"0:4", 11: b"0:5"}


async def test_what_redis_forgets_is_published_anew(redis_url: str, cluster: str) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        complete(own, OLD)
        own.snapshot(0, OLD, 5, snapshot())
        await until_as_of(reader, None, "unknown")
        client = snapshots.connect(redis_url)
        keys = snapshots.Keys(cluster)
        await client.delete(keys.index, keys.complete, keys.campaign("c"))
        await client.script_flush()
        assert await as_of(reader, "unknown") == "away"
        await until_as_of(reader, None, "unknown")
        assert await reader.campaigns() == [snapshots.Entry("c", "", 1000)]
        await client.aclose()


async def test_a_forgotten_campaign_is_not_published_anew(
    private_redis: Callable[[], EmbeddedRedis], cluster: str
) -> None:
    server = private_redis()
    async with writer(server.url, cluster) as own, store(server.url, cluster) as reader:
        complete(own, OLD)
        own.snapshot(0, OLD, 5, snapshot())
        own.snapshot(0, OLD, 5, snapshot("kept"))
        await until_as_of(reader, 1000)
        own.retain({"kept"})
        own.complete(0, NEW)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await until_as_of(reader, 1000, "kept")
        # The other partition has another owner, who has not published yet.
        assert await as_of(reader) == "away"


async def test_the_last_snapshot_is_written_before_the_end(redis_url: str, cluster: str) -> None:
    async with store(redis_url, cluster) as reader:
        async with writer(redis_url, cluster) as own:
            own.snapshot(0, OLD, 5, snapshot())
            await until_as_of(reader, 1000)
            own.snapshot(0, OLD, 6, snapshot(as_of=2000))
        await until_as_of(reader, 2000)


async def test_nothing_hangs_when_redis_never_comes(port: int) -> None:
    url = f"redis://127.0.0.1:{port}/0"
    async with writer(url, "x") as own, store(url, "x") as reader:
        complete(own, OLD)
        own.snapshot(0, OLD, 5, snapshot())
        assert await as_of(reader) == "away"


async def test_many_readers_share_one_read(redis_url: str, cluster: str) -> None:
    async with writer(redis_url, cluster) as own, store(redis_url, cluster) as reader:
        own.snapshot(0, OLD, 5, snapshot())
        await until_as_of(reader, 1000)
        held = await asyncio.gather(*(reader.held("c") for _ in range(50)))
        assert len({id(one) for one in held}) == 1


async def test_marks_of_an_earlier_life_of_redis_do_not_count(redis_url: str, cluster: str) -> None:
    client = snapshots.connect(redis_url)
    async with store(redis_url, cluster) as reader:
        for partition in ("0", "1"):
            await client.hset(snapshots.Keys(cluster).complete, partition, "1:earlier")
        assert await as_of(reader) == "away"
    await client.aclose()


async def test_what_was_published_while_the_subscription_was_down_is_seen(
    private_redis: Callable[[], EmbeddedRedis], cluster: str
) -> None:
    server = private_redis()
    client = snapshots.connect(server.url)
    async with writer(server.url, cluster) as own, store(server.url, cluster) as reader:
        own.snapshot(0, OLD, 5, snapshot(as_of=1000))
        await until_as_of(reader, 1000)
        async with client.pipeline(transaction=False) as pipe:
            pipe.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            body = snapshots.encode_snapshot(snapshot(as_of=2000))
            pipe.hset(snapshots.Keys(cluster).campaign("c"), "body", body)
            await pipe.execute()
        await until_as_of(reader, 2000)
    await client.aclose()


async def test_all_is_published_anew_even_before_anything_is_complete(
    private_redis: Callable[[], EmbeddedRedis], cluster: str
) -> None:
    server = private_redis()
    async with writer(server.url, cluster) as own, store(server.url, cluster) as reader:
        own.snapshot(0, OLD, 5, snapshot())
        await until_as_of(reader, 1000)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await until_as_of(reader, 1000)


async def test_a_partition_that_came_back_meanwhile_is_not_marked_too_soon(
    redis_url: str, cluster: str
) -> None:
    asked: list[bool] = []

    def ready() -> bool:
        # Called when all of the first epoch is written, and before its mark is.
        asked.append(True)
        if len(asked) == 1:
            own.retain(())
            own.complete(0, NEW)
        return len(asked) == 1

    client = snapshots.connect(redis_url)
    async with writer(redis_url, cluster, ready) as own, store(redis_url, cluster) as reader:
        own.complete(0, OLD)

        async def asked_twice() -> bool:
            return len(asked) > 1

        await until(asked_twice)
        own.snapshot(0, NEW, 5, snapshot())
        await until_as_of(reader, 1000)
        assert await client.hgetall(snapshots.Keys(cluster).complete) == {}
    await client.aclose()


class _Slow(SnapshotStore):
    """A store whose reads arrive late: they have been answered, and are on their way."""

    gate: asyncio.Event | None = None
    answered = False

    async def _read(self, campaign: str) -> bytes | None:
        body = await super()._read(campaign)
        if self.gate:
            self.answered = True
            await self.gate.wait()
        return body


async def test_a_read_that_a_change_has_overtaken_is_not_kept(redis_url: str, cluster: str) -> None:
    reader = _Slow(redis_url, cluster, PARTITIONS)
    await reader.start()

    async def answered() -> bool:
        return reader.answered

    async with writer(redis_url, cluster) as own:
        own.snapshot(0, OLD, 5, snapshot(as_of=1000))
        await until_as_of(reader, 1000)
        own.snapshot(0, OLD, 6, snapshot(as_of=2000))
        await until_as_of(reader, 2000)
        gate = reader.gate = asyncio.Event()
        own.snapshot(0, OLD, 7, snapshot(as_of=3000))
        with reader.watch("c") as changed:
            await changed.wait()
            changed.clear()
            late = asyncio.create_task(reader.find("c"))
            await until(answered)
            own.snapshot(0, OLD, 8, snapshot(as_of=4000))
            await changed.wait()
        reader.gate = None
        gate.set()
        await late
        assert await as_of(reader) == 4000
    await reader.stop()
