"""Fixtures of the engine's tests."""

import uuid

import pytest

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
