"""Topics are created as they must be, and what was changed is told."""

from collections.abc import Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streamer.embedded.kafka import EmbeddedKafka
from streamer.errors import KafkaUnavailable, SettingsError
from streamer.settings import Settings
from streamer.transport.topics import TOPICS, check_topics, ensure_topics
from tests.ingest.running import until

pytestmark = pytest.mark.kafka


def settings_for(kafka: str, partitions: int = 2) -> Settings:
    return Settings.from_environment({}, kafka=kafka, partitions=partitions)


async def test_topics_are_created_once_and_faults_are_told(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    kafka = private_kafka().bootstrap
    missing = await check_topics(settings_for(kafka))
    assert len(missing.faults) == len(TOPICS)
    created = await ensure_topics(settings_for(kafka))
    assert set(created.created) == {topic.name for topic in TOPICS}
    assert created.faults == ()
    again = await ensure_topics(settings_for(kafka))
    assert again.created == ()
    assert again.faults == ()

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    change = ConfigResource(ConfigResourceType.TOPIC, "touchpoints", {"retention.ms": "1000"})
    await admin.alter_configs([change])
    await admin.close()

    async def is_told() -> bool:
        spoilt = await ensure_topics(settings_for(kafka))
        return any("retention.ms=1000 instead of -1" in fault for fault in spoilt.faults)

    # A change is acknowledged a moment before the broker knows it.
    await until(is_told)

    with pytest.raises(SettingsError, match="has 2 partitions and STREAMER_PARTITIONS is 3"):
        await ensure_topics(settings_for(kafka, 3))


async def test_a_kafka_that_is_away_is_a_sentence(port: int) -> None:
    with pytest.raises(KafkaUnavailable, match="does not answer at"):
        await ensure_topics(settings_for(f"127.0.0.1:{port}"))
