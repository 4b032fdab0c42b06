"""A worker as its own process, whose numbers a test can read from a file.

Usage: worker_main.py KAFKA OUT [--sabotage WHAT]. The numbers of every campaign that the worker
shows are written to OUT as JSON whenever they changed. A sabotage takes one guard away, so that a
test can show that it notices.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import uvloop

from streamer.errors import StreamerError
from streamer.processing import Quarantined, deciding, run_worker
from streamer.processing.checkpoint import Checkpoint
from streamer.processing.deciding import Deciding, Desk
from streamer.processing.fence import Fence
from streamer.processing.journal import Journal
from streamer.processing.owned import Owned
from streamer.processing.place import Place
from streamer.processing.run import fail
from streamer.processing.worker import Worker
from streamer.settings import Settings
from streamer.state import Arrival, Epoch, Hour, Inbox, Partition, Snapshot, TableRecord

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.numbers import numbers_of

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
for name in ("faust", "mode", "streamer.processing.engine_fixes", "streamer.processing.app"):
    logging.getLogger(name).setLevel(logging.WARNING)


class FileExporter:
    """Keeps the latest snapshots and writes them to a file."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._shown: dict[str, Snapshot] = {}
        self._ready: Callable[[], bool] = bool
        self._news = True
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._write_forever())

    async def stop(self) -> None:
        self._write()

    def set_ready(self, ready: Callable[[], bool]) -> None:
        self._ready = ready

    def publish(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        del partition, epoch, offset
        self._shown[snapshot.campaign] = snapshot
        self._news = True

    def hours(self, partition: int, epoch: Epoch, hours: Sequence[Hour]) -> None: ...

    def complete(self, partition: int, epoch: Epoch) -> None: ...

    def retain(self, campaigns: Collection[str]) -> None:
        self._shown = {name: shown for name, shown in self._shown.items() if name in campaigns}
        self._news = True

    async def _write_forever(self) -> None:
        while True:
            if self._news:
                self._news = False
                self._write()
            await asyncio.sleep(0.1)

    def _write(self) -> None:
        numbers = {name: _numbers(snapshot) for name, snapshot in self._shown.items()}
        beside = self._out.with_suffix(".new")
        beside.write_text(json.dumps({"ready": self._ready(), "campaigns": numbers}))
        beside.replace(self._out)


def _numbers(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "as_of": snapshot.as_of,
        "incomplete": snapshot.incomplete,
        **numbers_of(snapshot),
    }


class Silent:
    """Metrics that nobody reads."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


def commit_before_the_state_is_stored() -> None:
    """The order of the checkpoint, turned round; the state follows late."""

    async def write(self: Checkpoint, partitions: Sequence[Owned]) -> None:
        offsets = {o.number: o.next_offset for o in partitions if o.next_offset is not None}
        await self._commit_covered(partitions, offsets)
        await asyncio.sleep(3.0)

    Checkpoint.write = write  # type: ignore[method-assign]


def write_under_shared_keys() -> None:
    """Every writer under the same keys, and no fence: what a sleeper writes replaces others'."""
    Fence.holds = lambda self: True  # type: ignore[method-assign]  # noqa: ARG005
    Partition.epoch = property(lambda self: self._ledger.epoch, lambda *_: None)  # type: ignore[assignment,method-assign]


def skip_a_record() -> None:
    """Every other record of a run is lost on its way."""
    check = Owned.check

    def lose(self: Place, run: list[Any]) -> None:
        if len(run) > 2:
            del run[:-1:2]
        check(self, run)

    Owned.check = lose  # type: ignore[method-assign]


def skip_a_record_unchecked() -> None:
    """The same, with the check taken away."""

    def lose(self: Place, run: list[Any]) -> None:
        del self
        if len(run) > 2:
            del run[:-1:2]

    Owned.check = lose  # type: ignore[method-assign]


def raise_on_a_word() -> None:
    """A defect that one campaign's name trips."""
    apply = Partition.apply

    def trip(self: Partition, batch: Any) -> Any:
        if batch.campaign.endswith("poison"):
            raise RuntimeError("tripped")
        return apply(self, batch)

    Partition.apply = trip  # type: ignore[method-assign]


def raise_on_a_source() -> None:
    """A defect that one event's source trips."""
    arrive = Inbox.arrive

    def trip(self: Inbox, arrival: Arrival) -> None:
        if arrival.source == "/poison":
            raise RuntimeError("tripped")
        arrive(self, arrival)

    Inbox.arrive = trip  # type: ignore[method-assign]


def skip_an_arrival() -> None:
    """One record of every run of an inbox is lost on its way."""
    apply = Deciding.apply

    async def lose(self: Deciding, place: Place, run: list[Any], end: int) -> None:
        if len(run) > 2:
            del run[1]
        await apply(self, place, run, end)

    Deciding.apply = lose  # type: ignore[method-assign]


def fail_to_seek() -> None:
    """Something breaks inside of Faust's own recovery."""

    async def sought(self: Worker, offsets: object) -> None:
        del self, offsets
        raise RuntimeError("no seeking today")

    Worker.sought = sought  # type: ignore[method-assign]


def forward_before_the_decision_is_stored() -> None:
    """What is decided is forwarded at once, and stored after a while."""
    write, forward = Journal.write, Deciding._forward

    async def late(self: Journal, records: Sequence[TableRecord]) -> None:
        await _trapped(records)
        await write(self, records)

    async def settle(self: Deciding, desk: Desk) -> None:
        desk.inbox.decide(desk.identities.next_offset or 0, 1_000)
        await forward(self, desk.inbox._given)
        await settle_one(self, desk)

    settle_one = Deciding._settle_one
    Journal.write = late  # type: ignore[method-assign]
    Deciding._settle_one = settle  # type: ignore[method-assign]


def open_journals_that_shut_nobody_out() -> None:
    """Every worker with a name of its own at the broker, and no fence."""
    Fence.holds = lambda self: True  # type: ignore[method-assign]  # noqa: ARG005
    start = Journal.__init__

    def begin(self: Journal, options: Mapping[str, Any], number: int) -> None:
        start(self, options, number)
        manager: Any = self._producer._txn_manager
        manager.transactional_id += f"-{os.getpid()}"

    Journal.__init__ = begin  # type: ignore[method-assign]


def pause_before_storing() -> None:
    """No sabotage: time to stop or kill the worker with a decision that is not stored."""
    write = Journal.write

    async def late(self: Journal, records: Sequence[TableRecord]) -> None:
        await _trapped(records)
        await write(self, records)

    Journal.write = late  # type: ignore[method-assign]


def pause_after_storing() -> None:
    """No sabotage: time to kill the worker with a decision that is stored and not forwarded."""
    write = Journal.write

    async def then(self: Journal, records: Sequence[TableRecord]) -> None:
        await write(self, records)
        await _trapped(records)

    Journal.write = then  # type: ignore[method-assign]


async def _trapped(records: Sequence[TableRecord]) -> None:
    if any(record.table == "decisions" for record in records):
        Path(sys.argv[2]).with_suffix(".trapped").touch()
        await asyncio.sleep(4.0)


SABOTAGES: Mapping[str, Callable[[], None]] = {
    sabotage.__name__: sabotage
    for sabotage in (
        commit_before_the_state_is_stored,
        write_under_shared_keys,
        skip_a_record,
        skip_a_record_unchecked,
        raise_on_a_word,
        raise_on_a_source,
        skip_an_arrival,
        fail_to_seek,
        forward_before_the_decision_is_stored,
        open_journals_that_shut_nobody_out,
        pause_before_storing,
        pause_after_storing,
    )
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kafka")
    parser.add_argument("out", type=Path)
    parser.add_argument("--session", type=float, default=2.0)
    parser.add_argument("--sabotage", choices=SABOTAGES, action="append", default=[])
    parser.add_argument("--quarantine", default="")
    parser.add_argument("--waiting-days", type=int, default=36_500)
    options = parser.parse_args()
    for sabotage in options.sabotage:
        SABOTAGES[sabotage]()
    deciding._SWEEP_SECONDS = 1.0  # type: ignore[misc]
    settings = Settings.from_environment(
        {},
        kafka=options.kafka,
        secret=b"test",
        session_timeout_seconds=options.session,
        checkpoint_seconds=0.3,
        refresh_seconds=0.1,
        page_rows=8,
        waiting_days=options.waiting_days,
    )
    places = [Quarantined(*place) for place in json.loads(options.quarantine or "[]")]
    metrics: Any = Silent()
    try:
        uvloop.run(run_worker(settings, FileExporter(options.out), metrics, places))
    except StreamerError as error:
        fail(error)
    os._exit(99)  # a worker ends by itself


main()
