"""What the tests of the engine share: workers as processes, events into Kafka, waiting."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streamer.settings import Settings
from streamer.state import TABLES
from streamer.transport.changelogs import read_changelogs
from streamer.transport.people import IDENTITIES, INBOUND
from streamer.transport.topics import DEADLETTERS, TOUCHPOINTS, changelog, ensure_topics

MAIN = Path(__file__).with_name("worker_main.py")
PARTITIONS = 8
GROUP = "streamer"
PATIENCE = 90.0


class Worker:
    """A worker process; ended hard when the test is over."""

    def __init__(self, kafka: str, folder: Path, name: str, *arguments: str) -> None:
        self.out = folder / f"{name}.json"
        self.log = folder / f"{name}.log"
        self.command = [sys.executable, str(MAIN), kafka, str(self.out), *arguments]
        self.env: Mapping[str, str] = {}
        self._log_start = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(signal.SIGKILL)

    def start(self) -> Self:
        """Start it anew."""
        self.out.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            # A hard limit: Faust programs may ignore SIGTERM for minutes.
            self._process = subprocess.Popen(
                ["timeout", "-k", "2", "300", *self.command],
                env={**os.environ, **self.env},
                stdout=log,
                stderr=log,
            )
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        """The worker itself, not the time limit around it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def end(self, number: int) -> int:
        """Send a signal and wait for the end; the exit code."""
        if self._process is None:
            return 0
        if self.process.poll() is None:
            try:
                self.signal(number)
            except (IndexError, FileNotFoundError, ProcessLookupError):
                self.process.kill()
        return self.process.wait(timeout=20)

    def logged(self) -> str:
        """What it has logged since it was started last."""
        return self.log.read_bytes()[self._log_start :].decode()

    def shown(self) -> dict[str, Any]:
        """The numbers that it shows now, by campaign."""
        try:
            campaigns: dict[str, Any] = json.loads(self.out.read_text())["campaigns"]
        except FileNotFoundError:
            return {}
        return campaigns

    def seen_after(self, moment: float) -> list[int]:
        """How many campaigns it showed, moment by moment, after that time (seconds since 1970)."""
        lines = (line.split() for line in self.out.with_suffix(".seen").read_text().splitlines())
        return [int(count) for at, count in lines if float(at) > moment]

    def ready(self) -> bool:
        try:
            return bool(json.loads(self.out.read_text())["ready"])
        except FileNotFoundError:
            return False


@contextmanager
def ended(*workers: Worker) -> Iterator[None]:
    """End these workers hard when the test is over, those that it started."""
    try:
        yield
    finally:
        for worker in workers:
            worker.end(signal.SIGKILL)


def settings_for(kafka: str) -> Settings:
    return Settings.from_environment({}, kafka=kafka, secret=b"test", partitions=PARTITIONS)


async def until(
    holds: Callable[[], bool | Awaitable[bool]], what: str, seconds: float = PATIENCE
) -> None:
    """Wait until something holds; the test fails, saying what it waited for, when it does not."""
    deadline = time.monotonic() + seconds
    while True:
        answer = holds()
        if answer if isinstance(answer, bool) else await answer:
            return
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        await asyncio.sleep(0.1)


async def send(
    kafka: str, events: Iterable[Mapping[str, Any]], per_record: int = 5, pause: float = 0.0
) -> None:
    """Write events to the topic as the gateway does: batches of one campaign, keyed by it."""
    await ensure_topics(settings_for(kafka))
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        waiting: dict[str, list[Mapping[str, Any]]] = {}
        for event in events:
            batch = waiting.setdefault(str(event.get("campaign")), [])
            batch.append(event)
            if len(batch) == per_record:
                await _send_batch(producer, waiting.pop(str(event.get("campaign"))))
                await asyncio.sleep(pause)
        for batch in waiting.values():
            await _send_batch(producer, batch)
    finally:
        await producer.stop()


async def _send_batch(producer: AIOKafkaProducer, batch: Sequence[Mapping[str, Any]]) -> None:
    key = str(batch[0].get("campaign")).encode()
    await producer.send(TOUCHPOINTS, json.dumps(batch).encode(), key=key)


async def send_raw(kafka: str, key: bytes, value: bytes, topic: str = TOUCHPOINTS) -> None:
    """Write one record as it is."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=key)
    finally:
        await producer.stop()


class Stored(NamedTuple):
    """A record of a table's changelog."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None


async def read_stored(kafka: str) -> list[Stored]:
    """All records of the changelogs, in the order of each partition."""
    found: list[Stored] = []
    await read_changelogs(
        {"bootstrap_servers": kafka},
        [changelog(table) for table in TABLES],
        range(PARTITIONS),
        lambda *record: found.append(Stored(*record)),
    )
    return found


async def read_letters(kafka: str) -> list[tuple[bytes, bytes]]:
    """All dead letters as they are stored."""
    found: list[tuple[bytes, bytes]] = []
    await read_changelogs(
        {"bootstrap_servers": kafka},
        [DEADLETTERS],
        range(PARTITIONS),
        lambda _topic, _partition, key, value: found.append((key, value or b"")),
    )
    return found


async def all_committed(kafka: str) -> bool:
    """Whether the group has committed all of the topics that workers read."""
    places = [
        TopicPartition(topic, number)
        for topic in (TOUCHPOINTS, INBOUND, IDENTITIES)
        for number in range(PARTITIONS)
    ]
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await consumer.start()
    await admin.start()
    try:
        ends = await consumer.end_offsets(places)
        committed = await admin.list_consumer_group_offsets(GROUP)
    except KafkaError:
        # The group's coordinator is not there yet, or not there again.
        return False
    finally:
        await consumer.stop()
        await admin.close()
    return all(
        ends[place] == 0 or (place in committed and committed[place].offset == ends[place])
        for place in places
    )
