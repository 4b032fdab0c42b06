"""What may stand in a plan, key by key: declared by hand, so a slip is told and not passed over.

Pure. An event `campaign.planned` is read more leniently: there, what is malformed is absent.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streamer.events import CHANNELS, fields, parse_time
from streamer.ingest.problems import EventError

_DATE: Final = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)


def plan_errors(data: object) -> Iterator[EventError]:
    """Everything that is wrong with the data of a plan."""
    if not isinstance(data, dict):
        yield _error("", "a plan is a JSON object")
        return
    for key, value in data.items():
        rule = _RULES.get(key)
        if rule is None:
            yield _error(key, f"is no key of a plan: there are {', '.join(_RULES)}")
        elif key == "planned" and isinstance(value, dict):
            yield from _planned_errors(value)
        elif not rule.holds(value):
            yield _error(key, rule.wanted)


def _planned_errors(planned: Mapping[str, object]) -> Iterator[EventError]:
    for channel, number in planned.items():
        if channel not in CHANNELS:
            yield _error(f"planned.{channel}", f"is no channel: there are {', '.join(CHANNELS)}")
        elif not _is_whole(number):
            yield _error(f"planned.{channel}", _WHOLE)


def _error(field: str, reason: str) -> EventError:
    # The event is the only one of its request, and its id is not given yet.
    return EventError(0, None, f"data.{field}" if field else "data", reason)


def _is_text(value: object) -> bool:
    return fields.text(value) is not None


def _is_whole(value: object) -> bool:
    return fields.whole(value) is not None


def _is_amount(value: object) -> bool:
    return fields.amount(value) is not None


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return False
    if _DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return parse_time(value) is not None


def _is_zone(value: object) -> bool:
    # What a machine calls its own is another zone on each.
    if not isinstance(value, str) or value in {"", "localtime"}:
        return False
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


class _Rule:
    def __init__(self, holds: Callable[[object], bool], wanted: str) -> None:
        self.holds = holds
        self.wanted = wanted


_WHOLE: Final = "must be a number from 0 to 2147483647"
_TEXT: Final = "must be a string that is not empty"
_MOMENT: Final = "must be a date such as 2026-03-02, or RFC 3339 with an offset"
_RULES: Final[Mapping[str, _Rule]] = {
    "name": _Rule(_is_text, _TEXT),
    "planned": _Rule(lambda value: isinstance(value, dict), "must be an object {channel: number}"),
    "cost": _Rule(
        _is_amount, 'must be a number or a decimal string such as "12.50", within ±10^12'
    ),
    "currency": _Rule(_is_text, _TEXT),
    "key_questions": _Rule(_is_whole, _WHOLE),
    "start": _Rule(_is_moment, _MOMENT),
    "end": _Rule(_is_moment, _MOMENT),
    "time_zone": _Rule(_is_zone, "must be an IANA time zone such as Europe/Paris"),
}
