"""A gateway that really runs, on ports of its own, in front of a real Kafka."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from streamer.events import Event, decode_record
from streamer.ingest.packing import Record
from streamer.ingest.server import serve
from streamer.settings import Address, Settings
from streamer.transport.topics import TOUCHPOINTS
from tests.ingest.support import AUTHORISED, FakePlans

PARTITIONS = 8  # as by default


class Running:
    """Its addresses, its plans, and a client of it that is authorised."""

    def __init__(self, gateway: Address, metrics: Address, client: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.metrics = metrics
        self.client = client

    async def ready(self, seconds: float = 30.0) -> None:
        """Wait until it says that it is ready."""

        async def is_ready() -> bool:
            return (await self.client.get("/readyz")).status_code == 200

        await until(is_ready, seconds)


async def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until `holds`, called again and again, gives or resolves to something true."""
    deadline = time.monotonic() + seconds
    while True:
        found = holds()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A gateway until the block ends; it must then end by itself, in order."""
    at: list[Address] = []
    serving = asyncio.create_task(
        serve(settings, plans=FakePlans(), listening=lambda *both: at.extend(both))
    )
    try:
        await until(lambda: at or serving.done())
        if serving.done():
            serving.result()
        async with httpx.AsyncClient(
            base_url=f"http://{at[0]}", headers=AUTHORISED, timeout=20
        ) as client:
            yield Running(at[0], at[1], client)
    finally:
        if not serving.done():
            os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(6):
            await serving


async def records_of(bootstrap: str, campaign: str) -> list[list[Event]]:
    """The events of a campaign as they stand in Kafka: a list for each record."""
    found = await stored(bootstrap, TOUCHPOINTS)
    mine = (record for record in found if record.key == campaign.encode())
    return [decode_record(record.key, record.value).events for record in mine]


async def stored(bootstrap: str, topic: str) -> list[Record]:
    """All that stands in a topic, each with the partition where it is."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Record] = []
        for place, end in ends.items():
            while await consumer.position(place) < end:
                read = (await consumer.getmany(place, timeout_ms=500)).get(place, ())
                found += [Record(topic, each.key, each.value, each.partition) for each in read]
        return found
    finally:
        await consumer.stop()


def unique(word: str) -> str:
    """A campaign of the test's own on the broker that all share."""
    return f"{word}-{time.time_ns()}"
