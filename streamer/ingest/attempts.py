"""How often somebody may try to log in: wrong attempts by address, forgotten after a while.

Owns the bound. Never knows a token. In memory, of one process: its restart forgets.
"""

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from streamer.errors import RequestError

ALLOWED: Final = 10
PERIOD_SECONDS: Final = 300.0
_REMEMBERED: Final = 4096
# Whoever has an IPv6 address has all of its network.
_IPV6_PREFIX: Final = 64


class TooManyAttempts(RequestError):  # noqa: N818 - named after what it reports
    """There were too many wrong attempts from this address; `seconds` until the next one."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(f"There were too many wrong attempts: try again in {seconds} seconds.")
        self.seconds = seconds


class Attempts:
    """Counts wrong attempts by address; `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def admit(self, address: str) -> None:
        """Let an attempt pass; raises `TooManyAttempts` for what is not to be tried at all."""
        failures = self._of(_network(address))
        if len(failures) >= ALLOWED:
            raise TooManyAttempts(int(failures[0] + PERIOD_SECONDS - self._clock()) + 1)

    def failed(self, address: str) -> None:
        """Note a wrong attempt."""
        network = _network(address)
        failures = self._of(network)
        failures.append(self._clock())
        self._failures[network] = failures
        self._failures.move_to_end(network)
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def _of(self, network: str) -> deque[float]:
        failures = self._failures.get(network, deque())
        while failures and failures[0] <= self._clock() - PERIOD_SECONDS:
            failures.popleft()
        return failures


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:  # noqa: PLR2004 - the protocol's own name
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return str(parsed)
