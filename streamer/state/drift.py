"""Sequential detection over sends: a Bernoulli CUSUM for each KPI under watch.

A function of the set of events: it runs over counters by the minute of the **send** (how many were
sent, and of these how many are known to have failed), so that late bounces and replays give one
answer. Within a minute the order of sends plays no part.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from streamer.events.vocabulary import CHANNELS
from streamer.kpis.drift import Watch
from streamer.state.layout import LAYOUTS, NONE, Times
from streamer.state.minutes import MINUTE, MINUTES_PER_HOUR, Minutes, Moves
from streamer.state.series import COUNT_NUMBERS

_HOUR: Final = MINUTE * MINUTES_PER_HOUR


class Sum(NamedTuple):
    """The CUSUM after some minute, and the minute in which it last left zero (-1: it is zero)."""

    value: float
    since: int


_ZERO: Final = Sum(0.0, -1)


class Drift(NamedTuple):
    """One KPI under watch: `level` is 0 to 1 of the bound, `since` UTC seconds, None at zero."""

    channel: str
    kpi: str
    level: float
    since: int | None


class Drifts:
    """The watches of one campaign."""

    __slots__ = ("_by_channel", "_failed", "_hours", "_sums", "_watches")

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches = tuple(watches)
        self._by_channel: dict[int, list[tuple[int, int]]] = {}
        for number, watch in enumerate(self._watches):
            channel = CHANNELS.index(watch.channel)
            column = LAYOUTS[channel].column[watch.failure]
            self._by_channel.setdefault(channel, []).append((number, column))
        self._failed = Minutes(np.int32)
        # By watch: the hours with sends, in order, and the sum after each whole hour up to where
        # it was last followed.
        self._hours: list[list[int]] = [[] for _ in self._watches]
        self._sums: list[dict[int, Sum]] = [{} for _ in self._watches]

    def move(self, channel: int, before: Times, after: Times) -> None:
        """Note how touches moved, milestone × touch."""
        watched = self._by_channel.get(channel)
        if watched is None:
            return
        contact = LAYOUTS[channel].column[LAYOUTS[channel].contact]
        moves = Moves()
        for number, column in watched:
            moved = before[contact] != after[contact]
            moved |= (before[column] != NONE) != (after[column] != NONE)
            if not moved.any():
                continue
            for sign, times in ((-1, before[:, moved]), (1, after[:, moved])):
                sent = times[contact]
                failed = times[column] != NONE
                moves.add(number, sent[failed] // MINUTE, sign)
                self._forget(number, sent[sent != NONE])
        self._failed.apply(moves)
        self._failed.changed.clear()

    def _forget(self, number: int, sent: Times) -> None:
        """What was summed up from the earliest of these hours on is to be summed up again."""
        hours, sums = self._hours[number], self._sums[number]
        for hour in np.unique(sent // _HOUR).tolist():
            place = bisect_left(hours, hour)
            if place == len(hours) or hours[place] != hour:
                insort(hours, hour)
        for hour in hours[bisect_left(hours, int(sent.min()) // _HOUR) :] if len(sent) else ():
            sums.pop(hour, None)

    def levels(self, counts: Minutes, now: int) -> Iterator[Drift]:
        """Every watch of a channel that has sends, at `now`, UTC seconds."""
        for number, watch in enumerate(self._watches):
            hours = self._hours[number]
            if not hours or hours[0] * _HOUR > now:
                continue
            value, since = self._follow(number, watch, counts, now // MINUTE)
            yield Drift(
                watch.channel,
                watch.kpi,
                min(value / watch.bound, 1.0),
                None if since < 0 else since * MINUTE,
            )

    def _follow(self, number: int, watch: Watch, counts: Minutes, minute: int) -> Sum:
        hours, sums = self._hours[number], self._sums[number]
        contact = LAYOUTS[CHANNELS.index(watch.channel)].contact
        sent_series = COUNT_NUMBERS[watch.channel, contact]
        last = minute // MINUTES_PER_HOUR
        stop = bisect_left(hours, last + 1)
        place = _known(hours, sums, min(stop, bisect_left(hours, last)))
        total = sums[hours[place - 1]] if place else _ZERO
        for hour in hours[place:stop]:
            sent = counts.hour(sent_series, hour)
            failed = self._failed.hour(number, hour)
            end = MINUTES_PER_HOUR if hour < last else minute % MINUTES_PER_HOUR + 1
            total = _add(watch, total, hour * MINUTES_PER_HOUR, sent[:end], failed[:end])
            if hour < last:
                sums[hour] = total
        return total


def _known(hours: Sequence[int], sums: Mapping[int, Sum], stop: int) -> int:
    """How many of the first hours are summed up."""
    place = stop
    while place and hours[place - 1] not in sums:
        place -= 1
    return place


def _add(watch: Watch, total: Sum, first: int, sent: Sequence[int], failed: Sequence[int]) -> Sum:
    """The sum after these minutes, `first` being the minute of the first of them.

    It is held at the bound: once it is an alarm, how long the trouble lasted must not decide how
    long the campaign has to be well until it ends.
    """
    bad, good = watch.weights
    value, since = total
    for minute, (count, failures) in enumerate(zip(sent, failed, strict=True), first):
        if not count:
            continue
        value += failures * bad + (count - failures) * good
        if value <= 0:
            value, since = 0.0, -1
        else:
            since = minute if since < 0 else since
            value = min(value, watch.bound)
    return Sum(value, since)
