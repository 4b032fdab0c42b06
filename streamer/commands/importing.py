"""Reading files of events for the import: lines in, packs to send and refusals out.

Pure but for reading the files. Owns what is refused before anything is sent, and the packing by
campaign. Memory is bounded whatever the files hold. Never talks to the gateway.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

import msgspec

from streamer.errors import SettingsError, UnreadableRecord
from streamer.events import Problem, check, decode_record, loads

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN: Final = "-"
# One pack becomes one record where it is of one campaign; all packs together bound the memory.
PACK_BYTES: Final = 480 * 1024
PACK_EVENTS: Final = 5_000
HELD_BYTES: Final = 16 * 1024 * 1024
LONGEST_LINE: Final = 512 * 1024
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a file, counted from 1."""

    file: str
    number: int
    text: bytes


class Refusal(NamedTuple):
    """A line that is not sent, or was not taken, and every reason for it."""

    line: Line
    problems: tuple[Problem, ...]


class Pack(NamedTuple):
    """Lines for one request."""

    lines: Sequence[Line]

    @property
    def body(self) -> bytes:
        """The request's body: the lines as they came, as a JSON array."""
        return b"[" + b",".join(line.text for line in self.lines) + b"]"


class _Named(msgspec.Struct):
    campaign: str
    data_base64: msgspec.Raw = msgspec.Raw(b"null")


_NAMED: Final = msgspec.json.Decoder(_Named)


def open_file(name: str, stdin: IO[bytes]) -> io.BufferedReader:
    """The file of that name, `-` being `stdin`; SettingsError when it cannot be opened."""
    if name == STDIN:
        return io.BufferedReader(_Told(stdin, lambda _: None))
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror}.") from None


def read_lines(name: str, file: IO[bytes], read: Callable[[int], None]) -> Iterator[Line | Refusal]:
    """The lines of a file, plain or gzip, blank ones left out; `read` is told the bytes consumed.

    A line that is too long is a refusal with its beginning, and so is the place from which on a
    file is damaged.
    """
    number = 0
    unpacked = unpack(file, read)
    try:
        while text := unpacked.readline(LONGEST_LINE + 1):
            number += 1
            if len(text) > LONGEST_LINE:
                _skip_line(unpacked, text)
                reason = f"is above {LONGEST_LINE} bytes, more than an event may have"
                yield Refusal(Line(name, number, text[:200]), (Problem("", reason),))
                continue
            text = text.removeprefix(_BOM) if number == 1 else text
            if text := text.strip():
                yield Line(name, number, text)
    except (OSError, EOFError, zlib.error) as error:
        reason = f"the file is damaged from here on: {error}"
        yield Refusal(Line(name, number + 1, b""), (Problem("", reason),))


class _Told(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], read: Callable[[int], None]) -> None:
        super().__init__()
        self._file = file
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer)
        found = self._file.read(len(room))
        room[: len(found)] = found
        self._read(len(found))
        return len(found)


def unpack(file: IO[bytes], read: Callable[[int], None]) -> io.BufferedIOBase:
    """What is in a file, gzip or not; `read` is told the bytes consumed."""
    buffered = io.BufferedReader(_Told(file, read), 256 * 1024)
    if buffered.peek(2)[:2] == _GZIP:
        # Unpacked in one go as far as a read goes: a small file must not unpack into all memory.
        return io.BufferedReader(gzip.GzipFile(fileobj=buffered))
    return buffered


def _skip_line(file: io.BufferedIOBase, text: bytes) -> None:
    while text and not text.endswith(b"\n"):
        text = file.readline(LONGEST_LINE)


class _Group:
    """The lines of one campaign that wait for company."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.size = 0

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.size += len(line.text) + 1

    def has_room_for(self, line: Line) -> bool:
        return self.size + len(line.text) < PACK_BYTES and len(self.lines) < PACK_EVENTS


def sort(lines: Iterable[Line | Refusal]) -> Iterator[Pack | Refusal]:
    """Packs of events that are sound, each of one campaign where that fills it, and refusals."""
    groups: dict[str, _Group] = {}
    held = 0
    for line in lines:
        if isinstance(line, Refusal):
            yield line
            continue
        campaign = _campaign(line)
        if isinstance(campaign, Refusal):
            yield campaign
            continue
        if campaign in groups and not groups[campaign].has_room_for(line):
            full = groups.pop(campaign)
            held -= full.size
            yield from _release({campaign: full})
        groups.setdefault(campaign, _Group()).add(line)
        held += len(line.text) + 1
        if held > HELD_BYTES:
            yield from _release(groups)
            groups, held = {}, 0
    yield from _release(groups)


def _campaign(line: Line) -> str | Refusal:
    """The campaign of a line that looks like an event, or why it is none."""
    try:
        named = _NAMED.decode(line.text)
        if named.campaign and bytes(named.data_base64) == b"null":
            return named.campaign
    except (ValueError, RecursionError):
        pass
    problems = judge(line.text)
    if problems:
        return Refusal(line, problems)
    # Sound, but only for the exact reader: a number beyond all machines', say.
    campaign: str = loads(line.text)["campaign"]  # type: ignore[index]
    return campaign


def _release(groups: Mapping[str, _Group]) -> Iterator[Pack | Refusal]:
    """Refusals, and packs; campaigns with few events share one."""
    shared: list[Line] = []
    size = 0
    for campaign, group in groups.items():
        full = size + group.size > PACK_BYTES or len(shared) + len(group.lines) > PACK_EVENTS
        if shared and full:
            yield Pack(shared)
            shared, size = [], 0
        for found in _sound(campaign, group.lines):
            if isinstance(found, Refusal):
                yield found
            else:
                shared.append(found)
        size += group.size
    if shared:
        yield Pack(shared)


def _sound(campaign: str, lines: Sequence[Line]) -> Iterator[Line | Refusal]:
    """Each line, or why it is refused: read at once as the worker does, one by one if it must."""
    try:
        batch = decode_record(campaign.encode(), Pack(lines).body)
    except (UnreadableRecord, UnicodeEncodeError):
        for line in lines:
            problems = judge(line.text)
            yield Refusal(line, problems) if problems else line
        return
    refused = {each.position: each.problems for each in batch.rejected}
    for position, line in enumerate(lines):
        yield Refusal(line, refused[position]) if position in refused else line


def judge(text: bytes) -> tuple[Problem, ...]:
    """Every reason why the gateway would not take this line; none when it would."""
    try:
        candidate = loads(text)
    except ValueError as error:
        return (Problem("", f"is not JSON in UTF-8: {error}"),)
    found = check(candidate)
    problems = found if isinstance(found, tuple) else ()
    if isinstance(candidate, dict) and candidate.get("data_base64") is not None:
        reason = "is not taken: put a JSON object under data"
        problems = (*problems, Problem("data_base64", reason))
    return problems
