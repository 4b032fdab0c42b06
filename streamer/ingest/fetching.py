"""Fetching what vendors' proofs need from elsewhere, and visiting what confirms a subscription.

The URLs come from requests, so a vendor names only those that it knows by a strict pattern. Owns
the bounds of what is then fetched: HTTPS, no redirect, a size, a time, a number at once. Never logs
a URL, which may hold a token.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import httpx

from streamer.errors import ProofUnavailable

# Fetching and Kafka's acknowledgement together stay within what vendors wait.
FETCH_SECONDS: Final = 4.0
LARGEST_BYTES: Final = 64 * 1024
KEPT_SECONDS: Final = 24 * 3600.0
MOST_KEPT: Final = 64
MOST_AT_ONCE: Final = 8


class Fetcher(Protocol):
    """Gets what is elsewhere; both raise ProofUnavailable when it is not to be had now."""

    async def fetch(self, url: str, /) -> bytes:
        """What stands there, which may be as old as a day."""
        ...

    async def visit(self, url: str, /) -> None:
        """Ask for it now; only success returns."""
        ...


class NoFetcher:
    """Where nothing may be fetched: what needs it cannot be proved."""

    async def fetch(self, _url: str, /) -> bytes:
        """Refuse."""
        raise ProofUnavailable("This gateway fetches nothing.")

    async def visit(self, url: str) -> None:
        """Refuse."""
        await self.fetch(url)


NO_FETCHER: Final = NoFetcher()


class _Kept(NamedTuple):
    content: bytes
    until: float


class HttpFetcher:
    """Fetches over HTTPS, and keeps what it has got for a day; failures are not kept."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
        seconds: float = FETCH_SECONDS,
    ) -> None:
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=seconds,
            follow_redirects=False,
            # Compressed content could be larger than what is counted.
            headers={"accept-encoding": "identity"},
        )
        self._now = now
        self._seconds = seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._loading: dict[str, asyncio.Task[bytes]] = {}

    async def aclose(self) -> None:
        """Disconnect."""
        for task in self._loading.values():
            task.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)
        await self._client.aclose()

    async def fetch(self, url: str) -> bytes:
        """See `Fetcher`. Those who ask for the same at once share one request."""
        kept = self._kept.get(url)
        if kept is not None and self._now() < kept.until:
            self._kept.move_to_end(url)
            return kept.content
        return await asyncio.shield(self._loading.get(url) or self._begin(url))

    async def visit(self, url: str) -> None:
        """See `Fetcher`."""
        await self._get(url)

    def _begin(self, url: str) -> asyncio.Task[bytes]:
        # Whoever sends forged requests decides how many are asked for.
        if len(self._loading) >= MOST_AT_ONCE:
            raise ProofUnavailable("Too much is being fetched at once; try again.")
        task = asyncio.get_running_loop().create_task(self._load(url))
        # Its error is for those who wait for it; when all have left it is nobody's.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._loading[url] = task
        return task

    async def _load(self, url: str) -> bytes:
        try:
            content = await self._get(url)
        finally:
            del self._loading[url]
        self._kept[url] = _Kept(content, self._now() + KEPT_SECONDS)
        self._kept.move_to_end(url)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return content

    async def _get(self, url: str) -> bytes:
        if not url.startswith("https://"):
            raise ProofUnavailable("Only https:// is fetched.")
        content = bytearray()
        try:
            async with asyncio.timeout(self._seconds), self._client.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    raise ProofUnavailable(
                        f"What its proof needs is answered {response.status_code}."
                    )
                async for chunk in response.aiter_raw():
                    content += chunk
                    if len(content) > LARGEST_BYTES:
                        raise ProofUnavailable("What its proof needs is too large.")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            raise ProofUnavailable(
                f"What its proof needs cannot be fetched ({type(error).__name__}); try again."
            ) from None
        return bytes(content)
