"""What stands in the cells of a table that people keep: amounts, moments, durations. Pure.

French habits first: a decimal comma, the day before the month. What could be read in two ways is
refused, with how to write it: a ValueError whose message follows the column's name.
"""

import re
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from streamer.events import fields, parse_time

_SPACES: Final = re.compile(r"[\s'€]")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_CLOCK: Final = r"(\d{1,2})(?:\s?[:hH]\s?(\d{2})?(?::(\d{2})(?:[.,]\d+)?)?)?"
_ISO: Final = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:(?:[T ]|\s+à\s+)\s*{_CLOCK})?")
_FRENCH: Final = re.compile(
    rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}})(?:(?:[T ]|\s+à\s+)\s*{_CLOCK})?"
)
_DURATION: Final = re.compile(r"(?:(\d+):)?(\d+):(\d{2})")


class When(NamedTuple):
    """From when to when it may have been, UTC seconds: the same, or the ends of a day."""

    first: float
    last: float


def amount(text: str) -> str:
    """A sum as events have it: `1 234,50`, `1.234,50` and `1234.5` are all read."""
    bare = _SPACES.sub("", text)
    marks = [each for each in bare if each in ",."]
    if len(set(marks)) == len(marks) == 1 and _GROUPED.fullmatch(bare.lstrip("+-")):
        raise ValueError("may be thousands or decimals: write 1234,00 or 1,23")
    # With both marks, or one of them twice, the last one that stands alone is the decimal's.
    decimal = marks[-1] if marks and marks.count(marks[-1]) == 1 else ""
    whole, _, fraction = bare.rpartition(decimal) if decimal else (bare, "", "")
    thousands = {each for each in whole if each in ",."}
    grouped = not thousands or _GROUPED.fullmatch(whole.lstrip("+-"))
    plain = re.sub(r"[.,]", "", whole) + (f".{fraction}" if fraction else "")
    if not grouped or fields.amount(plain) is None:
        raise ValueError("is no amount, such as 1234,50")
    return plain


def duration(text: str) -> int:
    """Seconds: a number of them, or `mm:ss`, or `h:mm:ss`."""
    clock = _DURATION.fullmatch(text)
    if clock:
        hours, minutes, seconds = (int(each or 0) for each in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    return whole(text)


def whole(text: str) -> int:
    """A whole number that is not negative."""
    if not text.isascii() or not text.isdigit() or fields.whole(int(text[:20])) is None:
        raise ValueError("is no whole number")
    return int(text)


def moment(text: str, clock: str, zone: tzinfo) -> When:
    """A moment: RFC 3339, else a local one in `zone`, `clock` being its hour where it is apart."""
    micros = parse_time(text)
    if micros is not None:
        return When(micros / 1_000_000, micros / 1_000_000)
    joined = f"{text} {clock}" if clock else text
    if found := _ISO.fullmatch(joined):
        year, month, day, *time = found.groups()
    elif found := _FRENCH.fullmatch(joined):
        day, month, year, *time = found.groups()
    else:
        raise ValueError("is no moment, such as 02/03/2026 10:30 or 2026-03-02T10:30:00Z")
    hour, minute, second = (int(each or 0) for each in time)
    try:
        local = datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=zone)
    except ValueError:
        raise ValueError("is no moment of the calendar: the day comes before the month") from None
    last = local if time[0] else local.replace(hour=23, minute=59, second=59)
    return When(local.timestamp(), last.timestamp())
