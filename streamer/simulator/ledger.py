"""Sent and counted, vendor by vendor: what was told held against what stands in the topic. Pure.

Knows nothing of how the gateway makes events: an event that was told is found again by what it
says, and not by an id.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from streamer.events import parse_time
from streamer.simulator.attempts import Span
from streamer.simulator.happening import Happening
from streamer.simulator.run import Told
from streamer.simulator.vendors import simulated

# What an event says, see `_said`.
Said = tuple[object, ...]
# Types that are put and have the time of that.
_PUT: Final = frozenset({"campaign.planned", "prospect.linked"})
_MICROS: Final = 1_000_000
# An attempt that ends so soon after an outage was still met by it.
_SLACK: Final = 0.5


class Row(NamedTuple):
    """Of one teller, in different events: how many it told, and what became of them.

    `given_up`: no attempt succeeded. `lost`: it was told that we have them, and we have not.
    `needless`: given up although one of the attempts lay outside of every outage.
    """

    teller: str
    told: int
    counted: int
    given_up: int
    lost: int
    needless: int
    retries: int


class Ledger:
    """Hears what is told and how it was answered."""

    def __init__(self) -> None:
        self._told: dict[str, dict[Said, bool]] = {}
        self._attempts: dict[str, dict[Said, list[Span]]] = {}
        self._retries: dict[str, int] = {}

    def hear(self, told: Told) -> None:
        """Note one request."""
        teller, (taken, attempts) = told.vendor or "events", told.delivered
        self._retries[teller] = self._retries.get(teller, 0) + max(0, len(attempts) - 1)
        known = self._told.setdefault(teller, {})
        for happening in told.happenings:
            said = said_by(happening, told.vendor)
            known[said] = known.get(said, False) or taken
            if not taken:
                self._attempts.setdefault(teller, {}).setdefault(said, []).extend(attempts)

    def rows(self, events: Iterable[Mapping[str, Any]], outages: Sequence[Span]) -> list[Row]:
        """What became of it all, by the topic's events and the outages as they were."""
        found = {said for event in events for said in _readings(event)}
        return [self._row(teller, found, outages) for teller in sorted(self._told)]

    def strangers(self, events: Iterable[Mapping[str, Any]]) -> int:
        """How many of the topic's events nobody told."""
        told = {said for known in self._told.values() for said in known}
        return sum(told.isdisjoint(_readings(event)) for event in events)

    def _row(self, teller: str, found: set[Said], outages: Sequence[Span]) -> Row:
        known = self._told[teller]
        counted = known.keys() & found
        given_up = {said for said, taken in known.items() if not taken} - found
        attempts = self._attempts.get(teller, {})
        needless = [said for said in given_up if not _excused(attempts[said], outages)]
        return Row(
            teller=teller,
            told=len(known),
            counted=len(counted),
            given_up=len(given_up),
            lost=len(known) - len(counted) - len(given_up),
            needless=len(needless),
            retries=self._retries[teller],
        )


def said_by(happening: Happening, vendor: str | None) -> Said:
    """What an event must say when that vendor has told it."""
    event = happening.event
    dated = vendor is None or simulated()[vendor].dates
    return _said(event, dated=dated and event["type"] not in _PUT)


def _readings(event: Mapping[str, Any]) -> tuple[Said, Said]:
    """What an event says with its time, and what it says without."""
    return _said(event, dated=True), _said(event, dated=False)


def _said(event: Mapping[str, Any], *, dated: bool) -> Said:
    data = {name: value for name, value in (event.get("data") or {}).items() if value != "neutral"}
    names = (event.get(name) or "" for name in ("type", "campaign", "subject", "message"))
    at = (parse_time(event["time"]) or 0) // _MICROS if dated else None
    return (*names, at, msgspec.json.encode(data, order="deterministic"))


def _excused(attempts: Iterable[Span], outages: Sequence[Span]) -> bool:
    """Whether every attempt met an outage."""
    longer = [Span(each.begun, each.ended + _SLACK) for each in outages]
    return all(any(attempt.meets(outage) for outage in longer) for attempt in attempts)
