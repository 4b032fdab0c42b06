"""What a worker does with the partitions that it is given: the seam between it and each task."""

from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, Protocol

from streamer.processing.place import Place


class Work(Protocol):
    """One task on the partitions of some topics."""

    @property
    def topics(self) -> Collection[str]:
        """Which."""
        ...

    async def restore(self, partitions: Sequence[int], is_current: Callable[[], bool]) -> int:
        """Build the state of these partitions, and give all others up; the records read.

        Once `is_current` says no, another restoration has begun, and nothing is to be kept.
        """
        ...

    def place(self, topic: str, number: int) -> Place | None:
        """Where one of its partitions is read; None if it is not owned."""
        ...

    def resumed(self) -> None:
        """Records flow again."""
        ...

    async def revoked(self) -> None:
        """Partitions are about to go: store what is known, then apply no more."""
        ...

    async def apply(self, place: Place, run: list[Any], end: int) -> None:
        """Apply a run that was checked; `end` is where the partition ends, as far as is known."""
        ...

    def held_back(self) -> Collection[tuple[str, int]]:
        """Partitions of which nothing is to be read for now."""
        ...

    def beside(self) -> Sequence[Coroutine[Any, Any, None]]:
        """What goes on beside the reading, until the end."""
        ...

    async def finish(self) -> None:
        """Store what is known: the process ends."""
        ...
