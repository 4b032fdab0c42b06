"""List, show, replay or drop dead letters: what could not be read, or was rejected.

`replay` puts letters through the code and the sources file of today: what is understood now is
counted, and what is not stays open with the reason of today. `drop` marks letters as not wanted;
nothing is ever deleted, and a letter that was dropped can still be replayed by its id. Both may be
repeated: an event counts once.

Uses STREAMER_KAFKA and STREAMER_SECRET, or the `streamer up` that runs on the folder --data.
`replay` reads STREAMER_SOURCES as the gateway does, with the secrets that it names. Exit code 0:
all is well; 1: a letter stays as it was.
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from typing import Any, Final

from streamer.commands import broker, letter_choice, letter_view, log
from streamer.commands.letter_view import plain
from streamer.embedded.folder import find_secret
from streamer.errors import SettingsError, StreamerError
from streamer.ingest.bodies import Budget
from streamer.ingest.intake import Intake
from streamer.ingest.packing import Packer, Record
from streamer.ingest.replay import Replay, Understood
from streamer.ingest.sending import sending
from streamer.ingest.sources import read_sources
from streamer.settings import Settings
from streamer.transport import marks
from streamer.transport.deadletters import DeadLetter
from streamer.transport.letterbox import Kept, Letterbox, letterbox
from streamer.transport.marks import STATES, Mark
from streamer.transport.topics import MARKS

# From more on it is asked whether that is meant.
MANY: Final = 10
# What is replayed at once: together it must fit what the packer holds.
_CHUNK: Final = 100
_CHUNK_BYTES: Final = 8 * 1024 * 1024

_Pair = tuple[Kept, DeadLetter]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="a table of the letters, the newest last")
    letter_choice.arguments(listing)
    listing.add_argument("--state", choices=STATES, help="only what became this (default: all)")
    listing.add_argument("--json", action="store_true", help="as a JSON array")
    showing = actions.add_parser("show", help="one letter whole, opened: it may name persons")
    showing.add_argument("id", metavar="ID", help="its id, or the beginning of it")
    showing.add_argument("--json", action="store_true", help="as a JSON object")
    for name, what in (
        ("replay", "read letters again by today's rules, and count what is understood"),
        ("drop", "mark letters as not wanted"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument(
            "ids", nargs="*", metavar="ID", help="these letters (default: all that are open)"
        )
        letter_choice.arguments(action)
        action.add_argument("--dry-run", action="store_true", help="only say what would be done")
        action.add_argument("--yes", action="store_true", help="do not ask, however many they are")
    for each in actions.choices.values():
        broker.arguments(each)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Do what is asked."""
    settings = broker.settings_of(options, env)
    log.configure(settings.log)
    if not settings.secret:
        settings = dataclasses.replace(settings, secret=find_secret(settings.data))
    settings.require("deadletters", "kafka", "secret")
    return asyncio.run(_do(options, settings))


async def _do(options: argparse.Namespace, settings: Settings) -> int:
    async with letterbox(settings) as box:
        return await _ACTIONS[options.action](options, settings, box)


async def _list(options: argparse.Namespace, _: Settings, box: Letterbox) -> int:
    asked = letter_choice.filters(options, options.state)
    letters = [kept for kept in await box.all() if asked.let_pass(kept)]
    if options.json:
        _print_json([letter_view.summary(kept) for kept in letters])
    else:
        letter_view.table(letters)
    return 0


async def _show(options: argparse.Namespace, _: Settings, box: Letterbox) -> int:
    kept = letter_choice.named_so(options.id, await box.all())
    async for _kept, letter in box.contents([kept]):
        if options.json:
            sys.stderr.write(f"{letter_view.WARNING}\n")
            _print_json(letter_view.whole(kept, letter))
        else:
            sys.stdout.write(letter_view.page(kept, letter))
    return 0


async def _replay(options: argparse.Namespace, settings: Settings, box: Letterbox) -> int:
    replay = Replay(settings, read_sources(settings))
    letters = letter_choice.chosen(options, await box.all())
    report = Report("replayed", dry=options.dry_run)
    for kept in letters:
        if kept.letter is None:
            report.left(kept, kept.why_sealed)
    readable = [kept for kept in letters if kept.letter is not None]
    if options.dry_run:
        async for kept, letter in box.contents(readable):
            _tell(report, kept, replay.read(letter))
        return report.end()
    _confirm(options, "replay", letters)
    async with sending(settings) as sender:
        packer = Packer(sender, Budget(settings.max_buffered_bytes))
        intake = Intake(packer, settings.partitions)
        async for chunk in _chunks(box.contents(readable)):
            found = await asyncio.gather(*(replay.put_through(each, intake) for _, each in chunk))
            told = [(kept, each) for (kept, _), each in zip(chunk, found, strict=True)]
            # Only now: all that they give has been acknowledged.
            await _mark(packer, _news(told))
            for kept, understood in told:
                _tell(report, kept, understood)
    return report.end()


def _tell(report: "Report", kept: Kept, understood: Understood) -> None:
    if understood.reason:
        report.left(kept, understood.reason, understood.events)
    else:
        report.done(kept, understood.events)


def _news(told: Iterable[tuple[Kept, Understood]]) -> Iterator[tuple[Kept, Mark]]:
    """The marks that a replay makes: one in vain takes nothing back of what became of a letter."""
    for kept, understood in told:
        reason, events = understood.reason, understood.events
        if not reason:
            yield kept, Mark("replayed", time.time(), events=events)
        elif kept.state == "open":
            yield kept, Mark("open", time.time(), reason, events)


async def _drop(options: argparse.Namespace, settings: Settings, box: Letterbox) -> int:
    letters = letter_choice.chosen(options, await box.all())
    wanted = [kept for kept in letters if kept.state != "replayed"]
    if not options.dry_run:
        _confirm(options, "drop", letters)
        async with sending(settings) as sender:
            packer = Packer(sender, Budget(settings.max_buffered_bytes))
            for at in range(0, len(wanted), _CHUNK):
                mark = Mark("dropped", time.time())
                await _mark(packer, [(kept, mark) for kept in wanted[at : at + _CHUNK]])
    report = Report("dropped", dry=options.dry_run)
    for kept in letters:
        if kept.state == "replayed":
            report.left(kept, "its events count, so it cannot be dropped any more")
        else:
            report.done(kept)
    return report.end()


_ACTIONS: Final[
    Mapping[str, Callable[[argparse.Namespace, Settings, Letterbox], Awaitable[int]]]
] = {"list": _list, "show": _show, "replay": _replay, "drop": _drop}


async def _mark(packer: Packer, told: Iterable[tuple[Kept, Mark]]) -> None:
    await packer.take((), [Record(MARKS, kept.key, marks.encode(mark)) for kept, mark in told])


async def _chunks(letters: AsyncIterator[_Pair]) -> AsyncIterator[list[_Pair]]:
    chunk: list[_Pair] = []
    size = 0
    async for kept, letter in letters:
        chunk.append((kept, letter))
        size += kept.size
        if len(chunk) == _CHUNK or size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _confirm(options: argparse.Namespace, action: str, letters: Sequence[Kept]) -> None:
    """Ask where they are many; SettingsError where nobody can be asked, or says no."""
    if options.yes or len(letters) <= MANY:
        return
    if not sys.stdin.isatty():
        raise SettingsError(f"These are {len(letters):,} letters: add --yes to {action} them.")
    sys.stderr.write(f"{action} {len(letters):,} dead letters? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise StreamerError("Nothing was done.")


def _print_json(value: Any) -> None:  # noqa: ANN401 - JSON is anything
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


class Report:
    """Tells what becomes of each letter as it happens, and counts; `dry`: it only would."""

    def __init__(self, what: str, *, dry: bool) -> None:
        self._what = f"would be {what}" if dry else what
        self._done = 0
        self._events = 0
        self._left = 0

    def done(self, kept: Kept, events: int | None = None) -> None:
        """A letter was replayed, to so many events, or dropped."""
        self._done += 1
        gives = "" if events is None else f": {events:,} events"
        self._events += events or 0
        sys.stdout.write(f"{kept.id}  {self._what}{gives}\n")

    def left(self, kept: Kept, reason: str, events: int = 0) -> None:
        """A letter stays as it was, though some of it may have been replayed."""
        self._left += 1
        self._events += events
        sys.stdout.write(f"{kept.id}  stays {kept.state}: {plain(reason)}\n")

    def end(self) -> int:
        """Print the sum; the exit code."""
        events = f", {self._events:,} events" if self._events else ""
        left = f"; {self._left:,} as before" if self._left else ""
        sys.stdout.write(f"{self._done:,} dead letters {self._what}{events}{left}\n")
        return 1 if self._left else 0
