"""Fixtures of the engine's tests."""

import uuid
from collections.abc import Callable

import pytest

from streamer.embedded.kafka import EmbeddedKafka
from streamer.transport.topics import ensure_topics
from tests.processing.cluster import settings_for


@pytest.fixture
def prefix() -> str:
    """What the test's campaigns begin with: all tests share a broker, none a campaign."""
    return uuid.uuid4().hex[:8]


@pytest.fixture
async def kafka(kafka: str) -> str:
    """The session's broker, with the topics: workers look for them once a minute only."""
    await ensure_topics(settings_for(kafka))
    return kafka


@pytest.fixture
async def own_kafka(private_kafka: Callable[[], EmbeddedKafka]) -> str:
    """A broker of the test's own, with the topics.

    For what depends on all that there is: events and decisions of others, which a worker works on
    as well, and their secret.
    """
    kafka = private_kafka().bootstrap
    await ensure_topics(settings_for(kafka))
    return kafka
