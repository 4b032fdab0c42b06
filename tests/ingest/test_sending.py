"""The producer that outlives what its client does not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition

from streamer.errors import KafkaUnavailable, SettingsError
from streamer.events import encode_batch
from streamer.ingest import sending
from streamer.ingest.packing import Record
from streamer.ingest.sending import KafkaSender
from streamer.ingest.server import serve
from streamer.transport.topics import TOUCHPOINTS
from tests.ingest.running import PARTITIONS, records_of, unique, until
from tests.ingest.support import FakePlans, event, settings


@asynccontextmanager
async def sender(kafka: str) -> AsyncIterator[KafkaSender]:
    made = KafkaSender(settings(KAFKA=kafka))
    running = asyncio.create_task(made.run())
    try:
        await until(lambda: not made.why_not_ready(), 20)
        yield made
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def record(campaign: str, number: int) -> Record:
    value = encode_batch([event(campaign=campaign, id=str(number))])
    return Record(TOUCHPOINTS, campaign.encode(), value)


@pytest.mark.kafka
async def test_a_client_that_cannot_go_on_is_replaced(kafka: str) -> None:
    campaign = unique("replaced")
    async with sender(kafka) as made:
        await made.send(record(campaign, 1))
        first: Any = made._producer
        # A hole in the sequence, as a batch leaves that was given up.
        for number in range(PARTITIONS):
            place = TopicPartition(TOUCHPOINTS, number)
            first._txn_manager.increment_sequence_number(place, 7)
        with pytest.raises(KafkaUnavailable):
            await made.send(record(campaign, 2))
        await asyncio.wait_for(made.send(record(campaign, 3)), 10)
        assert made._producer is not first
        await until(lambda: not made.why_not_ready(), 10)
    found = [each.id for events in await records_of(kafka, campaign) for each in events]
    assert found == ["1", "3"]


@pytest.mark.kafka
async def test_it_is_not_ready_when_kafka_answers_and_does_not_acknowledge(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        async def send(self, *_: object, **__: object) -> asyncio.Future[None]:
            return asyncio.get_running_loop().create_future()

    async def silent() -> Any:
        return Silent()

    monkeypatch.setattr(sending, "_LATE_SECONDS", 0.05)
    async with sender(kafka) as made:
        monkeypatch.setattr(made, "_current", silent)
        waiting = asyncio.create_task(made.send(record("c", 1)))
        await until(lambda: made.why_not_ready() == "Kafka does not acknowledge.")
        waiting.cancel()
        await until(lambda: not made.why_not_ready())


@pytest.mark.kafka
async def test_topics_of_another_size_end_the_gateway(kafka: str) -> None:
    async with sender(kafka):
        with pytest.raises(SettingsError, match="set it to 8"):
            async with asyncio.timeout(20):
                await serve(settings(KAFKA=kafka, PARTITIONS="3"), plans=FakePlans(), sources={})
