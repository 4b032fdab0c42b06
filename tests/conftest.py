"""Fixtures that every test may use: a broker and a Redis for the session, private ones on demand.

The broker is started once for all tests; a test uses topics and groups of its own names on it.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.redis import EmbeddedRedis
from streamer.errors import StartError
from tests.tools import Tool, runner

# Two noisy cores: how long a draw takes says nothing.
settings.register_profile("streamer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("streamer")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seeds", type=int, default=10, help="how many seeded kills the engine must survive"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill_seed" in metafunc.fixturenames:
        metafunc.parametrize("kill_seed", range(metafunc.config.getoption("seeds")))


def _absent(error: StartError) -> None:
    """Skip what cannot run here, naming what is missing; CI lacks nothing, so there it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have it: {error}", pytrace=False)
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def _broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    broker = EmbeddedKafka(tmp_path_factory.mktemp("kafka"))
    try:
        broker.start()
    except StartError as error:
        _absent(error)
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def kafka(_broker: EmbeddedKafka) -> str:
    """The bootstrap address of the session's broker."""
    return _broker.bootstrap


@pytest.fixture
def private_kafka(tmp_path: Path) -> Iterator[Callable[..., EmbeddedKafka]]:
    """A factory of brokers of the test's own, started; they can be stopped, killed, started again.

    It may be given settings of the broker.

    After `stop()` or `kill()`, `start()` brings the same broker back: same port, same data.
    """
    brokers: list[EmbeddedKafka] = []

    def make(config: Mapping[str, str] | None = None) -> EmbeddedKafka:
        broker = EmbeddedKafka(tmp_path / f"kafka-{len(brokers)}", config=config)
        try:
            broker.start()
        except StartError as error:
            _absent(error)
        brokers.append(broker)
        return broker

    yield make
    for broker in brokers:
        broker.kill()


@pytest.fixture(scope="session")
def _redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
    except StartError as error:
        _absent(error)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(_redis: EmbeddedRedis) -> str:
    """The URL of the session's Redis; a test uses a prefix of its own."""
    return _redis.url


@pytest.fixture
def private_redis(tmp_path: Path) -> Iterator[Callable[[], EmbeddedRedis]]:
    """A factory of Redis servers of the test's own, started; see `private_kafka`."""
    servers: list[EmbeddedRedis] = []

    def make() -> EmbeddedRedis:
        server = EmbeddedRedis(tmp_path / f"redis-{len(servers)}")
        try:
            server.start()
        except StartError as error:
            _absent(error)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.kill()


@pytest.fixture
def port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
    return number


@pytest.fixture
def amtool() -> Tool:
    """Alertmanager's own tool."""
    return runner("amtool", "the Debian package prometheus-alertmanager")
