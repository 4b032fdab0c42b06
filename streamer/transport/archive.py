"""A backup on disk: a folder of files of records, and a manifest that says what is whole.

Each run of `streamer backup` adds a file for each partition that has news. The manifest is replaced
last, so a run that was cut off leaves the folder as it was before. Knows nothing of Kafka.
"""

import gzip
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

import msgspec

from streamer.errors import StreamerError

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
_PRIVATE: Final = 0o600
_CHUNK: Final = 1024 * 1024


class Record(NamedTuple):
    """A record as it stands in its topic; `timestamp` in milliseconds since 1970."""

    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Piece(msgspec.Struct, frozen=True):
    """A file: how many records, and the SHA-256 of its bytes."""

    name: str
    records: int
    sha256: str


class Part(msgspec.Struct, frozen=True):
    """A partition: its files in order, its first offset, and the one after the last record.

    `last` is the digest of the last record: whether a topic is still the same one is told by it.
    """

    first: int
    next: int
    last: str = ""
    pieces: tuple[Piece, ...] = ()

    @property
    def records(self) -> int:
        """How many records the files hold."""
        return sum(piece.records for piece in self.pieces)


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. `topics`: of each topic, its partitions by number. `at`: RFC 3339."""

    format: int
    at: str
    cluster: str
    fingerprint: str
    topics: dict[str, tuple[Part, ...]]


def load(folder: Path) -> Manifest | None:
    """The manifest of a folder; None when it holds no whole backup, StreamerError if unreadable."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise StreamerError(f"{folder / MANIFEST} cannot be read: {error}.") from None
    if manifest.format != FORMAT:
        raise StreamerError(
            f"{folder} is a backup of format {manifest.format}, and this version reads {FORMAT}."
        )
    return manifest


def store(folder: Path, manifest: Manifest) -> None:
    """Make `manifest` the folder's, whole or not at all."""
    scratch = folder / f"{MANIFEST}.new"
    with _new(scratch) as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)))
        _to_disk(file.fileno())
    scratch.replace(folder / MANIFEST)


def digest_of(record: Record) -> str:
    """What tells a record from every other one."""
    return hashlib.sha256(msgspec.msgpack.encode(record)).hexdigest()


def clean(folder: Path, manifest: Manifest) -> None:
    """Remove the files of records that the manifest does not name."""
    named = {piece.name for piece in _pieces(manifest)}
    for path in folder.glob("*.gz"):
        if path.name not in named:
            path.unlink()


class PieceWriter:
    """Writes one file of records; `close` makes it last and says what it is."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / name
        self._file = _new(self._path)
        # No time inside: the same records are the same bytes.
        self._packed = gzip.GzipFile("", "wb", 6, self._file, mtime=0)
        self._records = 0
        self.last = ""

    def write(self, record: Record) -> None:
        """Add a record."""
        packed = msgspec.msgpack.encode(record)
        self._packed.write(len(packed).to_bytes(4, "big") + packed)
        self._records += 1
        self.last = hashlib.sha256(packed).hexdigest()

    def close(self) -> Piece:
        """Have all of it on the disk."""
        self._packed.close()
        self._file.flush()
        _to_disk(self._file.fileno())
        self._file.close()
        return Piece(self._path.name, self._records, _digest(self._path))


def damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """A sentence for each file that is missing or not as it was written."""
    for piece in _pieces(manifest):
        path = folder / piece.name
        if not path.exists():
            yield f"{path} is missing"
        elif _digest(path) != piece.sha256:
            yield f"{path} is not as it was written"


def read(folder: Path, part: Part, start: int = 0) -> Iterator[Record]:
    """The records of a partition in order, without the first `start`."""
    for piece in part.pieces:
        if start >= piece.records:
            start -= piece.records
            continue
        with gzip.open(folder / piece.name, "rb") as file:
            for number in range(piece.records):
                packed = file.read(int.from_bytes(file.read(4), "big"))
                if number >= start:
                    yield msgspec.msgpack.decode(packed, type=Record)
        start = 0


def _pieces(manifest: Manifest) -> Iterable[Piece]:
    return (piece for parts in manifest.topics.values() for part in parts for piece in part.pieces)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _new(path: Path) -> IO[bytes]:
    """An empty file for its owner's eyes only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb")


def _to_disk(descriptor: int) -> None:
    os.fsync(descriptor)
