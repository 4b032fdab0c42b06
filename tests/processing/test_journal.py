"""Who opens a journal shuts out whoever had it, and reads all that he ever stored."""

import asyncio
from collections.abc import Callable

import pytest
from aiokafka.errors import ProducerFenced

from streamer.embedded.kafka import EmbeddedKafka
from streamer.errors import KafkaUnavailable, WriterFenced
from streamer.processing.journal import Journal
from streamer.state import TableRecord
from streamer.transport.changelogs import read_changelogs
from streamer.transport.topics import changelog, ensure_topics
from tests.processing.cluster import settings_for, until

pytestmark = pytest.mark.kafka

NUMBER = 5


async def opened(kafka: str) -> Journal:
    journal = Journal({"bootstrap_servers": kafka}, NUMBER)
    await journal.open()
    return journal


def record(word: str) -> TableRecord:
    return TableRecord("waiting", word.encode(), b"x")


async def stored(kafka: str) -> list[str]:
    """What can be read of it, in its order.

    That may lack what was just committed; opening the journal, as a recovery does first, waits.
    """
    found: list[str] = []
    await read_changelogs(
        {"bootstrap_servers": kafka, "isolation_level": "read_committed"},
        [changelog("waiting")],
        [NUMBER],
        lambda _topic, _partition, key, _value: found.append(key.decode()),
    )
    return found


async def until_stored(kafka: str, expected: list[str]) -> None:
    async def is_so() -> bool:
        return await stored(kafka) == expected

    await until(is_so, f"{expected} to be stored", 10.0)


@pytest.fixture
def broker(private_kafka: Callable[[], EmbeddedKafka]) -> str:
    address = private_kafka().bootstrap
    asyncio.run(ensure_topics(settings_for(address)))
    return address


async def test_the_last_one_to_open_it_is_the_only_one_who_writes(broker: str) -> None:
    first = await opened(broker)
    await first.write([record("a"), record("b")])
    second = await opened(broker)
    with pytest.raises(WriterFenced, match="taken over inbox 5"):
        await first.write([record("c")])
    await second.write([record("d")])
    await until_stored(broker, ["a", "b", "d"])
    await first.close()
    await second.close()


async def test_what_was_under_way_when_another_opened_it_was_never_written(broker: str) -> None:
    first = await opened(broker)
    producer = first._producer
    await producer.begin_transaction()
    await producer.send_and_wait(changelog("waiting"), b"x", b"half", NUMBER)
    second = await opened(broker)
    assert await stored(broker) == []
    with pytest.raises(ProducerFenced):
        await producer.commit_transaction()
    await second.write([record("a")])
    await until_stored(broker, ["a"])
    await first.close()
    await second.close()


async def test_whoever_opens_it_reads_all_that_was_stored_at_once(broker: str) -> None:
    words: list[str] = []
    for number in range(20):
        journal = await opened(broker)
        assert await stored(broker) == words
        await journal.write([record(f"w{number}")])
        words.append(f"w{number}")
        await journal.close()


async def test_nothing_to_write_is_no_transaction_but_for_a_sign_of_life(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await opened(broker)
    await journal.write([])
    assert await stored(broker) == []
    monkeypatch.setattr("streamer.processing.journal._SILENCE_SECONDS", 0.0)
    await journal.write([])
    await until_stored(broker, ["alive"])
    await journal.close()


async def test_a_journal_that_was_never_opened_can_be_closed(broker: str) -> None:
    await Journal({"bootstrap_servers": broker}, NUMBER).close()


async def test_no_broker_is_a_sentence(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.processing.journal._SECONDS", 2.0)
    journal = Journal({"bootstrap_servers": f"127.0.0.1:{port}"}, NUMBER)
    with pytest.raises(KafkaUnavailable, match="did not open the journal"):
        await journal.open()
    await journal.close()
