"""Chance, made reproducible: everything follows from the seed."""

import math
import random
from collections.abc import Mapping, Sequence

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0


def dice(*parts: object) -> random.Random:
    """A generator of its own for whatever the parts name."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - a simulation keeps no secrets


def around(rng: random.Random, median: float, most: float) -> float:
    """A delay as people have them: mostly near the median, with a long tail up to `most`."""
    return min(rng.lognormvariate(math.log(median), 0.8), most)


class Quotas:
    """Chances that come true exactly as often as they should, so that rare things show early.

    One in five hundred by dice alone may take two thousand draws; here it takes five hundred.
    """

    def __init__(self, *seed: object) -> None:
        self._seed = seed
        self._filled: dict[str, float] = {}

    def hit(self, name: str, chance: float) -> bool:
        """Whether it comes true this time."""
        if name not in self._filled:
            self._filled[name] = dice(*self._seed, name).random()
        filled = self._filled[name] + chance
        self._filled[name] = filled - int(filled)
        return filled >= 1

    def choose(self, name: str, weights: Mapping[str, float]) -> str:
        """One of the words, each as often as its weight says."""
        rest = sum(weights.values())
        words: Sequence[str] = tuple(weights)
        for word in words[:-1]:
            if self.hit(f"{name}/{word}", weights[word] / rest):
                return word
            rest -= weights[word]
        return words[-1]
