"""Who belongs to which campaign, for a million identities: memory, recovery, time to decide.

python -m tests.bench.bench_inbox [--identities 1000000] [--events 200000] [--replies 2000]
"""

import argparse
import asyncio
import contextlib
import gc
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streamer.embedded.kafka import EmbeddedKafka
from streamer.settings import Settings
from streamer.state import Arrival, Epoch, Inbox
from streamer.transport.people import IDENTITIES, INBOUND, Link, partition_of
from streamer.transport.topics import TOUCHPOINTS, ensure_topics
from tests.bench.bench_engine import Worker, worker
from tests.bench.table import line, title
from tests.processing.cluster import all_committed, until

PARTITIONS = 8
PATIENCE = 600.0
START = 1_772_438_400
CONTACTS = 3


def name(number: int) -> str:
    """As long as an identity is."""
    return f"{number:024d}"


def memory() -> int:
    """Bytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def in_memory(identities: int, events: int) -> None:
    """One inbox with all of them."""
    gc.disable()
    inbox, before, started = Inbox(Epoch(1, 1)), memory(), time.perf_counter()
    for number in range(identities):
        for contact in range(CONTACTS):
            inbox.link(name(number), f"campaign-{number % 7}", START + contact)
    took = time.perf_counter() - started
    line("links joined", identities * CONTACTS / took, "links/s")
    line("memory of an identity with 3 contacts", (memory() - before) / identities, "bytes")
    started = time.perf_counter()
    records = inbox.checkpoint()
    inbox.written()
    size = sum(len(record.value or b"") for record in records)
    line("stored, per identity", size / identities, "bytes")
    found = Inbox(Epoch(0, 0))
    started = time.perf_counter()
    for table, key, value in records:
        found.restore(table, key, value)
    found.restored()
    line(f"{identities:,} identities restored", time.perf_counter() - started, "s")
    del records, inbox
    inbox, before, started = found, memory(), time.perf_counter()
    for number in range(events):
        person = name(number % identities)
        inbox.arrive(
            Arrival(
                number,
                "/sms",
                name(number),
                "sms.replied",
                person,
                None,
                START,
                START,
                b"%d" % number,
            )
        )
        if not number % 2_000:
            settle(inbox)
    settle(inbox)
    line("decided", events / (time.perf_counter() - started), "events/s")
    line("memory of a decision", (memory() - before) / events, "bytes")
    gc.enable()


def settle(inbox: Inbox) -> None:
    inbox.expect(0)
    inbox.decide(0, 1_000_000)
    inbox.checkpoint()
    inbox.written()
    inbox.forwarded(inbox.due())


@contextlib.contextmanager
def broker() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        kafka = EmbeddedKafka(Path(folder) / "kafka")
        kafka.start()
        try:
            settings = Settings.from_environment({}, kafka=kafka.bootstrap, secret=b"bench")
            asyncio.run(ensure_topics(settings))
            yield kafka.bootstrap
        finally:
            kafka.kill()


async def tell(kafka: str, identities: int) -> None:
    """A list of prospects and what was sent to them, a hundred links to a record."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=10, max_batch_size=1 << 20)
    await producer.start()
    batches: dict[int, list[Link]] = {}
    pending: list[Any] = []
    for number in range(identities):
        place = partition_of(name(number), PARTITIONS)
        batch = batches.setdefault(place, [])
        for contact in range(CONTACTS):
            batch.append(Link(name(number), f"campaign-{number % 7}", START + contact))
        if len(batch) >= 100 or number >= identities - 50:
            value = msgspec.json.encode(batches.pop(place))
            pending.append(await producer.send(IDENTITIES, value, partition=place))
        if len(pending) > 5_000:
            await asyncio.gather(*pending)
            pending = []
    await asyncio.gather(*pending)
    await producer.stop()


async def caught_up(kafka: str) -> float:
    """When the group has committed all of `identities`."""
    await until(lambda: all_committed(kafka), "all links to be stored", PATIENCE)
    return time.time()


async def decide(kafka: str, replies: int, identities: int) -> list[float]:
    """Seconds from a reply's acknowledgement in `inbound` to its coming in `touchpoints`."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, fetch_max_wait_ms=20)
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await consumer.start()
    await producer.start()
    places = [TopicPartition(TOUCHPOINTS, number) for number in range(PARTITIONS)]
    consumer.assign(places)
    await consumer.seek_to_end(*places)
    sent: dict[str, float] = {}
    took: list[float] = []

    async def read() -> None:
        while len(took) < replies:
            for run in (await consumer.getmany(timeout_ms=100)).values():
                for record in run:
                    now = time.time()
                    took.extend(now - sent[event["id"]] for event in json.loads(record.value))

    reading = asyncio.create_task(read())
    for number in range(replies):
        person = name(number * 37 % identities)
        event = {"specversion": "1.0", "id": f"r{number}", "source": "/sms", "subject": person,
                 "type": "sms.replied", "time": "2026-03-02T10:00:00Z"}  # fmt: skip
        sent[event["id"]] = time.time()
        await producer.send(INBOUND, json.dumps(event).encode(), person.encode())
        await asyncio.sleep(0.005)
    await asyncio.wait_for(reading, 60)
    await consumer.stop()
    await producer.stop()
    return took


def on_kafka(identities: int, replies: int) -> None:
    """A worker that learns them, then one that recovers them and decides."""
    with broker() as kafka:
        asyncio.run(tell(kafka, identities))
        with worker(kafka) as running:
            caught = asyncio.run(caught_up(kafka)) - running.started
            line(f"{identities * CONTACTS:,} links read and stored", caught, "s")
        with worker(kafka) as running:
            for told in running.lines():
                if "recovered" in told:
                    line(f"recovery of {identities:,} identities", told["recovered"], "s", "≤ 6")
                if "complete" in told:
                    ready = told["at"] - running.started
                    line("ready with them after", ready, "s")
                    break
            status = Path(f"/proc/{child(running)}/status").read_text()
            (resident,) = (row.split()[1] for row in status.splitlines() if "VmRSS" in row)
            line("the worker's memory", int(resident) / 1024, "MB")
            took = sorted(asyncio.run(decide(kafka, replies, identities)))
            cuts = quantiles(took, n=100)
            line("inbound → touchpoints, 200 events/s: p50", cuts[49], "s")
            line("inbound → touchpoints, 200 events/s: p99", cuts[98], "s")


def child(running: Worker) -> int:
    parent = running._process.pid
    return int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--identities", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--replies", type=int, default=2_000)
    options = parser.parse_args()
    title("One inbox in memory")
    in_memory(options.identities, options.events)
    title("One worker beside a real Kafka")
    on_kafka(options.identities, options.replies)


if __name__ == "__main__":
    main()
