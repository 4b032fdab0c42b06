"""The worker on a real Kafka: catching up, getting ready, latency.

    python -m tests.bench.bench_engine [--events 1000000] [--touches 1000000] [--seconds 130]

One worker process beside the broker. The reference of a catch-up is a bare aiokafka consumer that
reads the same records, in the same run, and parses them with `json.loads`.
"""

import argparse
import asyncio
import json
import logging
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streamer.embedded.kafka import EmbeddedKafka
from streamer.settings import Settings
from streamer.transport.topics import TOUCHPOINTS, ensure_topics
from tests.bench.profiles import Record, mail, near, records, rules, scattered, sends
from tests.bench.table import line, title

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
START = 1_772_438_400.0
PATIENCE = 240.0
TARGETS = {100: "≥ 200,000", 10: "≥ 150,000", 1: "≥ 100,000"}
SCATTERED = {100: "≥ 66,667", 10: "≥ 50,000", 1: "≥ 33,333"}


class Worker:
    """The worker process and what it tells."""

    def __init__(self, kafka: str) -> None:
        self.started = time.time()
        self._process = subprocess.Popen(
            ["timeout", "-k", "2", "600", sys.executable, "-m", "tests.bench.worker", kafka],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def lines(self) -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE
        for text in self._process.stdout or ():
            yield json.loads(text)
            if time.monotonic() > deadline:
                raise TimeoutError("the worker did not get there")

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()


@contextmanager
def worker(kafka: str) -> Iterator[Worker]:
    running = Worker(kafka)
    try:
        yield running
    finally:
        running.end()


@contextmanager
def broker() -> Iterator[EmbeddedKafka]:
    with tempfile.TemporaryDirectory() as folder:
        kafka = EmbeddedKafka(Path(folder) / "kafka")
        kafka.start()
        try:
            asyncio.run(prepare(kafka.bootstrap))
            yield kafka
        finally:
            kafka.kill()


async def prepare(kafka: str) -> None:
    await ensure_topics(Settings.from_environment({}, kafka=kafka, secret=b"bench"))


async def feed(kafka: str, load: Iterator[Record]) -> int:
    """Write records as fast as the broker takes them; the number of events."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=10, max_batch_size=1 << 20)
    await producer.start()
    pending, events = [], 0
    for campaign, value, count in load:
        pending.append(await producer.send(TOUCHPOINTS, value, key=campaign.encode()))
        events += count
        if len(pending) > 5_000:
            await asyncio.gather(*pending)
            pending = []
    await asyncio.gather(*pending)
    await producer.stop()
    return events


async def bare(kafka: str, events: int) -> float:
    """Events a second of a bare consumer with `json.loads`."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(TOUCHPOINTS, number) for number in range(8)])
    started, seen = time.perf_counter(), 0
    while seen < events:
        for run in (await consumer.getmany(timeout_ms=500, max_records=4_000)).values():
            seen += sum(len(json.loads(record.value)) for record in run)
    took = time.perf_counter() - started
    await consumer.stop()
    return events / took


def catch_up(kafka: str, events: int) -> tuple[float, float]:
    """Seconds from the process start until complete, and events a second from then on."""
    with worker(kafka) as running:
        ready = first = 0.0
        last = first_count = 0
        for told in running.lines():
            if "complete" in told:
                ready = told["at"] - running.started
            count = told.get("events", 0)
            if count and not first:
                first, first_count = told["at"], count
            last = count or last
            if last >= events:
                return ready, (last - first_count) / max(told["at"] - first, 1e-9)
    raise TimeoutError("the worker ended early")


def throughput(events: int, each: int, profile: str) -> None:
    """Catching up with a backlog of one profile."""
    loads = {"near": lambda: near(events, 4, START), "every rule": lambda: rules(events, 4)}
    with broker() as kafka:
        fed = asyncio.run(feed(kafka.bootstrap, records(loads[profile](), each)))
        reference = asyncio.run(bare(kafka.bootstrap, fed))
        _, rate = catch_up(kafka.bootstrap, fed)
    target = TARGETS[each] if profile == "near" else ""
    line(f"{profile}, {each} events a record", rate, "events/s", target,
         f"{rate / reference:.2f} × a bare consumer with json.loads")  # fmt: skip


def old_touches(events: int, touches: int, tail: int) -> None:
    """Scattered over a million touches; then a restart with as many."""
    with broker() as kafka:
        asyncio.run(feed(kafka.bootstrap, records(sends(touches, 8, START), 100)))
        catch_up(kafka.bootstrap, touches)
        for each in (100, 10, 1):
            load = records(scattered(events, touches, 8, START + 9_000 + each), each)
            fed = asyncio.run(feed(kafka.bootstrap, load))
            reference = asyncio.run(bare(kafka.bootstrap, fed))
            _, rate = catch_up(kafka.bootstrap, fed)
            line(f"scattered over {touches:,}, {each} events a record", rate, "events/s",
                 SCATTERED[each], f"{rate / reference:.2f} × a bare consumer")  # fmt: skip
        fed = asyncio.run(feed(kafka.bootstrap, records(near(tail, 8, START + 20_000), 100)))
        with worker(kafka.bootstrap) as running:
            ready = recovered = 0.0
            for told in running.lines():
                recovered = told.get("recovered", recovered)
                if "complete" in told:
                    ready = told["at"] - running.started
                if told.get("events", 0) >= fed:
                    line(f"ready with {touches:,} touches after", ready, "s", "≤ 6",
                         f"recovery {recovered:.2f} s of it")  # fmt: skip
                    caught = told["at"] - running.started - ready
                    line(f"caught up with {fed:,} events after another", caught, "s", "≤ 2")
                    break


async def steady(kafka: str, campaigns: int, rate: int, seconds: float) -> None:
    """Events at an even pace, ten a record, over all campaigns."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5)
    await producer.start()
    started, number = time.time(), 0
    while time.time() < started + seconds:
        due = int((time.time() - started) * rate / 10)
        while number < due:
            name = f"live{number % campaigns}"
            events = [
                mail(name, number * 10 + i, "email.sent", number * 10 + i, time.time())
                for i in range(10)
            ]
            for campaign, value, _ in records(iter(events), 10):
                await producer.send(TOUCHPOINTS, value, key=campaign.encode())
            number += 1
        await asyncio.sleep(0.01)
    await producer.stop()


def latency(campaigns: int, rate: int, seconds: float) -> None:
    """From a record's arrival in Kafka to the gauges of its campaign, across minute ticks."""
    with broker() as kafka, worker(kafka.bootstrap) as running:
        for told in running.lines():
            if "complete" in told:
                break
        feeder = (
            "import asyncio, tests.bench.bench_engine as bench; "
            f"asyncio.run(bench.steady({kafka.bootstrap!r}, {campaigns}, {rate}, {seconds}))"
        )
        feeding = subprocess.Popen([sys.executable, "-c", feeder])
        found: list[float] = []
        started = time.time()
        for told in running.lines():
            if told["at"] > started + 5:
                found += told.get("latencies", ())
            if told["at"] > started + seconds:
                break
        feeding.wait()
    cuts = quantiles(found, n=100)
    what = f"event → gauge, {rate:,} events/s, {campaigns} campaigns"
    line(f"{what}: p50", cuts[49], "s")
    line(f"{what}: p99", cuts[98], "s", "≤ 1.2", f"worst {max(found):.2f} s of {len(found):,}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=130.0)
    options = parser.parse_args()
    title("One worker process beside a real Kafka")
    for each in (100, 10, 1):
        throughput(options.events, each, "near")
    for each in (100, 10, 1):
        throughput(options.events, each, "every rule")
    old_touches(options.events // 2, options.touches, 300_000)
    latency(100, 2_000, options.seconds)


if __name__ == "__main__":
    main()
