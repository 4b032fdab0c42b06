"""Answers: plain ones, and every refusal as an RFC 9457 problem document.

Owns how errors look over HTTP. Never decides what is an error.
"""

import http
import json
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from streamer.errors import (
    KafkaUnavailable,
    Malformed,
    ProofUnavailable,
    RedisUnavailable,
    RequestError,
)

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

RETRY_AFTER_SECONDS: Final = 3
JSON: Final = b"application/json"
# What may be refused before the body has ended: whoever sends on would hold the connection.
_REFUSED_EARLY: Final = frozenset({401, 405, 408, 413, 415})
PROBLEM: Final = b"application/problem+json"
# What passes: the same request will do later.
UNAVAILABLE: Final = (KafkaUnavailable, RedisUnavailable, ProofUnavailable)
_OURS: Final = (RequestError, *UNAVAILABLE)


class EventError(msgspec.Struct, frozen=True):
    """One reason why one event of a request is refused; `id` is None when it has no text.

    A body that cannot be read as a whole is told as its first event, of no field.
    """

    index: int
    id: str | None
    field: str
    reason: str


class Refused(Malformed):
    """Events of a request are refused, each for the reasons listed; nothing is taken."""

    def __init__(self, errors: Sequence[EventError], detail: str = "") -> None:
        super().__init__(
            detail
            or f"{len({error.index for error in errors})} of the events are refused, each for the "
            "reasons in `errors`; nothing was taken."
        )
        self.errors = errors


class TooSlow(RequestError):  # noqa: N818 - like its siblings, named after what it reports
    """The request did not arrive in time."""

    status = 408


class NotFound(RequestError):  # noqa: N818
    """There is nothing at this path."""

    status = 404


class MethodNotAllowed(RequestError):  # noqa: N818
    """The path knows other methods."""

    status = 405

    def __init__(self, *allowed: str) -> None:
        super().__init__(f"This path takes {' and '.join(allowed)} only.")
        self.allowed = allowed


class Disconnected(Exception):  # noqa: N818 - a state, which needs no answer
    """The client has gone: there is nobody to answer."""


async def answer(
    send: Send, status: int, body: bytes, content_type: bytes = JSON, headers: Headers = ()
) -> None:
    """Send a whole response."""
    length = str(len(body)).encode()
    fixed = [(b"content-type", content_type), (b"content-length", length)]
    if status == http.HTTPStatus.NO_CONTENT:
        # It has no body, so it may not tell of one (RFC 9110, 8.6).
        fixed = []
    start = {"type": "http.response.start", "status": status, "headers": [*fixed, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def answer_error(send: Send, error: Exception, status: int | None = None) -> None:
    """Send the problem document of an error; one that is not ours is a 500 that says nothing.

    `status` stands instead of the error's own.
    """
    status, detail = status or _status(error), _detail(error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if isinstance(error, Refused):
        problem["errors"] = [msgspec.to_builtins(reason) for reason in error.errors]
    # Escaped to ASCII: what is quoted from a request may not be valid Unicode.
    body = json.dumps(problem).encode()
    await answer(send, status, body, PROBLEM, _headers(error, status))


def _status(error: Exception) -> int:
    return error.status if isinstance(error, _OURS) else 500


def _detail(error: Exception) -> str:
    if isinstance(error, _OURS):
        return str(error)
    return "A defect of the gateway; its log has the details."


def _headers(error: Exception, status: int) -> Iterator[tuple[bytes, bytes]]:
    if isinstance(error, MethodNotAllowed):
        yield b"allow", ", ".join(error.allowed).encode()
    if status == http.HTTPStatus.UNAUTHORIZED:
        yield b"www-authenticate", b"Bearer"
    if isinstance(error, UNAVAILABLE):
        yield b"retry-after", str(RETRY_AFTER_SECONDS).encode()
    if status in _REFUSED_EARLY:
        yield b"connection", b"close"


def place_of(defect: BaseException) -> str:
    """What kind of exception it is and where it was raised.

    Not its message nor its traceback: these may quote what was sent, and logs hold no persons.
    """
    frame = traceback.extract_tb(defect.__traceback__)[-1]
    return f"{type(defect).__name__} at {Path(frame.filename).name}:{frame.lineno}"
