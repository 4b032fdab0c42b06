"""RFC 3339 as the counting rules read it: cut, never rounded; `:60` is the next second.

General parsers disagree with these rules in small ways (they round the seventh decimal, take a
space for the T, or refuse the leap second), so the format is read here.
"""

import re
from datetime import date
from typing import Final

_FORMAT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST: Final = 946_684_800  # 2000-01-01T00:00:00Z
_END: Final = 4_102_444_800  # 2100-01-01T00:00:00Z
_DAY: Final = 86_400
_LAST_HOUR, _LAST_MINUTE, _LEAP_SECOND = 23, 59, 60
_CACHE_LIMIT: Final = 100_000
_DIGITS: Final = "0123456789"

# An event's time is read in two halves, both of which recur: "2026-03-02T10:30:" and "05Z". A
# fraction, which does not recur, is left out of the second.
_minutes: dict[str, int] = {}
_tails: dict[str, int] = {}


def parse_time(text: str) -> int | None:
    """Microseconds since 1970, UTC, or None for what is no moment of the years 2000 to 2099.

    Decimals past the sixth are cut.
    """
    parts = _parse(text)
    if parts is None:
        return None
    local, shift, micros = parts
    seconds = local + shift
    if not _FIRST <= seconds < _END:
        return None
    return seconds * 1_000_000 + micros


def parse_seconds(text: str) -> int:
    """Whole seconds since 1970, UTC, or -1 for what `parse_time` refuses."""
    minute = _minutes.get(text[:17])
    if minute is not None:
        end = text[17:]
        if text[19:20] == "." and text[20:21] in _DIGITS:
            end = text[17:19] + text[20:].lstrip(_DIGITS)
        tail = _tails.get(end)
        if tail is not None:
            return minute + tail
    return _parse_seconds_slowly(text)


def _parse_seconds_slowly(text: str) -> int:
    parts = _parse(text)
    if parts is None:
        return -1
    local, shift, _micros = parts
    seconds = local + shift
    if not _FIRST <= seconds < _END:
        return -1
    # Near the ends of the range the halves could meet outside it: there nothing is kept.
    if _FIRST + 2 * _DAY < seconds < _END - 2 * _DAY:
        for cache in (_minutes, _tails):
            if len(cache) > _CACHE_LIMIT:
                cache.clear()
        second = int(text[17:19])
        _minutes[text[:17]] = local - second
        _tails[text[17:19] + text[19:].lstrip("." + _DIGITS)] = second + shift
    return seconds


def _parse(text: str) -> tuple[int, int, int] | None:
    """Local seconds since 1970, the shift to UTC in seconds, and the microseconds."""
    match = _FORMAT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    fraction, zulu, sign = match[7], match[8], match[9]
    if hour > _LAST_HOUR or minute > _LAST_MINUTE or second > _LEAP_SECOND:
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    shift = 0
    if zulu is None:
        hours, minutes = int(match[10]), int(match[11])
        if hours > _LAST_HOUR or minutes > _LAST_MINUTE:
            return None
        shift = (hours * 60 + minutes) * 60
        if sign == "+":
            shift = -shift
    micros = int((fraction or "")[:6].ljust(6, "0"))
    return days * _DAY + hour * 3600 + minute * 60 + second, shift, micros
