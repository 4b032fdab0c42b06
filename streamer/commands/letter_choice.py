"""Which dead letters a command is about: those that it names, or those that its filters leave.

Owns the filters' words and what an id on the command line means. Never reads Kafka.
"""

import argparse
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from streamer.errors import SettingsError, StreamerError
from streamer.events import parse_time
from streamer.transport.letterbox import Kept

_AGE: Final = re.compile(r"(\d{1,6})([mhd])")
_SECONDS: Final = {"m": 60, "h": 3_600, "d": 86_400}
_TIMES: Final = "a date, a time such as 2026-03-02T10:30:00Z, or an age such as 90m, 24h, 7d"


class Filters(NamedTuple):
    """What a letter must be; None: anything. Times are in seconds since 1970."""

    source: str | None = None
    topic: str | None = None
    reason: str | None = None
    since: float | None = None
    until: float | None = None
    state: str | None = None

    def let_pass(self, kept: Kept) -> bool:
        """Whether a letter is what is asked for."""
        source = kept.letter.source if kept.letter else ""
        return (
            self.source in {None, source}
            and self.topic in {None, kept.topic}
            and self.state in {None, kept.state}
            and (self.reason or "").casefold() in kept.reason.casefold()
            and (self.since is None or kept.at >= self.since)
            and (self.until is None or kept.at < self.until)
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the filters."""
    parser.add_argument("--source", metavar="NAME", help="only of this source")
    parser.add_argument("--topic", metavar="NAME", help="only of `webhooks`, or of this topic")
    parser.add_argument("--reason", metavar="TEXT", help="only those whose reason has this in it")
    parser.add_argument("--since", metavar="TIME", help=f"only from then on: {_TIMES}")
    parser.add_argument("--until", metavar="TIME", help="only from before then")


def filters(options: argparse.Namespace, state: str | None) -> Filters:
    """The filters of a command line; SettingsError for a time that is none."""
    return Filters(
        options.source,
        options.topic,
        options.reason,
        _moment("--since", options.since),
        _moment("--until", options.until),
        state,
    )


def chosen(options: argparse.Namespace, kept: Sequence[Kept]) -> list[Kept]:
    """The letters that a command line names, whatever became of them; else the open ones it asks.

    StreamerError for a name that none or several have.
    """
    asked = filters(options, "open")
    if not options.ids:
        return list(filter(asked.let_pass, kept))
    if asked != Filters(state="open"):
        raise SettingsError("Name letters by their ids, or choose them by filters: not both.")
    named = {each.id: each for name in options.ids for each in [named_so(name, kept)]}
    return list(named.values())


def named_so(name: str, kept: Sequence[Kept]) -> Kept:
    """The one letter whose id begins so."""
    found = [each for each in kept if each.id.startswith(name.lower())] if name else []
    if not found:
        raise StreamerError(f"There is no dead letter {name}: see `streamer deadletters list`.")
    if len(found) > 1:
        ids = ", ".join(each.id for each in found[:5])
        raise StreamerError(
            f"{len(found)} dead letters begin with {name}: {ids}. Write more of it."
        )
    return found[0]


def _moment(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    if age := _AGE.fullmatch(text):
        return time.time() - int(age[1]) * _SECONDS[age[2]]
    if (micros := parse_time(text)) is not None:
        return micros / 1_000_000
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise SettingsError(f"{option} {text} is no time: write {_TIMES}.") from None
