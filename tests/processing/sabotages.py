"""Guards to be taken away, one by one, so that a test can show that it notices.

Each function leaves everything else as it is.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from streamer.processing import checkpoint
from streamer.processing.deciding import Deciding
from streamer.processing.desk import Desk
from streamer.processing.fence import Fence
from streamer.processing.journal import Journal
from streamer.processing.owned import Owned
from streamer.processing.place import Place
from streamer.processing.worker import Worker
from streamer.state import Arrival, Epoch, Inbox, Partition, TableRecord


def commit_before_it_is_acknowledged() -> None:
    """The records of a checkpoint are sent as ever; the commit does not wait for them."""

    async def gather(*_: object) -> None:
        pass

    module: Any = checkpoint
    module.asyncio = SimpleNamespace(**{**vars(asyncio), "gather": gather})


def hold_no_fence() -> None:
    """However long Kafka was silent, the worker speaks for its partitions."""
    Fence.holds = lambda self: True  # type: ignore[method-assign]  # noqa: ARG005


def write_under_shared_keys() -> None:
    """Every writer under the same keys: what one that has lost its partitions sends, replaces."""

    def share(self: Partition, _: Epoch) -> None:
        self._ledger.epoch = Epoch(1, 0)

    Partition.epoch = Partition.epoch.setter(share)  # type: ignore[attr-defined,method-assign]


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


def trust_what_is_committed() -> None:
    """A worker goes on where its group has committed, whatever it found stored."""
    start = Place.__init__

    def begin(self: Place, topic: str, number: int, *, stored: bool) -> None:
        del stored
        start(self, topic, number, stored=True)

    Place.__init__ = begin  # type: ignore[method-assign]


def fail_to_seek() -> None:
    """Something breaks inside of Faust's own recovery."""

    async def sought(self: Worker, offsets: object) -> None:
        del self, offsets
        raise RuntimeError("no seeking today")

    Worker.sought = sought  # type: ignore[method-assign]


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
    hold_no_fence()
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
        commit_before_it_is_acknowledged,
        hold_no_fence,
        write_under_shared_keys,
        skip_a_record,
        skip_a_record_unchecked,
        raise_on_a_word,
        raise_on_a_source,
        skip_an_arrival,
        forward_before_the_decision_is_stored,
        open_journals_that_shut_nobody_out,
        pause_before_storing,
        pause_after_storing,
        trust_what_is_committed,
        fail_to_seek,
    )
}
