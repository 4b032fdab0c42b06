"""Files as they are sent whole: plain or gzip, once more from the start when the gateway was away.

Pure but for reading them. Never looks further than at what kind of file it is.
"""

import io
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Final

from streamer.commands.importing import STDIN, unpack
from streamer.errors import SettingsError
from streamer.simulator.client import Content

_PIECE: Final = 64 * 1024
_GZIP: Final = b"\x1f\x8b"
_WITH_GZIP_HEADER: Final = 31
_CSV, _JSON_LINES = "text/csv", "application/x-ndjson"


def is_table(file: io.BufferedReader) -> bool:
    """Whether what is next in a file, plain or gzip, is a table and no JSON; nothing is read."""
    begins = _begins(file.peek(_PIECE))
    return bool(begins) and not begins.startswith((b"{", b"["))


class Sent:
    """One file, of a kind; `read` is told the bytes consumed, each once."""

    def __init__(self, name: str, file: io.BufferedReader, read: Callable[[int], None]) -> None:
        self._name = name
        self._read = read
        self._told = 0
        self._media_type = _CSV if is_table(file) else _JSON_LINES
        # Standard input cannot be read twice.
        self._file: IO[bytes] = io.BytesIO(file.read()) if name == STDIN else file
        packed = name == STDIN or file.peek(_PIECE).startswith(_GZIP)
        self._size = None if packed else Path(name).stat().st_size

    @property
    def content(self) -> Content:
        """The file for the client."""
        return Content(self._media_type, self._pieces, self._size)

    async def _pieces(self) -> AsyncIterator[bytes]:
        self._file.seek(0)
        count = 0

        def tell(size: int) -> None:
            nonlocal count
            count += size
            # A second try shows nothing until it is where the first one was.
            if count > self._told:
                self._read(count - self._told)
                self._told = count

        unpacked = unpack(self._file, tell)
        try:
            while piece := unpacked.read(_PIECE):
                yield piece
        except (OSError, EOFError, zlib.error) as error:
            raise SettingsError(f"{self._name} is damaged: {error}.") from None


def _begins(head: bytes) -> bytes:
    """The beginning of what is in a file that begins so."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(_WITH_GZIP_HEADER).decompress(head, _PIECE)
        except zlib.error:
            return b""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()
