"""Events without a campaign, on a real Kafka: each comes to one campaign, and to no second one.

Each test ends the same way: every event is in `touchpoints` under exactly one campaign, the one
that the stored decisions say.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from streamer.embedded.kafka import EmbeddedKafka
from streamer.errors import UnreadableRecord
from streamer.transport import deadletters
from streamer.transport.people import IDENTITIES, INBOUND, Alias, Link
from streamer.transport.topics import GROUP, TOUCHPOINTS
from tests.identity.reference import campaigns_of
from tests.identity.world import world
from tests.processing.cluster import (
    PARTITIONS,
    PATIENCE,
    Worker,
    all_committed,
    read_letters,
    send_raw,
    until,
)
from tests.processing.people import (
    decided,
    forwarded,
    inboxes,
    send_inbound,
    send_links,
    send_plans,
)

pytestmark = pytest.mark.kafka

Event = dict[str, Any]


def reply(prefix: str, number: int, time: str = "2026-03-02T10:00:00Z", **more: Any) -> Event:
    return {
        "specversion": "1.0",
        "id": f"{prefix}-{number}",
        "source": "/sms",
        "type": "sms.replied",
        "time": time,
        "subject": f"{prefix}-person-{number}",
        **more,
    }


async def settled(kafka: str, prefix: str, events: Sequence[Event]) -> dict[str, str]:
    """All is committed; the one campaign of each event."""
    await until(lambda: all_committed(kafka), "everything to be committed")
    found = await forwarded(kafka, prefix)
    assert sorted(found) == sorted({event["id"] for event in events})
    assert [campaigns for campaigns in found.values() if len(campaigns) > 1] == []
    campaigns = {name: one for name, (one,) in found.items()}
    assert campaigns == await decided(kafka, events)
    return campaigns


async def waiting(kafka: str, prefix: str) -> set[str]:
    """The events of ours that are stored as waiting."""
    found = [a.id for inbox in (await inboxes(kafka)).values() for a in inbox.waiting.all()]
    return {name for name in found if name.startswith(prefix)}


async def test_an_event_waits_until_a_link_appears(kafka: str, tmp_path: Path, prefix: str) -> None:
    events = [reply(prefix, number, type="customer.won") for number in range(30)]
    with Worker(kafka, tmp_path, "one") as worker:
        await until(worker.ready, "the worker to be ready")
        await send_inbound(kafka, events)
        await until(lambda: all_committed(kafka), "everything to be committed")
        assert await forwarded(kafka, prefix) == {}
        assert len(await waiting(kafka, prefix)) == 30
        assert worker.end(signal.SIGTERM) == 0
        worker.start()
        await send_links(kafka, [Link(event["subject"], f"{prefix}-c") for event in events])

        async def all_there() -> bool:
            return len(await forwarded(kafka, prefix)) == 30

        await until(all_there, "the events to be forwarded")
        assert set((await settled(kafka, prefix, events)).values()) == {f"{prefix}-c"}

        def counted() -> bool:
            shown = worker.shown().get(f"{prefix}-c", {}).get("milestones", [])
            row = {"channel": "all", "milestone": "customer", "window": "campaign", "value": 30}
            return row in shown

        await until(counted, "the campaign to be shown")
    assert await waiting(kafka, prefix) == set()


async def test_events_under_another_name_go_where_their_person_belongs(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    events = [reply(prefix, number) for number in range(30)]
    names = [Alias(event["subject"], f"{event['subject']}-name", 1) for event in events]
    with Worker(kafka, tmp_path, "one") as worker:
        await until(worker.ready, "the worker to be ready")
        await send_links(kafka, names[:10])
        await send_inbound(kafka, events)
        await until(lambda: all_committed(kafka), "everything to be committed")
        worker.end(signal.SIGKILL)
        worker.start()
        await send_links(kafka, [Link(name.person, f"{prefix}-c") for name in names])
        await send_links(kafka, names[10:])

        async def all_there() -> bool:
            return len(await forwarded(kafka, prefix)) == 30

        await until(all_there, "the events to be forwarded")
        found = await forwarded(kafka, prefix)
        assert found == {event["id"]: {f"{prefix}-c"} for event in events}
        await until(lambda: all_committed(kafka), "everything to be committed")
        assert await waiting(kafka, prefix) == set()


class Play:
    """A world that is sent while workers come and go: some of its links before its events.

    Nobody in the one half is heard of again once the first event was sent, so that the reference
    knows what must be decided; of the other half some links come only then.
    """

    def __init__(self, kafka: str, prefix: str, seed: int, events: int = 300) -> None:
        self._kafka = kafka
        self._prefix = prefix
        self.world = world(seed, 40, events, prefix)
        chance = random.Random(seed)
        self._late = {link["identity"] for link in self.world.links if chance.random() < 0.3}
        cut = len(self.world.links) // 2
        self._then = [link for link in self.world.links[cut:] if link["identity"] in self._late]
        self._before = [link for link in self.world.links if link not in self._then]

    async def prepare(self) -> None:
        """What is known before."""
        await send_plans(self._kafka, self.world.plans)
        await send_links(self._kafka, [Link(**link) for link in self._before])

    async def run(self, pause: float = 0.005) -> None:
        """The events, and beside them what else comes to be known; some of both twice."""
        links = [Link(**link) for link in self._then]
        await asyncio.gather(
            send_inbound(self._kafka, self.world.events, pause),
            send_links(self._kafka, [*links, *links], 1, pause),
        )

    async def settled(self) -> None:
        """All is committed and forwarded once, or waits; what the reference knows is so."""
        expected = campaigns_of(self.world.events, self.world.links, self.world.plans)
        sent = {event["id"] for event in self.world.events}

        async def complete() -> bool:
            """What waits with a campaign to come to is on its way."""
            if not await all_committed(self._kafka):
                return False
            there = set(await forwarded(self._kafka, self._prefix))
            return there | await waiting(self._kafka, self._prefix) == sent

        await until(complete, "every event to be forwarded or to wait")
        found = await forwarded(self._kafka, self._prefix)
        assert [names for names in found.values() if len(names) > 1] == []
        ours = {name: one for name, (one,) in found.items()}
        stored = await decided(self._kafka, self.world.events)
        assert ours == {name: campaign for name, campaign in stored.items() if campaign}
        known = {e["id"] for e in self.world.events if e["subject"] not in self._late}
        assert {n: ours.get(n) for n in known} == {n: expected[n] for n in known}
        assert {n for n, campaign in expected.items() if campaign} <= set(ours)


async def test_a_kill_at_any_moment_loses_and_doubles_nothing(
    kafka: str, tmp_path: Path, prefix: str, kill_seed: int
) -> None:
    chance = random.Random(kill_seed)
    play = Play(kafka, prefix, kill_seed)
    await play.prepare()
    with Worker(kafka, tmp_path, "one") as worker:
        running = asyncio.create_task(play.run())
        for _ in range(3):
            await until(worker.ready, "the worker to be ready")
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            worker.end(signal.SIGKILL)
            worker.start()
        await running
        await play.settled()


async def test_another_worker_takes_over_from_a_killed_one(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    play = Play(kafka, prefix, 1_001)
    await play.prepare()
    with Worker(kafka, tmp_path, "one") as one, Worker(kafka, tmp_path, "two") as two:
        await until(lambda: one.ready() and two.ready(), "both to be ready")
        running = asyncio.create_task(play.run())
        await asyncio.sleep(0.7)
        one.end(signal.SIGKILL)
        await running
        await play.settled()


async def test_workers_that_come_and_go_share_the_partitions(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    play = Play(kafka, prefix, 1_002, 600)
    await play.prepare()
    with Worker(kafka, tmp_path, "one") as one, Worker(kafka, tmp_path, "two") as two:
        await until(one.ready, "the first to be ready")
        running = asyncio.create_task(play.run())
        await asyncio.sleep(1.0)
        assert two.end(signal.SIGTERM) == 0
        await asyncio.sleep(1.0)
        two.start()
        await running
        await play.settled()


async def test_a_sleeper_that_wakes_up_decides_nothing_twice(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    play = Play(kafka, prefix, 1_003)
    await play.prepare()
    with Worker(kafka, tmp_path, "sleeper") as one, Worker(kafka, tmp_path, "other") as two:
        await until(one.ready, "the sleeper to be ready")
        running = asyncio.create_task(play.run(0.02))
        await asyncio.sleep(0.5)
        one.signal(signal.SIGSTOP)
        await until(two.ready, "the other to be ready")
        await asyncio.sleep(1.0)
        one.signal(signal.SIGCONT)
        await running
        await play.settled()


async def letters(kafka: str, prefix: str) -> dict[str, tuple[str, str]]:
    """Of our dead letters by their text the reasons and the ids."""
    found = []
    for key, value in await read_letters(kafka):
        # Other tests seal theirs with secrets of their own.
        with contextlib.suppress(UnreadableRecord):
            found.append((deadletters.read(b"test", key, value), deadletters.letter_id(key)))
    return {
        (one.value or b"").decode(): (one.reason, name)
        for one, name in found
        if prefix in repr(one.value)
    }


async def replay(kafka: str, *names: str) -> int:
    """Replay letters as the operator does, who binds the Kafka to his secret; the exit code."""
    command = [sys.executable, "-m", "streamer", "deadletters", "replay", *names]
    env = {**os.environ, "STREAMER_KAFKA": kafka, "STREAMER_SECRET": "test"}
    process = await asyncio.create_subprocess_exec(*command, env=env)
    return await asyncio.wait_for(process.wait(), PATIENCE)


async def test_what_waits_too_long_goes_to_the_dead_letters_and_may_come_back(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    kafka = own_kafka
    # Both are of last quarter; one of them came a moment ago.
    old, late = reply(prefix, 0), reply(prefix, 1)
    with Worker(kafka, tmp_path, "one", "--waiting-days", "30") as worker:
        await until(worker.ready, "the worker to be ready")
        await send_inbound(kafka, [old], came=time.time() - 31 * 86_400)
        await send_inbound(kafka, [late])

        async def put_aside() -> bool:
            return await waiting(kafka, prefix) == {late["id"]}

        await until(put_aside, "the one that has waited to be put aside")
        ((text, (reason, name)),) = (await letters(kafka, prefix)).items()
        assert json.loads(text) == old
        assert "within 30 days" in reason
        for _ in range(2):
            assert await replay(kafka, name) == 0

        async def both_wait() -> bool:
            return await waiting(kafka, prefix) == {old["id"], late["id"]}

        await until(both_wait, "it to wait again")
        await send_links(kafka, [Link(each["subject"], f"{prefix}-c") for each in (old, late)])

        async def there() -> bool:
            return len(await forwarded(kafka, prefix)) == 2

        await until(there, "both to be forwarded")
        assert await replay(kafka, name) == 0
        assert set((await settled(kafka, prefix, [old, late])).values()) == {f"{prefix}-c"}


async def test_links_and_events_that_were_set_aside_come_back_by_a_replay(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    kafka = own_kafka
    event = reply(prefix, 0)
    await send_links(kafka, [Link(event["subject"], f"{prefix}-c")])
    await send_inbound(kafka, [event])
    places = [[topic, n, 0] for topic in (INBOUND, IDENTITIES) for n in range(PARTITIONS)]
    with Worker(kafka, tmp_path, "one", "--quarantine", json.dumps(places)) as worker:
        await until(worker.ready, "the worker to be ready")
        await until(lambda: all_committed(kafka), "both to be set aside")
        assert await forwarded(kafka, prefix) == {}
        names = [name for _, name in (await letters(kafka, prefix)).values()]
        assert len(names) == 2
        assert await replay(kafka, *names) == 0

        async def there() -> bool:
            return await forwarded(kafka, prefix) == {event["id"]: {f"{prefix}-c"}}

        await until(there, "the event to be forwarded")


async def test_what_cannot_be_read_is_kept_sealed_and_passed_by(
    kafka: str, tmp_path: Path, prefix: str
) -> None:
    good = reply(prefix, 0)
    with Worker(kafka, tmp_path, "one") as worker:
        await until(worker.ready, "the worker to be ready")
        await send_raw(kafka, prefix.encode(), f"{prefix} no JSON".encode(), INBOUND)
        await send_raw(kafka, prefix.encode(), f'["{prefix}"]'.encode(), IDENTITIES)
        await send_inbound(kafka, [{**good, "campaign": "c"}])
        await send_links(kafka, [Link(good["subject"], f"{prefix}-c")])
        await send_inbound(kafka, [good])
        assert await settled(kafka, prefix, [good]) == {good["id"]: f"{prefix}-c"}
    reasons = sorted(reason[:9] for reason, _ in (await letters(kafka, prefix)).values())
    assert reasons == ["it is nei", "its value", "its value"]


async def test_a_defect_ends_the_worker_and_quarantine_gets_past_it(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, prefix: str
) -> None:
    kafka = private_kafka().bootstrap
    poison = reply(prefix, 0, source="/poison")
    good = reply(prefix, 1)
    await send_links(kafka, [Link(event["subject"], f"{prefix}-c") for event in (poison, good)])
    await send_inbound(kafka, [poison])
    sabotage = ("--sabotage", "raise_on_a_source")
    with Worker(kafka, tmp_path, "one", *sabotage) as worker:
        assert worker.process.wait(timeout=30) == 1
        assert "tripped" in worker.log.read_text()
    places = [[INBOUND, partition, 0] for partition in range(PARTITIONS)]
    with Worker(kafka, tmp_path, "two", *sabotage, "--quarantine", json.dumps(places)) as worker:
        await until(lambda: all_committed(kafka), "the worker to get past it")
    assert await forwarded(kafka, prefix) == {}
    with Worker(kafka, tmp_path, "three", *sabotage) as worker:
        await send_inbound(kafka, [good])
        assert await settled(kafka, prefix, [good]) == {good["id"]: f"{prefix}-c"}
    reasons = [reason for reason, _ in (await letters(kafka, prefix)).values()]
    assert reasons == ["set aside by the operator"]


async def test_a_skipped_record_stops_the_worker(
    private_kafka: Callable[[], EmbeddedKafka], tmp_path: Path, prefix: str
) -> None:
    kafka = private_kafka().bootstrap
    one = reply(prefix, 0)
    await send_inbound(kafka, [one] * 300)
    with Worker(kafka, tmp_path, "one", "--sabotage", "skip_an_arrival") as worker:
        assert worker.process.wait(timeout=30) == 70
        assert "Records of inbound-" in worker.log.read_text()


async def shares(kafka: str) -> list[list[list[int]]]:
    """Of each member of the group its partitions of each of the topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([GROUP])
    finally:
        await admin.close()
    found = []
    for *_, raw in answer.groups[0][5]:
        topics = dict(ConsumerProtocolMemberAssignment.decode(raw).assignment if raw else [])
        found.append([sorted(topics.get(t, [])) for t in (TOUCHPOINTS, INBOUND, IDENTITIES)])
    return found


async def test_one_partition_of_all_topics_is_one_workers(own_kafka: str, tmp_path: Path) -> None:
    kafka = own_kafka
    with Worker(kafka, tmp_path, "one") as one, Worker(kafka, tmp_path, "two") as two:
        await until(lambda: one.ready() and two.ready(), "both to be ready")

        async def shared() -> bool:
            sizes = [len(share[0]) for share in await shares(kafka)]
            return sizes == [PARTITIONS // 2] * 2

        await until(shared, "both to have their share")
        found = await shares(kafka)
    assert all(one == another for share in found for one in share for another in share)
    assert sorted(number for share in found for number in share[0]) == list(range(PARTITIONS))


# One event, its campaign and a second one that comes to be known: who decides, and when.


class Pair:
    """An event that belongs to A as far as is known, and to B once that is known as well."""

    def __init__(self, kafka: str, prefix: str) -> None:
        self._kafka = kafka
        self.prefix = prefix
        self.event = reply(prefix, 0)
        self.a, self.b = f"{prefix}-a", f"{prefix}-b"

    async def a_is_known(self) -> None:
        await send_links(self._kafka, [Link(self.event["subject"], self.a)])
        await until(lambda: all_committed(self._kafka), "the link to be committed")

    async def b_is_known(self) -> None:
        await send_links(self._kafka, [Link(self.event["subject"], self.b, 1_772_000_000)])

    async def comes(self, worker: Worker) -> None:
        """It comes, and the worker has decided it and pauses."""
        trap = worker.out.with_suffix(".trapped")
        await send_inbound(self._kafka, [self.event])
        await until(trap.exists, "the worker to decide")

    async def there(self) -> bool:
        return bool(await forwarded(self._kafka, self.prefix))

    async def campaigns(self) -> set[str]:
        """Where it came to in the end."""
        await until(self.there, "the event to be forwarded")
        await until(lambda: all_committed(self._kafka), "everything to be committed")
        return (await forwarded(self._kafka, self.prefix))[self.event["id"]]


async def killed(kafka: str, tmp_path: Path, pair: Pair, *sabotages: str) -> set[str]:
    """A worker is killed in its pause; B is known when the next one begins."""
    with Worker(kafka, tmp_path, "one", *arguments(*sabotages)) as one:
        await until(one.ready, "the first worker to be ready")
        await pair.a_is_known()
        await pair.comes(one)
    await pair.b_is_known()
    with Worker(kafka, tmp_path, "two"):
        return await pair.campaigns()


async def asleep(kafka: str, tmp_path: Path, pair: Pair, *sabotages: str) -> tuple[set[str], int]:
    """A worker sleeps in its pause; B is known when another takes over; then the first wakes up.

    The campaigns of the event, and how the sleeper ended (0: it lives).
    """
    with (
        Worker(kafka, tmp_path, "one", *arguments("pause_before_storing", *sabotages)) as one,
    ):
        await until(one.ready, "the sleeper to be ready")
        await pair.a_is_known()
        await pair.comes(one)
        one.signal(signal.SIGSTOP)
        await pair.b_is_known()
        with Worker(kafka, tmp_path, "two", *arguments(*sabotages)):
            await until(pair.there, "the other to forward the event")
            one.signal(signal.SIGCONT)
            await asyncio.sleep(4.0)
            return await pair.campaigns(), one.process.poll() or 0


def arguments(*sabotages: str) -> list[str]:
    return [word for sabotage in sabotages for word in ("--sabotage", sabotage)]


async def test_a_decision_that_was_not_stored_was_not_forwarded(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    pair = Pair(own_kafka, prefix)
    assert await killed(own_kafka, tmp_path, pair, "pause_before_storing") == {pair.b}


async def test_a_decision_that_was_stored_stands_though_more_is_known(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    pair = Pair(own_kafka, prefix)
    assert await killed(own_kafka, tmp_path, pair, "pause_after_storing") == {pair.a}


async def test_a_sleeper_with_a_decision_in_hand_is_shut_out(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    pair = Pair(own_kafka, prefix)
    found, end = await asleep(own_kafka, tmp_path, pair)
    assert found == {pair.b}
    # Shut out, unless it heard before it wrote that the partitions are another's.
    assert end in {0, 71}


# The guards, taken away: each test shows that its absence is noticed.


async def test_forwarding_before_the_decision_is_stored_is_noticed(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    pair = Pair(own_kafka, prefix)
    sabotage = "forward_before_the_decision_is_stored"
    assert await killed(own_kafka, tmp_path, pair, sabotage) == {pair.a, pair.b}


async def test_a_sleeper_that_nobody_shuts_out_is_noticed(
    own_kafka: str, tmp_path: Path, prefix: str
) -> None:
    pair = Pair(own_kafka, prefix)
    sabotage = "open_journals_that_shut_nobody_out"
    found, _ = await asleep(own_kafka, tmp_path, pair, sabotage)
    assert found == {pair.a, pair.b}
