"""Reading a request's body: bounded in size and time, and in what all of them hold together.

Owns the budget of memory. Never looks into a body.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from streamer.errors import KafkaUnavailable, TooLarge
from streamer.ingest.problems import Disconnected, Receive, Scope, TooSlow

BODY_SECONDS: Final = 20.0
# What is refused early is read to its end within these bounds: closing a connection on unread
# bytes resets it, and the client would never see why it was refused.
DRAIN_SECONDS: Final = 3.0
DRAIN_BYTES: Final = 8 * 1024 * 1024


class Budget:
    """How many bytes may be held at once, by bodies being read and by records on their way."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    def reserve(self, size: int) -> None:
        """Take `size` bytes, to be released; KafkaUnavailable when they are not to be had."""
        if self.held + size > self.limit:
            raise KafkaUnavailable(
                "The gateway holds as much as it may while Kafka does not acknowledge; try again."
            )
        self.held += size

    def release(self, size: int) -> None:
        """Give back what was reserved."""
        self.held -= size


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of that name (in lower case)."""
    # A plain loop: a generator takes three times as long, and every request asks several times.
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None


class body_of:  # noqa: N801 - a context manager, which every request enters
    """The whole body, held within the budget until the block ends.

    Raises TooLarge above `limit`, TooSlow after `seconds`, Disconnected when the client goes,
    KafkaUnavailable when the budget is spent. The length that a client announces is never
    believed, save when it is already too much.
    """

    __slots__ = ("_budget", "_expired", "_held", "_limit", "_receive", "_scope", "_seconds")

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        limit: int,
        budget: Budget,
        seconds: float = BODY_SECONDS,
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._limit = limit
        self._budget = budget
        self._seconds = seconds
        self._held = 0
        self._expired = False

    async def __aenter__(self) -> bytes:
        announced = header(self._scope, b"content-length") or b""
        if announced.isdigit() and int(announced) > self._limit:
            await drain(self._receive)
            raise TooLarge(_too_large(self._limit))
        try:
            return await self._read()
        except BaseException:
            self._release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._release()

    def _expire(self, task: asyncio.Task[Any]) -> None:
        self._expired = True
        task.cancel()

    def _release(self) -> None:
        self._budget.release(self._held)

    async def _read(self) -> bytes:
        chunks: list[bytes] = []
        more = True
        # What asyncio.timeout does, in a quarter of its time: nearly all bodies are here already.
        task: Any = asyncio.current_task()
        cancelling = task.cancelling()
        impatience = asyncio.get_running_loop().call_later(self._seconds, self._expire, task)
        try:
            while more and self._held <= self._limit:
                chunk, more = _part(await self._receive())
                self._budget.reserve(len(chunk))
                self._held += len(chunk)
                chunks.append(chunk)
        except asyncio.CancelledError:
            if self._expired and task.uncancel() <= cancelling:
                reason = f"The body did not arrive within {self._seconds:g} seconds."
                raise TooSlow(reason) from None
            raise
        finally:
            impatience.cancel()
        if self._held > self._limit:
            chunks.clear()
            await drain(self._receive, ended=not more)
            raise TooLarge(_too_large(self._limit))
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def chunks_of(
    scope: Scope, receive: Receive, limit: int, budget: Budget, seconds: float = BODY_SECONDS
) -> AsyncGenerator[bytes, None]:
    """The body piece by piece as it arrives, one at a time held within the budget.

    Raises as `body_of` does; here `seconds` is for each piece.
    """
    announced = header(scope, b"content-length") or b""
    taken, more = 0, not announced.isdigit() or int(announced) <= limit
    if not more:
        await drain(receive)
        raise TooLarge(f"The file is above {limit} bytes: send it in parts. Nothing was taken.")
    while more:
        try:
            async with asyncio.timeout(seconds):
                chunk, more = _part(await receive())
        except TimeoutError:
            raise TooSlow(f"Nothing arrived for {seconds:g} seconds.") from None
        taken += len(chunk)
        if taken > limit:
            await drain(receive, ended=not more)
            raise TooLarge(f"The file is above {limit} bytes: send it in parts.")
        budget.reserve(len(chunk))
        try:
            yield chunk
        finally:
            budget.release(len(chunk))


def _too_large(limit: int) -> str:
    return f"The request is above {limit} bytes: send fewer events at a time."


async def drain(receive: Receive, *, ended: bool = False) -> None:
    """Read what is left of a body and forget it, within bounds."""
    left = DRAIN_BYTES
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while not ended and left > 0:
                chunk, more = _part(await receive())
                left -= len(chunk)
                ended = not more
    except TimeoutError:
        return


def _part(message: Mapping[str, Any]) -> tuple[bytes, bool]:
    """A piece of a body, and whether there is more."""
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)
