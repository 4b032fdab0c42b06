"""Fixtures of the engine's tests."""

import uuid

import pytest


@pytest.fixture
def prefix() -> str:
    """What the test's campaigns begin with: all tests share a broker, none a campaign."""
    return uuid.uuid4().hex[:8]
