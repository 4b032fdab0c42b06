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

    def heard(self) -> None:
        """The coordinator has just answered that we are a member."""
        self._heard = self._clock()

    def holds(self) -> bool:
        """Whether the last answer is younger than the session."""
        return self._clock() - self._heard < self._session_seconds
