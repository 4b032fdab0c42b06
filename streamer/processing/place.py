"""Where one partition of a topic is read: what comes next, and what is committed.

Owns the rule that no record is ever skipped: a run of records that does not follow on the last
one stops the process before anything of it is applied.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from streamer.errors import GapError

# (topic, partition) → offset; False: the group has moved on without this worker.
Commit = Callable[[Mapping[tuple[str, int], int]], Awaitable[bool]]


class Place:
    """One partition of a topic.

    `stored`: whether anything that was read of it is stored. `next_offset` is the first offset not
    applied, None until it was sought; `committed` is what was last committed.
    """

    def __init__(self, topic: str, number: int, *, stored: bool) -> None:
        self.topic = topic
        self.number = number
        self.stored = stored
        self.next_offset: int | None = None
        self.committed: int | None = None

    def sought(self, offset: int) -> None:
        """Consumption goes on from here."""
        self.next_offset = offset
        self.committed = offset

    def check(self, run: list[Any]) -> None:
        """Raise GapError unless the run follows on what was applied, record by record."""
        first, last = run[0].offset, run[-1].offset
        if first != self.next_offset or last - first + 1 != len(run):
            raise GapError(
                f"Records of {self.topic}-{self.number} are missing: {self.next_offset} was to "
                f"come, but {first} to {last} came as {len(run)} records. Nothing of them was "
                f"applied. A restart reads on from the committed offset; if it ends here again, "
                f"records were deleted from the topic: see `streamer doctor`."
            )


async def commit_places(commit: Commit, offsets: Mapping[Place, int]) -> None:
    """Commit those of these offsets that are news."""
    news = {place: offset for place, offset in offsets.items() if place.committed != offset}
    if news and await commit({(p.topic, p.number): offset for p, offset in news.items()}):
        for place, offset in news.items():
            place.committed = offset
