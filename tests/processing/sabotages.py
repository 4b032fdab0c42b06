"""Guards to be taken away, one by one, so that a test can show that it notices.

Each function leaves everything else as it is.
"""

import asyncio
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from streamer.processing import checkpoint
from streamer.processing.fence import Fence
from streamer.processing.owned import Owned
from streamer.processing.worker import Worker
from streamer.state import Partition


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
    Partition.epoch = property(lambda self: self._ledger.epoch, lambda *_: None)  # type: ignore[assignment,method-assign]


def skip_a_record() -> None:
    """Every other record of a run is lost on its way."""
    check = Owned.check

    def lose(self: Owned, run: list[Any], topic: str) -> None:
        if len(run) > 2:
            del run[:-1:2]
        check(self, run, topic)

    Owned.check = lose  # type: ignore[method-assign]


def skip_a_record_unchecked() -> None:
    """The same, with the check taken away."""

    def lose(self: Owned, run: list[Any], topic: str) -> None:
        del self, topic
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


def fail_to_seek() -> None:
    """Something breaks inside of Faust's own recovery."""

    async def sought(self: Worker, offsets: object) -> None:
        del self, offsets
        raise RuntimeError("no seeking today")

    Worker.sought = sought  # type: ignore[method-assign]


SABOTAGES: Mapping[str, Callable[[], None]] = {
    sabotage.__name__: sabotage
    for sabotage in (
        commit_before_it_is_acknowledged,
        hold_no_fence,
        write_under_shared_keys,
        skip_a_record,
        skip_a_record_unchecked,
        raise_on_a_word,
        fail_to_seek,
    )
}
