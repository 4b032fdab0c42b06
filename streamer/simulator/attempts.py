"""How a simulated vendor calls the gateway: it signs each attempt, tries again, and gives up.

Owns what counts as an answer. When it tries again and on what is the vendor's retry contract; the
seconds between may be squeezed, so that a schedule of a day fits a minute.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

from streamer.errors import SettingsError
from streamer.simulator.client import GatewayClient
from streamer.simulator.vendors import Attempt, Request, Simulated

# How many requests of a vendor are under way, and how many may wait for their next attempt.
_AT_ONCE: Final = 4
_WAITING: Final = 2000
_SUCCESS: Final = range(200, 300)


class Span(NamedTuple):
    """From when to when, in UTC seconds."""

    begun: float
    ended: float

    def meets(self, other: "Span") -> bool:
        """Whether the two have a moment in common."""
        return self.begun <= other.ended and other.begun <= self.ended


class Delivered(NamedTuple):
    """What became of a request: whether the gateway took it, and when it was attempted."""

    taken: bool
    attempts: tuple[Span, ...]


def squeeze(delays: Sequence[float], patience: float) -> tuple[float, ...]:
    """The delays, divided by what makes them fit `patience` seconds; as they are if they do."""
    factor = max(1.0, sum(delays) / patience)
    return tuple(delay / factor for delay in delays)


class Caller:
    """One vendor's way to one gateway; `signed_for` is the base of the URL that it signs."""

    def __init__(
        self,
        vendor: Simulated,
        secret: str,
        client: GatewayClient,
        signed_for: str,
        patience: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.vendor = vendor
        self.secret = secret
        self.retries = 0
        self._client = client
        self._base = signed_for.rstrip("/")
        self._delays = squeeze(vendor.delays, patience)
        self._contract = vendor.vendor.retries
        self._sleep = sleep
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._places = asyncio.Semaphore(_WAITING)

    async def place(self) -> None:
        """Wait until one more request may be delivered."""
        await self._places.acquire()

    async def deliver(self, request: Request) -> Delivered:
        """Call until the gateway has taken it or the vendor gives up.

        A place must have been waited for. SettingsError when the gateway does not know the source
        or its signature.
        """
        spans: list[Span] = []
        try:
            for pause in (*self._delays, None):
                begun = time.time()
                status = await self._attempt(request)
                spans.append(Span(begun, time.time()))
                if status is not None and status in _SUCCESS:
                    return Delivered(taken=True, attempts=tuple(spans))
                if pause is None or not self._tries_again(status):
                    break
                self.retries += 1
                await self._sleep(pause)
            return Delivered(taken=False, attempts=tuple(spans))
        finally:
            self._places.release()

    def _tries_again(self, status: int | None) -> bool:
        """Without an answer every vendor tries again."""
        retried = self._contract.retried
        return status is None or retried is None or status in retried

    async def _attempt(self, request: Request) -> int | None:
        written = request.written
        target = f"/webhooks/{request.source}" + (f"?{written.query}" if written.query else "")
        async with self._room:
            attempt = Attempt(self.secret, self._base + target, written.body, int(time.time()))
            headers = self.vendor.headers(attempt)
            answer = await self._client.call(target, headers, written.body, self._contract.within)
        if answer is None:
            return None
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise SettingsError(
                f"The gateway at {self._client.url} refuses what {self.vendor.vendor.title} sends "
                f"to the source {request.source}: start it with the simulator's sources, see "
                "`streamer simulate --help`."
            )
        return answer.status_code
