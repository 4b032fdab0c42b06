"""Building the state of partitions from the changelogs of their tables."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from streamer.state import Epoch, Table
from streamer.transport.changelogs import read_changelogs
from streamer.transport.topics import changelog


class State(Protocol):
    """What is built: it joins what writers left, and then writes under an epoch of its own."""

    found_epoch: int

    @property
    def epoch(self) -> Epoch:
        """Under which it writes."""
        ...

    @epoch.setter
    def epoch(self, epoch: Epoch) -> None: ...

    def restore(self, table: Table, key: bytes, value: bytes | None) -> None:
        """Join what stands under a key of a table."""
        ...

    def restored(self) -> None:
        """All was restored."""
        ...


Restored = TypeVar("Restored", bound=State)


async def recover(
    options: Mapping[str, Any],
    tables: Sequence[Table],
    partitions: Sequence[int],
    new: Callable[[], Restored],
    is_current: Callable[[], bool],
) -> tuple[dict[int, Restored], int]:
    """The state of each of these partitions, and how many records were read.

    Nothing more is built once `is_current` says no.
    """
    names: dict[str, Table] = {changelog(table): table for table in tables}
    # What stands under a key is one writer's, and grew: only the last of it is joined.
    found: dict[int, dict[tuple[Table, bytes], bytes | None]] = {n: {} for n in partitions}

    def take(topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        found[partition][names[topic], key] = value

    records = await read_changelogs(options, list(names), partitions, take)
    states: dict[int, Restored] = {}
    for number in partitions:
        if not is_current():
            break
        states[number] = state = new()
        for (table, key), value in found.pop(number).items():
            state.restore(table, key, value)
        state.restored()
        state.epoch = Epoch(state.found_epoch + 1, secrets.randbits(32))
        await asyncio.sleep(0)
    return states, records
