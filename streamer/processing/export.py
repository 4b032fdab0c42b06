"""What the engine gives away: snapshots to an exporter, figures of its own health to metrics."""

from collections.abc import Callable, Collection, Sequence
from typing import Literal, Protocol

from streamer.state import Epoch, Hour, Snapshot

Outcome = Literal["applied", "repeated", "unknown", "rejected"]


class Exporter(Protocol):
    """Where snapshots go. None of the calls may block, or fail because something is away."""

    async def start(self) -> None:
        """Begin to serve."""
        ...

    async def stop(self) -> None:
        """Give away what is held, and end."""
        ...

    def set_ready(self, ready: Callable[[], bool]) -> None:
        """Take the answer to whether all assigned partitions are recovered and current."""
        ...

    def set_speaks(self, speaks: Callable[[], bool]) -> None:
        """Take the answer to whether this worker may speak for its partitions at this moment.

        While it may not, no numbers of campaigns are shown or written; what is held is kept.
        """
        ...

    def publish(self, partition: int, epoch: Epoch, offset: int, snapshot: Snapshot) -> None:
        """Take the numbers of a campaign as they are at `offset`; the latest replaces others."""
        ...

    def hours(self, partition: int, epoch: Epoch, hours: Sequence[Hour]) -> None:
        """Take absolute values of the windowed counters."""
        ...

    def complete(self, partition: int, epoch: Epoch) -> None:
        """Everything of a partition was published since it was recovered."""
        ...

    def withhold(self) -> None:
        """Show no campaign before it is published again; all that is held for others is kept."""
        ...

    def retain(self, campaigns: Collection[str]) -> None:
        """Forget every campaign but these."""
        ...


class Metrics(Protocol):
    """The engine's own health. None of the calls may block."""

    def events(self, outcome: Outcome, count: int) -> None:
        """Count events read."""
        ...

    def dead_letters(self, count: int) -> None:
        """Count records and events set aside."""
        ...

    def latency(self, seconds: float) -> None:
        """Observe the time from a record's arrival in Kafka to the export of its campaign."""
        ...

    def lag(self, partition: int, records: int) -> None:
        """Set how many records of a partition are not applied yet."""
        ...

    def checkpoint(self, seconds: float, size: int, records: int) -> None:
        """Observe one checkpoint; `size` in bytes."""
        ...

    def recovery(self, seconds: float, records: int) -> None:
        """Observe one recovery."""
        ...

    def waiting(self, number: int) -> None:
        """Set how many events wait for a campaign."""
        ...

    def withheld(self, *, withheld: bool) -> None:
        """Tell whether the numbers of campaigns are withheld."""
        ...

    def last_event(self, source: str, at: int) -> None:
        """Set the latest event time of a source, UTC seconds."""
        ...
