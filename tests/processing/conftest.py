"""Options and fixtures of the engine's tests."""

import uuid

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seeds", type=int, default=10, help="how many seeded kills the engine must survive"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill_seed" in metafunc.fixturenames:
        metafunc.parametrize("kill_seed", range(metafunc.config.getoption("seeds")))


@pytest.fixture
def prefix() -> str:
    """What the test's campaigns begin with: all tests share a broker, none a campaign."""
    return uuid.uuid4().hex[:8]
