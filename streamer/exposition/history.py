"""The windowed counters by the hour as Redis holds them, and a history made of them. Pure.

An hour is UTC seconds // 3600; the text of its minutes is `minute:count`, those without a count
left out, separated by blanks.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from streamer.errors import Malformed
from streamer.events import parse_time
from streamer.kpis.catalogue import MILESTONES

MINUTE: Final = 60
HOUR: Final = 3600
MOST_POINTS: Final = 10_000
_DAY: Final = 86_400
_FIRST: Final = 946_684_800  # 2000
_END: Final = 4_102_444_800  # 2100


class Query(NamedTuple):
    """What is asked: `steps` steps of `step` seconds from `start`, UTC seconds."""

    channel: str
    milestone: str
    start: int
    step: int
    steps: int

    def hours(self) -> range:
        """The hours that hold the answer."""
        return range(self.start // HOUR, (self.start + self.step * self.steps - 1) // HOUR + 1)


def minutes_text(minutes: Sequence[int]) -> str:
    """The counts of an hour's minutes as text; empty when there are none."""
    return " ".join(f"{minute}:{count}" for minute, count in enumerate(minutes) if count)


def _read_minutes(text: bytes) -> Iterator[tuple[int, int]]:
    for cell in text.split():
        minute, _, count = cell.partition(b":")
        yield int(minute), int(count)


def points(query: Query, cells: Mapping[int, bytes]) -> list[tuple[int, int]]:
    """The start and the count of each step, zeros included."""
    counts = [0] * query.steps
    for hour, text in cells.items():
        for minute, count in _read_minutes(text):
            step = (hour * HOUR + minute * MINUTE - query.start) // query.step
            if 0 <= step < query.steps:
                counts[step] += count
    return [(query.start + number * query.step, count) for number, count in enumerate(counts)]


def read_query(parameters: Mapping[str, str], now: int) -> Query:
    """The parameters of a request; raises `Malformed`.

    `from` and `to` are RFC 3339 or seconds since 1970; without them, the 24 hours up to `now`.
    Steps begin at multiples of `step` since 1970, the first one at or before `from`, and all that
    begin before `to` are answered, whole.
    """
    channel, milestone = parameters.get("channel", ""), parameters.get("milestone", "")
    names: Mapping[str, tuple[str, ...]] = MILESTONES  # type: ignore[assignment]
    if channel not in names:
        raise Malformed(f"channel must be one of {', '.join(names)}.")
    if milestone not in names[channel]:
        raise Malformed(f"milestone of {channel} must be one of {', '.join(names[channel])}.")
    step = _step(parameters.get("step", "60"))
    end = _moment("to", parameters["to"]) if "to" in parameters else now
    start = _moment("from", parameters["from"]) if "from" in parameters else end - _DAY
    if start >= end:
        raise Malformed("from must be before to.")
    start -= start % step
    count = -(-(end - start) // step)
    if count > MOST_POINTS:
        raise Malformed(
            f"{count} points are asked for and {MOST_POINTS} is the most: take a longer step."
        )
    return Query(channel, milestone, start, step, count)


def _step(text: str) -> int:
    step = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004
    if step == 0 or step % MINUTE:
        raise Malformed("step must be a multiple of 60 seconds.")
    return step


def _moment(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 10:  # noqa: PLR2004
        seconds = int(text)
    else:
        micros = parse_time(text)
        if micros is None:
            raise Malformed(f"{name} must be RFC 3339 with an offset, or seconds since 1970.")
        seconds = micros // 1_000_000
    if not _FIRST <= seconds <= _END:
        raise Malformed(f"{name} must lie between 2000 and 2100.")
    return seconds


def rfc3339(seconds: int) -> str:
    """UTC seconds as RFC 3339."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
