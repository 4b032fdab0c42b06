"""Bodies that carry mails with their attachments: what is long in them is left out as it arrives.

An attachment says nothing that is counted, and is somebody's private matter. So such a body may be
large on the wire and is small in memory and in a dead letter, however many come at once. Never
touches what is short: what a parser reads is.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from streamer.errors import TooLarge
from streamer.ingest.bodies import drain, header
from streamer.ingest.fields import LONGEST_BOUNDARY, LONGEST_HEAD, NAMES_FILE
from streamer.ingest.problems import Receive, Scope

# An address has 320 characters at most, a line of a mail's header 998 (RFC 5322).
LONGEST_STRING: Final = 16 * 1024
# Of a form one field holds all headers of a mail as JSON.
LONGEST_FIELD: Final = 128 * 1024
# Strings without escapes that are whole and not long, with what stands before each.
_SHORT: Final = re.compile(rb'(?:[^"]*+"[^"\\]{0,%d}+")*+' % LONGEST_STRING)
# What stands in a JSON string up to its end, escapes included.
_INSIDE: Final = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)


class Bounds(NamedTuple):
    """Bytes of a body: how many may come, and how many be left when its long values are empty."""

    sent: int
    kept: int


def slimmed(scope: Scope, receive: Receive, bounds: Bounds) -> tuple[Scope, Receive]:
    """The same request as one whose long values are empty; TooLarge when too much comes.

    That too much is left is for whoever reads it to find. What it announces as its length no longer
    holds, and is not in it.
    """
    headers = [each for each in scope["headers"] if each[0] != b"content-length"]
    return {**scope, "headers": headers}, _Slimmed(receive, bounds, _announced(scope))


def _announced(scope: Scope) -> int:
    told = header(scope, b"content-length") or b""
    return int(told) if told.isdigit() else 0


class _Slimmed:
    """Receives a body piece by piece, without its long values."""

    def __init__(self, receive: Receive, bounds: Bounds, announced: int) -> None:
        self._receive = receive
        self._bounds = bounds
        self._announced = announced
        self._taken = 0
        self._kept = 0
        self._values: _Values | None = None

    async def __call__(self) -> Mapping[str, Any]:
        if self._announced > self._bounds.sent:
            await self._refuse(ended=False)
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        chunk, more = message.get("body", b""), message.get("more_body", False)
        self._taken += len(chunk)
        if self._taken > self._bounds.sent:
            await self._refuse(ended=not more)
        if self._kept > self._bounds.kept:
            # It is refused, and read to its end for that alone.
            return message
        if self._values is None and chunk:
            self._values = _values(chunk)
        kept = self._values.feed(chunk) if self._values else b""
        if self._values and not more:
            kept += self._values.end()
        self._kept += len(kept)
        return {**message, "body": kept}

    async def _refuse(self, *, ended: bool) -> None:
        await drain(self._receive, ended=ended)
        raise TooLarge(f"The request is above {self._bounds.sent} bytes: no mail is so large.")


class _Values(Protocol):
    """A body that is read as it arrives, and given on without its long values."""

    def feed(self, chunk: bytes) -> bytes:
        """What can be given on by now."""
        ...

    def end(self) -> bytes:
        """What is left when the body ends here."""
        ...


def _values(start: bytes) -> _Values:
    match start.lstrip()[:1]:
        case b"{" | b"[":
            return _Json()
        case b"-":
            return _Parts()
        case _:
            return _Form()


class _Held:
    """A value that is being read: all of it, or nothing once it is longer than `longest`."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._value = bytearray()
        self._is_long = False

    def add(self, piece: bytes) -> None:
        if self._is_long or len(self._value) + len(piece) > self._longest:
            self._is_long = True
            self._value.clear()
        else:
            self._value += piece

    def take(self) -> bytes:
        """The value, empty if it was long; the next one begins."""
        value = bytes(self._value)
        self._value.clear()
        self._is_long = False
        return value


class _Json:
    """Strings are the values."""

    def __init__(self) -> None:
        self._held = _Held(LONGEST_STRING)
        self._is_inside = False
        # A backslash at the end of a piece: what it escapes comes with the next.
        self._odd = b""

    def feed(self, chunk: bytes) -> bytes:
        text, at, out = self._odd + chunk, 0, bytearray()
        self._odd = b""
        while at < len(text):
            if not self._is_inside:
                short = _SHORT.match(text, at)
                end = short.end() if short else at
                out += text[at:end]
                at = end
                quote = text.find(b'"', at)
                self._is_inside = quote >= 0
                end = quote + 1 if self._is_inside else len(text)
                out += text[at:end]
                at = end
                continue
            inside = _INSIDE.match(text, at)
            end = inside.end() if inside else at
            self._held.add(text[at:end])
            if text[end : end + 1] == b'"':
                out += self._held.take() + b'"'
                self._is_inside = False
                end += 1
            else:
                self._odd = text[end:]
                end = len(text)
            at = end
        return bytes(out)

    def end(self) -> bytes:
        return self._held.take() + self._odd


class _Form:
    """The values of `name=value&…`."""

    def __init__(self) -> None:
        self._held = _Held(LONGEST_FIELD)
        self._is_value = False

    def feed(self, chunk: bytes) -> bytes:
        at, out = 0, bytearray()
        while at < len(chunk):
            mark = b"&" if self._is_value else b"="
            found = chunk.find(mark, at)
            end = found if found >= 0 else len(chunk)
            self._held.add(chunk[at:end])
            if found >= 0:
                out += self._held.take() + mark
                self._is_value = not self._is_value
            at = end + 1
        return bytes(out)

    def end(self) -> bytes:
        return self._held.take()


class _Parts:
    """The parts of multipart/form-data, of which files are left out whole."""

    def __init__(self) -> None:
        self._held = _Held(LONGEST_FIELD)
        self._left = bytearray()
        self._delimiter: bytes | None = None
        self._is_head = True
        self._is_file = False

    def feed(self, chunk: bytes) -> bytes:
        self._left += chunk
        out = bytearray()
        while self._step(out):
            pass
        return bytes(out)

    def end(self) -> bytes:
        # What follows the last delimiter is the mark of the end; a value is broken off.
        if not self._is_head:
            self._add(len(self._left))
        return self._held.take() + bytes(self._left)

    def _step(self, out: bytearray) -> bool:
        if self._delimiter is None:
            return self._begin(out)
        return self._head(out) if self._is_head else self._content(out, self._delimiter)

    def _begin(self, out: bytearray) -> bool:
        end = self._left.find(b"\r\n")
        if end < 0 and len(self._left) <= LONGEST_BOUNDARY:
            return False
        end = end if 0 <= end <= LONGEST_BOUNDARY else LONGEST_BOUNDARY
        self._delimiter = b"\r\n" + self._left[:end]
        self._give(out, end)
        return True

    def _head(self, out: bytearray) -> bool:
        end = self._left.find(b"\r\n\r\n")
        if end < 0 and len(self._left) <= LONGEST_HEAD:
            return False
        end = end + len(b"\r\n\r\n") if 0 <= end <= LONGEST_HEAD else LONGEST_HEAD
        self._is_file = NAMES_FILE.search(self._left[:end]) is not None
        self._is_head = False
        self._give(out, end)
        return True

    def _content(self, out: bytearray, delimiter: bytes) -> bool:
        end = self._left.find(delimiter)
        if end < 0:
            # Its end may be the beginning of a delimiter.
            self._add(max(0, len(self._left) - len(delimiter) + 1))
            return False
        self._add(end)
        out += self._held.take()
        self._is_head = True
        self._give(out, len(delimiter))
        return True

    def _add(self, size: int) -> None:
        if not self._is_file:
            self._held.add(bytes(self._left[:size]))
        del self._left[:size]

    def _give(self, out: bytearray, size: int) -> None:
        out += self._left[:size]
        del self._left[:size]
