"""UUIDs of version 7: ids that grow with time, also within a millisecond."""

import secrets
import threading
import time
import uuid
from collections.abc import Callable
from typing import Final

_RANDOM_BITS: Final = 62
_COUNTER_BITS: Final = 12


class Uuid7:
    """A source of ids, each greater than the one before, whatever the clock does."""

    def __init__(self, nanoseconds: Callable[[], int] = time.time_ns) -> None:
        self._nanoseconds = nanoseconds
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        """The next id as text."""
        with self._lock:
            now = self._nanoseconds()
            # Milliseconds, then their fraction in the 12 bits that RFC 9562 leaves for it.
            tick = now // 1_000_000 << _COUNTER_BITS
            tick |= (now % 1_000_000 << _COUNTER_BITS) // 1_000_000
            self._last = tick = max(tick, self._last + 1)
        milliseconds, fraction = divmod(tick, 1 << _COUNTER_BITS)
        value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << _RANDOM_BITS
        return str(uuid.UUID(int=value | secrets.randbits(_RANDOM_BITS)))
