"""The order of a checkpoint, with a broker that answers when the test lets it."""

import asyncio
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable
from streamer.processing.checkpoint import Checkpoint
from streamer.processing.letters import Letters, SetAside
from streamer.processing.owned import Owned
from streamer.state import Epoch, Partition
from streamer.transport.topics import DEADLETTERS, TOUCHPOINTS

SENT = {
    "specversion": "1.0",
    "source": "/s",
    "type": "email.sent",
    "time": "2026-03-02T10:00:00Z",
    "campaign": "c",
    "subject": "somebody",
}
FIRST = 5


class Broker:
    """Takes records at once, unless its door is shut; acknowledges none before it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, asyncio.Future[Any]]] = []
        self.door = asyncio.Event()
        self.door.set()
        self.committed: list[Mapping[tuple[str, int], int]] = []
        self.generation = 1

    async def send(
        self, topic: str, value: bytes | None, key: bytes | None, partition: int | None = None
    ) -> "asyncio.Future[Any]":
        del value, key, partition
        await self.door.wait()
        self.taken.append((topic, asyncio.get_running_loop().create_future()))
        return self.taken[-1][1]

    async def commit(self, offsets: Mapping[tuple[str, int], int]) -> bool:
        self.committed.append(offsets)
        return True

    def waiting(self) -> list["asyncio.Future[Any]"]:
        return [future for _, future in self.taken if not future.done()]

    def letters(self) -> list["asyncio.Future[Any]"]:
        return [future for topic, future in self.taken if topic == DEADLETTERS]


class Unread:
    """Metrics that nobody reads."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_, **__: None


@pytest.fixture
async def broker() -> Broker:
    return Broker()


@pytest.fixture
async def letters(broker: Broker) -> Letters:
    metrics: Any = Unread()
    return Letters(broker, metrics, b"x" * 32)


@pytest.fixture
async def checkpoint(broker: Broker, letters: Letters) -> Checkpoint:
    metrics: Any = Unread()
    return Checkpoint(broker, broker.commit, lambda: broker.generation, letters, metrics)


def applied(*values: object) -> tuple[Owned, list[SetAside]]:
    """A partition that has applied a record of each of these values, and what it set aside."""
    metrics: Any = Unread()
    owned = Owned(0, Partition(Epoch(1, 1), page_rows=2), metrics, partitions=1)
    owned.sought(FIRST)
    owned.live = True
    run: list[Any] = [
        SimpleNamespace(
            offset=FIRST + number, key=b"c", value=json.dumps(value).encode(), timestamp=0
        )
        for number, value in enumerate(values)
    ]
    aside: list[SetAside] = []
    for _ in owned.apply(run, frozenset[int]().__contains__, aside):
        pass
    return owned, aside


def touches(count: int) -> list[dict[str, str]]:
    return [{**SENT, "id": str(number), "message": str(number)} for number in range(count)]


async def turn() -> None:
    """Let everybody do what there is to do."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_nothing_is_committed_before_every_record_is_acknowledged(
    broker: Broker, checkpoint: Checkpoint
) -> None:
    owned, _ = applied(touches(9))
    writing = asyncio.create_task(checkpoint.write([owned]))
    await turn()
    waiting = broker.waiting()
    # Pages of touches, the subject, the span of times, the hour.
    assert len(waiting) > 5
    for future in reversed(waiting):
        assert broker.committed == []
        future.set_result(None)
        await turn()
    await writing
    assert broker.committed == [{(TOUCHPOINTS, 0): FIRST + 1}]


async def test_nothing_is_committed_before_every_dead_letter_is_acknowledged(
    broker: Broker, letters: Letters, checkpoint: Checkpoint
) -> None:
    owned, aside = applied(touches(1), "no event", "none either")
    letters.send(owned, aside)
    await turn()
    sent = broker.letters()
    assert len(sent) == 2
    writing = asyncio.create_task(checkpoint.write([owned]))
    await turn()
    for future in broker.waiting():
        if future not in sent:
            future.set_result(None)
    for letter in sent:
        await turn()
        assert broker.committed == []
        letter.set_result(None)
    await writing
    assert broker.committed == [{(TOUCHPOINTS, 0): FIRST + 3}]


async def test_a_checkpoint_does_not_pass_a_letter_that_is_still_being_sent(
    broker: Broker, letters: Letters, checkpoint: Checkpoint
) -> None:
    owned, aside = applied("no event", "none either")
    broker.door.clear()
    letters.send(owned, aside)
    writing = asyncio.create_task(checkpoint.write([owned]))
    await turn()
    assert broker.committed == []
    broker.door.set()
    await turn()
    for letter in broker.letters():
        await turn()
        assert broker.committed == []
        letter.set_result(None)
    await writing
    assert broker.committed == [{(TOUCHPOINTS, 0): FIRST + 2}]
    assert len(broker.letters()) == 2


@pytest.mark.parametrize("refused", ["record", "letter"])
async def test_what_is_refused_is_not_committed(
    broker: Broker, letters: Letters, checkpoint: Checkpoint, refused: str
) -> None:
    owned, aside = applied(touches(1), "no event")
    letters.send(owned, aside)
    writing = asyncio.create_task(checkpoint.write([owned]))
    await turn()
    first = next(
        future for topic, future in broker.taken if (topic == DEADLETTERS) == (refused == "letter")
    )
    for future in broker.waiting():
        if future is first:
            future.set_exception(KafkaError("refused"))
        else:
            future.set_result(None)
    with pytest.raises(KafkaUnavailable, match="Nothing that it covers was committed"):
        await writing
    assert broker.committed == []


async def test_what_was_applied_meanwhile_is_for_the_next_checkpoint(
    broker: Broker, checkpoint: Checkpoint
) -> None:
    owned, _ = applied(touches(1))
    writing = asyncio.create_task(checkpoint.write([owned]))
    await turn()
    owned.next_offset = FIRST + 7
    for future in broker.waiting():
        future.set_result(None)
    await writing
    assert broker.committed == [{(TOUCHPOINTS, 0): FIRST + 1}]


@pytest.mark.parametrize("moved_on", ["group", "partition"])
async def test_who_was_overtaken_while_it_wrote_commits_nothing(
    broker: Broker, checkpoint: Checkpoint, moved_on: str
) -> None:
    owned, _ = applied(touches(1))
    writing = asyncio.create_task(checkpoint.write([owned]))
    await turn()
    if moved_on == "group":
        broker.generation += 1
    else:
        owned.given_up = True
    settled = asyncio.create_task(checkpoint.settled())
    await turn()
    assert not settled.done()
    for future in broker.waiting():
        future.set_result(None)
    await writing
    await settled
    assert broker.committed == []


async def test_a_commit_that_the_group_refuses_is_tried_again(
    broker: Broker, letters: Letters, checkpoint: Checkpoint
) -> None:
    owned, _ = applied(touches(1))

    async def refuse(offsets: Mapping[tuple[str, int], int]) -> bool:
        del offsets
        return False

    metrics: Any = Unread()
    refused = Checkpoint(broker, refuse, lambda: 1, letters, metrics)
    for own in (refused, checkpoint):
        writing = asyncio.create_task(own.write([owned]))
        await turn()
        for future in broker.waiting():
            future.set_result(None)
        await writing
    assert broker.committed == [{(TOUCHPOINTS, 0): FIRST + 1}]
