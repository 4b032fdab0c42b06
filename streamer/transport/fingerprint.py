"""The fingerprint of STREAMER_SECRET in the topic `settings`: one secret for good.

Under another secret every person would become somebody else, and no dead letter could be opened.
Each writer writes once, under a key of its own, so that compaction keeps all of them in place; the
first record of the topic is what holds, whoever started at the same time.
"""

import asyncio
import hashlib
import uuid
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable, SettingsError
from streamer.settings import Settings
from streamer.transport.kafka import client_options
from streamer.transport.topics import SETTINGS

_PLACE: Final = TopicPartition(SETTINGS, 0)
_KEY: Final = b"secret/"
_SECONDS: Final = 15.0
_LETTERS: Final = 12


def fingerprint(secret: bytes) -> str:
    """What may be shown of a secret: the same wherever it is the same."""
    return hashlib.sha256(b"streamer fingerprint\0" + secret).hexdigest()[:_LETTERS]


async def hold_secret(settings: Settings) -> None:
    """Write the fingerprint if there is none yet; SettingsError if it is another secret's.

    The topics must be there. KafkaUnavailable when Kafka does not answer.
    """
    ours = fingerprint(settings.secret or b"")
    try:
        async with asyncio.timeout(_SECONDS):
            held = await _read(settings)
            if held is None:
                await _write(settings, ours)
                held = await _read(settings)
    except (KafkaError, TimeoutError, OSError) as error:
        raise KafkaUnavailable(
            f"Kafka does not answer about the topic {SETTINGS} ({type(error).__name__})."
        ) from error
    if held != ours:
        raise SettingsError(sentence(held, ours))


async def held_fingerprint(settings: Settings) -> str | None:
    """The fingerprint of the secret that this Kafka's records were made with; None: none yet."""
    async with asyncio.timeout(_SECONDS):
        return await _read(settings)


def sentence(held: str | None, ours: str) -> str:
    """Why another secret is refused, and what to do."""
    return (
        f"STREAMER_SECRET (fingerprint {ours}) is not the secret that this Kafka's records were "
        f"made with (fingerprint {held}): set the old one again, or nobody would be recognised "
        f"and no dead letter opened. If it is lost, remove the topic {SETTINGS} to begin anew."
    )


async def _read(settings: Settings) -> str | None:
    """The first fingerprint of the topic."""
    consumer = AIOKafkaConsumer(**client_options(settings), auto_offset_reset="earliest")
    try:
        await consumer.start()
        consumer.assign([_PLACE])
        end = (await consumer.end_offsets([_PLACE]))[_PLACE]
        while await consumer.position(_PLACE) < end:
            found = await consumer.getmany(_PLACE, timeout_ms=500)
            for record in found.get(_PLACE, ()):
                if (record.key or b"").startswith(_KEY):
                    return str(record.value.decode())
        return None
    finally:
        await consumer.stop()


async def _write(settings: Settings, text: str) -> None:
    producer = AIOKafkaProducer(**client_options(settings), acks="all", enable_idempotence=True)
    try:
        await producer.start()
        key = _KEY + uuid.uuid4().hex.encode()
        await producer.send_and_wait(SETTINGS, text.encode(), key, partition=_PLACE.partition)
    finally:
        await producer.stop()
