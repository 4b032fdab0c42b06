"""Sending records to Kafka: acknowledged by all in-sync replicas, idempotent, self-mending.

Owns Kafka's producer: connecting in the background, noticing when Kafka is away, replacing a
client that cannot go on. Never bounds what is on its way; the packer does.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from streamer.errors import KafkaUnavailable
from streamer.ingest.packing import Record
from streamer.settings import Settings
from streamer.transport.fingerprint import hold_secret
from streamer.transport.kafka import client_options
from streamer.transport.people import IDENTITIES, INBOUND
from streamer.transport.topics import TOUCHPOINTS, ensure_topics

_log = logging.getLogger(__name__)

REQUEST_MILLISECONDS: Final = 5_000
LARGEST_RECORD: Final = 2 * 1024 * 1024 - 16 * 1024  # what the topics take, less the envelope
_BATCH_BYTES: Final = 1024 * 1024
_START_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 1.0
_PROBE_SECONDS: Final = 2.0
_LATE_SECONDS: Final = 5.0
# What the gateway cannot do without; dead letters are rare.
_PROBED: Final = (TOUCHPOINTS, INBOUND, IDENTITIES)


class KafkaSender:
    """A producer that outlives Kafka's absences. `run` must be running for it to work."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._connected = asyncio.Event()
        self._broken = asyncio.Event()
        self._why = "Kafka has not been reached yet."
        self._probed = 0.0
        # When each record was handed in that is not acknowledged yet, the oldest first.
        self._waiting: dict[object, float] = {}

    def why_not_ready(self) -> str:
        """The sentence that says why records are not acknowledged now; empty when they are."""
        now = time.monotonic()
        if self._why:
            return self._why
        if now - self._probed > 2 * _PROBE_SECONDS + _PAUSE_SECONDS:
            return "Kafka does not answer."
        # It may answer and not acknowledge: too few replicas are in sync, a disk hangs.
        if now - next(iter(self._waiting.values()), now) > _LATE_SECONDS:
            return "Kafka does not acknowledge."
        return ""

    async def send(self, record: Record) -> None:
        """Return once Kafka has acknowledged the record; see `packing.Sender`."""
        place = object()
        self._waiting[place] = time.monotonic()
        try:
            await self._send(record)
        finally:
            del self._waiting[place]

    async def _send(self, record: Record) -> None:
        producer = await self._current()
        try:
            sent = await producer.send(
                record.topic, key=record.key, value=record.value, partition=record.partition
            )
            await sent
        except KafkaTimeoutError as error:
            raise self._away(error) from error
        except KafkaError as error:
            # A batch that is given up leaves a hole in the sequence of the idempotent producer,
            # and every later one fails: it must be replaced.
            if producer is self._producer:
                self._connected.clear()
                self._broken.set()
            raise self._away(error) from error

    async def _current(self) -> AIOKafkaProducer:
        while self._producer is None or not self._connected.is_set():
            await self._connected.wait()
        return self._producer

    def _away(self, error: KafkaError) -> KafkaUnavailable:
        self._why = f"Kafka does not acknowledge ({type(error).__name__})."
        return KafkaUnavailable(self._why)

    async def connected(self) -> None:
        """Return once there is a connection."""
        await self._connected.wait()

    async def run(self) -> None:
        """Connect, and connect again whenever it is needed, until cancelled.

        Raises SettingsError when the topics that exist are not as they must be, or hold what was
        made with another secret.
        """
        try:
            while True:
                try:
                    self._producer = await self._connect()
                except KafkaUnavailable as error:
                    self._why = str(error)
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                self._broken.clear()
                self._connected.set()
                await self._watch(self._producer)
                self._connected.clear()
                await _abandon(self._producer)
        finally:
            self._connected.clear()
            if self._producer is not None:
                await _abandon(self._producer)

    async def _connect(self) -> AIOKafkaProducer:
        report = await ensure_topics(self._settings)
        for fault in report.faults:
            _log.warning("%s", fault)
        await hold_secret(self._settings)
        producer = AIOKafkaProducer(
            **client_options(self._settings),
            client_id="streamer-gateway",
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=REQUEST_MILLISECONDS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=LARGEST_RECORD,
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await producer.start()
        except BaseException as error:
            await _abandon(producer)
            if isinstance(error, KafkaError | TimeoutError | OSError):
                reason = f"Kafka does not answer ({type(error).__name__})."
                raise KafkaUnavailable(reason) from error
            raise
        _log.info("connected to Kafka at %s", self._settings.kafka)
        return producer

    async def _watch(self, producer: AIOKafkaProducer) -> None:
        """Probe until the producer is broken."""
        self._why = await _probe(producer)
        while not self._broken.is_set():
            why = await _probe(producer)
            if bool(why) != bool(self._why):
                _log.warning("%s", why or "Kafka answers again.")
            self._why, self._probed = why, time.monotonic()
            # Not wait_for, which before Python 3.12 may swallow a cancellation.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await self._broken.wait()
        self._why = self._why or "Kafka's client is being replaced."
        _log.warning("Kafka's client cannot go on and is replaced: %s", self._why)


@contextlib.asynccontextmanager
async def sending(settings: Settings) -> AsyncIterator[KafkaSender]:
    """A sender that is connected, for as long as a command needs it; KafkaUnavailable if not."""
    sender = KafkaSender(settings)
    running = asyncio.create_task(sender.run())
    connecting = asyncio.create_task(sender.connected())
    try:
        await asyncio.wait(
            {running, connecting}, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if running.done():
            running.result()
        if not connecting.done():
            raise KafkaUnavailable(sender.why_not_ready())
        yield sender
    finally:
        for task in (connecting, running):
            task.cancel()
        await asyncio.gather(connecting, running, return_exceptions=True)


async def _probe(producer: AIOKafkaProducer) -> str:
    """Why Kafka would not acknowledge now; empty when every partition has a leader."""
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            cluster = await producer.client.fetch_all_metadata()
    except (KafkaError, TimeoutError, OSError) as error:
        return f"Kafka does not answer ({type(error).__name__})."
    for topic in _PROBED:
        partitions = cluster.partitions_for_topic(topic) or set()
        leaders = {cluster.leader_for_partition(TopicPartition(topic, each)) for each in partitions}
        if not partitions or leaders & {None, -1}:
            return f"Partitions of the topic {topic} have no leader."
    return ""


async def _abandon(producer: AIOKafkaProducer) -> None:
    """End a producer whose records will not be waited for: all that are left fail at once.

    Its own `stop` waits for every record, for ever while Kafka is away.
    """
    sender, accumulator = producer._sender, producer._message_accumulator  # noqa: SLF001
    if sender.sender_task is not None and not sender.sender_task.done():
        sender.sender_task.cancel()
        await asyncio.wait([sender.sender_task], timeout=_PAUSE_SECONDS)
    accumulator.fail_all(KafkaError("the producer is replaced"))
    with contextlib.suppress(TimeoutError, KafkaError, OSError):
        async with asyncio.timeout(_PAUSE_SECONDS):
            await producer.stop()
