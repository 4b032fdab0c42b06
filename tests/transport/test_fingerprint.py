"""One secret for good: the first one holds, whoever starts at the same time."""

import asyncio
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaConsumer

from streamer.embedded.kafka import EmbeddedKafka
from streamer.errors import KafkaUnavailable, SettingsError
from streamer.settings import Settings
from streamer.transport.fingerprint import fingerprint, held_fingerprint, hold_secret
from streamer.transport.topics import SETTINGS, ensure_topics

pytestmark = pytest.mark.kafka


def settings_for(kafka: str, secret: bytes = b"one") -> Settings:
    return Settings.from_environment({}, kafka=kafka, partitions=2, secret=secret)


async def outcome(settings: Settings) -> str:
    try:
        await hold_secret(settings)
    except SettingsError:
        return "refused"
    return "held"


async def test_of_many_first_starts_with_two_secrets_those_with_one_go_on(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    kafka = private_kafka().bootstrap
    await ensure_topics(settings_for(kafka))
    assert await held_fingerprint(settings_for(kafka)) is None
    secrets = [b"one", b"two"] * 4
    found = await asyncio.gather(*(outcome(settings_for(kafka, each)) for each in secrets))
    assert {"held", "refused"} == set(found)
    held = await held_fingerprint(settings_for(kafka))
    for secret, word in zip(secrets, found, strict=True):
        assert (fingerprint(secret) == held) == (word == "held")
        assert await outcome(settings_for(kafka, secret)) == word
    assert await _keys(kafka), "no two writers share a key: compaction drops none"


async def _keys(kafka: str) -> bool:
    consumer = AIOKafkaConsumer(SETTINGS, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        read = await consumer.getmany(timeout_ms=2_000)
    finally:
        await consumer.stop()
    records = [record for found in read.values() for record in found]
    return 0 < len(records) == len({record.key for record in records})


async def test_a_changed_secret_is_a_sentence_that_says_what_to_do(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    kafka = private_kafka().bootstrap
    await ensure_topics(settings_for(kafka))
    await hold_secret(settings_for(kafka))
    await hold_secret(settings_for(kafka))
    with pytest.raises(SettingsError, match="set the old one again") as told:
        await hold_secret(settings_for(kafka, b"another"))
    assert "another" not in str(told.value).replace("another secret", "")
    assert fingerprint(b"one") in str(told.value)


async def test_a_kafka_that_is_away_is_a_sentence(port: int) -> None:
    with pytest.raises(KafkaUnavailable, match="does not answer"):
        await hold_secret(settings_for(f"127.0.0.1:{port}"))
