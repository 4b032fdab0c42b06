import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streamer.embedded import kafka as module
from streamer.embedded.kafka import EmbeddedKafka
from streamer.errors import StartError

pytestmark = pytest.mark.kafka


async def _create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def _send(bootstrap: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id="g"
    )
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def test_the_session_s_broker_takes_and_gives_records(kafka: str) -> None:
    await _create(kafka, "embedded-kafka")
    await _send(kafka, "embedded-kafka", b"one")

    assert await asyncio.wait_for(_read(kafka, "embedded-kafka", 1), 20) == [b"one"]


async def test_a_killed_broker_comes_back_on_the_same_port_with_its_records(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    broker = private_kafka()
    before = broker.bootstrap
    await _create(before, "t")
    await _send(before, "t", b"one")

    broker.kill()
    after = await asyncio.to_thread(broker.start)

    assert after == before
    await _send(after, "t", b"two")
    assert await asyncio.wait_for(_read(after, "t", 2), 20) == [b"one", b"two"]


async def test_another_object_on_the_same_folder_takes_over_what_is_left_of_the_first(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    left = private_kafka()
    await _create(left.bootstrap, "t")
    await _send(left.bootstrap, "t", b"one")

    heir = EmbeddedKafka(left.data)
    try:
        await asyncio.to_thread(heir.start)
        assert left.child is not None
        assert left.child.exit_code is not None
        assert await asyncio.wait_for(_read(heir.bootstrap, "t", 1), 20) == [b"one"]
    finally:
        heir.kill()


def test_a_taken_port_is_a_clear_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        broker = EmbeddedKafka(tmp_path, port)
        with pytest.raises(StartError, match=rf"port {port} is taken by another program"):
            broker.start()


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may write everywhere: be somebody else for a moment."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield
    os.seteuid(user)


@pytest.mark.usefixtures("nobody")
def test_an_unwritable_folder_is_a_clear_sentence() -> None:
    with pytest.raises(StartError, match="cannot be written"):
        EmbeddedKafka(Path("/usr/streamer-test"))._make_folder()


def test_a_file_in_place_of_the_folder_is_a_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("")

    with pytest.raises(StartError, match="cannot be written"):
        EmbeddedKafka(tmp_path / "k").start()


def test_too_little_room_is_a_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROOM_BYTES", 1 << 60)

    with pytest.raises(StartError, match=r"are free on the disk of .*free some space"):
        EmbeddedKafka(tmp_path).start()


def test_a_broker_that_cannot_start_quotes_its_log(tmp_path: Path) -> None:
    broker = EmbeddedKafka(tmp_path, config={"num.io.threads": "none"})

    with pytest.raises(StartError, match=r"num\.io\.threads"):
        broker.start()
