"""Another version of what is stored: rebuilt from the events, and never read as this one."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamer.embedded.kafka import EmbeddedKafka
from streamer.transport.people import Link
from streamer.transport.topics import GROUP
from tests.processing import cluster
from tests.processing.cluster import Worker, all_committed, send, until
from tests.processing.people import REPLY, forwarded, send_inbound, send_links
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
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Worker]:
    """A worker of the next version."""

    def make(kafka: str, *arguments: str) -> Worker:
        monkeypatch.setattr(cluster, "MAIN", OTHER)
        return Worker(kafka, tmp_path, "other", *arguments)

    return make


async def test_another_version_rebuilds_itself_and_leaves_the_first_one_as_it_is(
    private_kafka: Callable[[], EmbeddedKafka],
    other: Callable[..., Worker],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kafka = private_kafka().bootstrap
    first = Worker(kafka, tmp_path, "first")
    await send_links(kafka, [Link("p", "known")])
    with first:
        await send(kafka, EVENTS[:600])
        await send_inbound(kafka, [REPLY])
        await counted(kafka, first, EVENTS[:600])
        assert await forwarded(kafka, "reply") == {"reply": {"known"}}
        assert first.end(signal.SIGTERM) == 0
    # Decided anew, the reply would belong to whom had contacted its person last.
    await send_links(kafka, [Link("p", "later", 1_772_445_599)])
    with monkeypatch.context() as patched, other(kafka) as second:
        patched.setattr(cluster, "GROUP", "streamer-2")
        await send(kafka, EVENTS[600:800])
        await counted(kafka, second, EVENTS[:800])
        assert second.end(signal.SIGTERM) == 0
    assert await forwarded(kafka, "reply") == {"reply": {"known"}}
    # Back to the first version: it goes on where it was.
    await send(kafka, EVENTS[800:])
    with first:
        await counted(kafka, first, EVENTS)


async def take_over(
    kafka: str, folder: Path, other: Callable[..., Worker], *both: str
) -> list[str]:
    """What differs in a worker that finds what another has committed, and none of what it stored.

    So it is as well when somebody removed the changelogs.
    """
    await send_links(kafka, [Link("p", "known")])
    with Worker(kafka, folder, "first") as first:
        await send(kafka, EVENTS)
        await send_inbound(kafka, [{**REPLY, "id": "reply-2", "subject": "q"}])
        await counted(kafka, first, EVENTS)
        assert first.end(signal.SIGTERM) == 0
    with other(kafka, *both) as second:
        await until(second.ready, "the second to be ready")
        # Of the link and of the one who waits nothing is stored either.
        await send_inbound(kafka, [REPLY])
        await send_links(kafka, [Link("q", "known")])
        await until(lambda: all_committed(kafka), "everything to be committed")
        await asyncio.sleep(2.0)
        replies = await forwarded(kafka, "reply")
        return [
            *differences(second, EVENTS),
            *([] if replies == {"reply": {"known"}, "reply-2": {"known"}} else [str(replies)]),
        ]


async def test_where_nothing_is_stored_everything_is_read_again_whatever_is_committed(
    private_kafka: Callable[[], EmbeddedKafka],
    other: Callable[..., Worker],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VERSION_GROUP", GROUP)
    assert await take_over(private_kafka().bootstrap, tmp_path, other) == []


async def test_a_worker_that_trusts_what_is_committed_is_noticed(
    private_kafka: Callable[[], EmbeddedKafka],
    other: Callable[..., Worker],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VERSION_GROUP", GROUP)
    kafka = private_kafka().bootstrap
    found = await take_over(kafka, tmp_path, other, "--sabotage", "trust_what_is_committed")
    assert len(found) > 1
