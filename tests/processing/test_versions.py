"""Another version of what is stored: rebuilt from the events, and never read as this one."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamer.embedded.kafka import EmbeddedKafka
from streamer.transport.topics import GROUP
from tests.processing import cluster
from tests.processing.cluster import Worker, all_committed, send, until
from tests.recount.recount import compare, recount
from tests.recount.stream import stream

pytestmark = pytest.mark.kafka

OTHER = Path(__file__).with_name("other_version_main.py")
EVENTS: list[dict[str, Any]] = [
    {**event, "campaign": "c"} for event in stream(3, 1_000, touches_per_campaign=100)
]


def differences(worker: Worker, events: Sequence[dict[str, Any]]) -> list[str]:
    shown = worker.shown().get("c")
    if shown is None:
        return ["nothing is shown"]
    return compare(recount(events, shown["as_of"]), shown)


async def counted(kafka: str, worker: Worker, events: Sequence[dict[str, Any]]) -> None:
    await until(worker.ready, "the worker to be ready")
    await until(lambda: all_committed(kafka), "everything to be committed")
    await asyncio.sleep(1.0)
    assert differences(worker, events) == []


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Worker]:
    """A worker of the next version."""

    def make(kafka: str) -> Worker:
        monkeypatch.setattr(cluster, "MAIN", OTHER)
        return Worker(kafka, tmp_path, "other")

    return make


async def test_another_version_rebuilds_itself_and_leaves_the_first_one_as_it_is(
    private_kafka: Callable[[], EmbeddedKafka],
    other: Callable[[str], Worker],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kafka = private_kafka().bootstrap
    first = Worker(kafka, tmp_path, "first")
    with first:
        await send(kafka, EVENTS[:600])
        await counted(kafka, first, EVENTS[:600])
        assert first.end(signal.SIGTERM) == 0
    with monkeypatch.context() as patched, other(kafka) as second:
        patched.setattr(cluster, "GROUP", "streamer-2")
        await send(kafka, EVENTS[600:800])
        await counted(kafka, second, EVENTS[:800])
        assert second.end(signal.SIGTERM) == 0
    # Back to the first version: it goes on where it was.
    await send(kafka, EVENTS[800:])
    with first:
        await counted(kafka, first, EVENTS)


async def test_a_version_that_takes_over_the_place_of_another_is_noticed(
    private_kafka: Callable[[], EmbeddedKafka],
    other: Callable[[str], Worker],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kafka = private_kafka().bootstrap
    with Worker(kafka, tmp_path, "first") as first:
        await send(kafka, EVENTS)
        await counted(kafka, first, EVENTS)
        assert first.end(signal.SIGTERM) == 0
    monkeypatch.setenv("VERSION_GROUP", GROUP)
    with other(kafka) as second:
        await until(second.ready, "the second to be ready")
        await asyncio.sleep(2.0)
        assert differences(second, EVENTS)
