"""Requests share records, and each is answered for exactly what holds something of it."""

import asyncio
import contextlib
import gc
import json
from collections.abc import Iterator

import pytest

from streamer.errors import KafkaUnavailable
from streamer.ingest.bodies import Budget
from streamer.ingest.packing import Packer, Record
from streamer.ingest.reading import RECORD_BYTES, Fragment
from streamer.transport.people import IDENTITIES
from streamer.transport.topics import DEADLETTERS
from tests.ingest.support import FakeKafka

LIMIT = 64 * 1024 * 1024


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Nothing is found to be garbage by a search: what is in a cycle stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def packer(kafka: FakeKafka, limit: int = LIMIT, patience: float = 1.0) -> Packer:
    return Packer(kafka, Budget(limit), linger=0.005, patience=patience)


def fragment(campaign: str, *numbers: int) -> Fragment:
    return Fragment(campaign.encode(), b",".join(b"%d" % n for n in numbers), len(numbers))


async def test_concurrent_requests_for_a_campaign_share_one_record() -> None:
    kafka = FakeKafka()
    pack = packer(kafka)
    await asyncio.gather(*(pack.take([fragment("a", n), fragment("b", n)]) for n in range(50)))
    assert [record.key for record in kafka.records] == [b"a", b"b"]
    assert all(sorted(json.loads(record.value)) == list(range(50)) for record in kafka.records)


async def test_what_arrives_while_a_record_is_on_its_way_shares_the_next() -> None:
    kafka = FakeKafka()
    kafka.acknowledges.clear()
    pack = packer(kafka)
    taking = [asyncio.create_task(pack.take([fragment("a", 0)]))]
    await kafka.received(1)
    for number in (1, 2, 3):
        taking.append(asyncio.create_task(pack.take([fragment("a", number)])))
        await asyncio.sleep(0.01)
    assert len(kafka.records) == 1, "none overtakes the one that is on its way"
    taking.append(asyncio.create_task(pack.take([fragment("b", 4)])))
    await kafka.received(2)
    kafka.acknowledges.set()
    await asyncio.gather(*taking)
    assert [json.loads(record.value) for record in kafka.records] == [[0], [4], [1, 2, 3]]


async def test_a_record_that_is_given_up_does_not_hold_up_the_next() -> None:
    class Forgetful(FakeKafka):
        async def send(self, record: Record) -> None:
            await super().send(record)
            if record.value == b"[0]":
                raise KafkaUnavailable("It lost this one.")

    kafka = Forgetful()
    kafka.acknowledges.clear()
    pack = packer(kafka)
    lost = asyncio.create_task(pack.take([fragment("a", 0)]))
    await kafka.received(1)
    taken = asyncio.create_task(pack.take([fragment("a", 1)]))
    await asyncio.sleep(0.01)
    kafka.acknowledges.set()
    with pytest.raises(KafkaUnavailable):
        await lost
    await taken


async def test_a_record_stays_below_its_bound_however_many_arrive() -> None:
    kafka = FakeKafka()
    pack = packer(kafka)
    big = Fragment(b"a", b'"' + b"x" * 200_000 + b'"', 1)
    await asyncio.gather(*(pack.take([big]) for _ in range(10)))
    assert len(kafka.records) == 5
    assert all(len(record.value) <= RECORD_BYTES + 2 for record in kafka.records)


async def test_a_request_waits_for_every_record_that_holds_something_of_it() -> None:
    kafka = FakeKafka()
    kafka.acknowledges.clear()
    taking = asyncio.create_task(packer(kafka).take([fragment("a", 1), fragment("b", 2)]))
    await kafka.received(2)
    assert not taking.done()
    kafka.acknowledges.set()
    await taking


async def test_one_lost_record_of_two_is_no_success() -> None:
    class HalfAway(FakeKafka):
        async def send(self, record: Record) -> None:
            if record.key == b"b":
                raise KafkaUnavailable("It lost one.")
            await super().send(record)

    pack = packer(HalfAway())
    with pytest.raises(KafkaUnavailable):
        await pack.take([fragment("a", 1), fragment("b", 2)])
    await pack.take([fragment("a", 3)])


async def test_impatience_is_unavailability_and_what_is_held_stays_counted() -> None:
    kafka = FakeKafka()
    kafka.acknowledges.clear()
    budget = Budget(LIMIT)
    pack = Packer(kafka, budget, linger=0, patience=0.05)
    with pytest.raises(KafkaUnavailable):
        await pack.take([fragment("a", 1)])
    assert budget.held == 1, "it is still on its way"
    kafka.acknowledges.set()
    await pack.flush()
    assert budget.held == 0


@pytest.mark.usefixtures("no_collection")
async def test_what_is_given_up_is_forgotten_at_once() -> None:
    class Away(FakeKafka):
        async def send(self, record: Record) -> None:
            raise KafkaUnavailable(f"It is not there for {record.topic}.")

    pack = packer(Away())
    for number in range(10):
        with contextlib.suppress(KafkaUnavailable):
            await pack.take([fragment("a", number)])
    await pack.flush()
    assert not [each for each in gc.get_objects() if isinstance(each, Record | Fragment)]


async def test_above_the_budget_it_is_refused_at_once() -> None:
    kafka = FakeKafka()
    kafka.acknowledges.clear()
    pack = packer(kafka, limit=10, patience=30)
    first = asyncio.create_task(pack.take([fragment("a", 12345678)]))
    await asyncio.sleep(0)
    async with asyncio.timeout(0.5):
        with pytest.raises(KafkaUnavailable):
            await pack.take([fragment("a", 123)])
    kafka.acknowledges.set()
    await first
    await pack.take([fragment("a", 123)])


async def test_records_of_their_own_go_out_beside_the_packed_ones() -> None:
    kafka = FakeKafka()
    await packer(kafka).take([fragment("a", 1)], [Record(DEADLETTERS, b"k", b"v")])
    assert kafka.letters() == [(DEADLETTERS, b"k", b"v")]
    assert len(kafka.touchpoints()) == 1


async def test_what_is_for_a_partition_shares_a_record_of_that_partition() -> None:
    kafka = FakeKafka()
    pack = packer(kafka)

    def link(number: int) -> Fragment:
        return Fragment(None, b"%d" % number, 0, IDENTITIES, number % 2)

    await asyncio.gather(*(pack.take([link(n), fragment("a", n)]) for n in range(20)))
    made = {(each.topic, each.key, each.partition): each.value for each in kafka.records}
    assert made.keys() == {
        ("identities", None, 0),
        ("identities", None, 1),
        ("touchpoints", b"a", None),
    }
    assert sorted(json.loads(made["identities", None, 1])) == list(range(1, 20, 2))


async def test_nothing_to_take_asks_nothing_of_kafka() -> None:
    kafka = FakeKafka()
    kafka.away = True
    await packer(kafka).take([])


async def test_a_flush_sends_what_is_still_being_filled() -> None:
    kafka = FakeKafka()
    pack = Packer(kafka, Budget(LIMIT), linger=60, patience=60)
    taking = asyncio.create_task(pack.take([fragment("a", 1)]))
    await asyncio.sleep(0)
    await pack.flush()
    await taking
    assert len(kafka.records) == 1
