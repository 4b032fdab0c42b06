"""Whether this worker may still speak for its partitions.

A worker that stalls longer than its session loses its partitions without knowing. Until it has
heard from the group's coordinator again it neither writes nor exports.
"""

from collections.abc import Callable


class Fence:
    """The time since the coordinator last answered a heartbeat or took this worker in."""

    def __init__(self, session_seconds: float, clock: Callable[[], float]) -> None:
        self._session_seconds = session_seconds
        self._clock = clock
        self._heard = clock()

    def now(self) -> float:
        """The fence's own clock, in seconds."""
        return self._clock()

    def heard(self, asked: float) -> None:
        """The coordinator has answered that we are a member; `asked`: when it was asked.

        A worker that slept finds the answer to an old question in its buffers: that is no news.
        """
        self._heard = max(self._heard, asked)

    def holds(self) -> bool:
        """Whether the last answer is younger than the session."""
        return self._clock() - self._heard < self._session_seconds
