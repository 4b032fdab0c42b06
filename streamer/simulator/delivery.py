"""How events travel: some late, some twice, none in a reliable order. Pure.

Owns the disorder of the delivery; what happened, and when, is the scenario's.
"""

import heapq
import random
from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

from streamer.simulator.happening import Happening


class Habits(NamedTuple):
    """The shares of the events that are told later than others and again, and how much later."""

    late: float
    again: float
    longest: float = 4.0


class Disorder:
    """Takes events in their order and gives them back as networks and vendors do."""

    def __init__(self, rng: random.Random, habits: Habits) -> None:
        self._rng = rng
        self._habits = habits
        self._held: list[tuple[float, int, Happening]] = []
        self._order = count()

    def pass_on(self, happenings: Iterable[Happening], now: float) -> list[Happening]:
        """What is told at `now`, seconds after the start, of these and of what was held back."""
        told = []
        for happening in happenings:
            if self._rng.random() < self._habits.again:
                self._hold(happening, now)
            if self._rng.random() < self._habits.late:
                self._hold(happening, now)
            else:
                told.append(happening)
        while self._held and self._held[0][0] <= now:
            told.append(heapq.heappop(self._held)[2])
        self._rng.shuffle(told)
        return told

    def rest(self) -> list[Happening]:
        """All that is still held back, to be told before the end."""
        rest = [happening for _, _, happening in self._held]
        self._held.clear()
        return rest

    def _hold(self, happening: Happening, now: float) -> None:
        until = now + self._rng.uniform(0, self._habits.longest)
        heapq.heappush(self._held, (until, next(self._order), happening))
