"""When our side is away in a simulation, and what vendors' retries survive. Pure.

Owns the choice of the outages: within the contract every vendor has an attempt left after each of
them, whenever it first called; beyond it, one of them lasts longer than any vendor tries.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate, permutations
from typing import Final, NamedTuple

from streamer.simulator.chances import dice

# How long each part is out of the way at least, starting again included.
LASTS: Final = {"gateway": 3.0, "kafka": 7.0}
# The first one begins after this, and this lies between two.
_LEAD: Final = 1.0
_GAP: Final = 0.5
# A start may take so much longer than it should.
_MARGIN: Final = 1.0
# So much longer than any schedule is what lies beyond: what is told meanwhile is lost.
_BEYOND: Final = 5.0
# How finely first calls are looked at, in seconds.
_STEP: Final = 0.05
_TRIES: Final = 200


class Outage(NamedTuple):
    """A part of ours is away from `begins` on, seconds after the start, for some seconds."""

    part: str
    begins: float
    lasts: float

    @property
    def ends(self) -> float:
        """When it should be back."""
        return self.begins + self.lasts


def survives(delays: Sequence[float], outages: Sequence[Outage]) -> bool:
    """Whether whatever is first called within an outage is called once outside of all."""
    attempts = list(accumulate(delays, initial=0.0))
    return all(
        any(_is_up(first + after, outages) for after in attempts)
        for outage in outages
        for first in _moments(outage)
    )


def within(seed: int, schedules: Collection[Sequence[float]]) -> list[Outage]:
    """One outage of each part, by chance, which all the schedules survive with a margin.

    ValueError when there is no such choice: the schedules are too short for what a start takes.
    """
    rng = dice(seed, "outages")
    orders = list(permutations(LASTS))
    for _ in range(_TRIES):
        outages: list[Outage] = []
        at = _LEAD + rng.uniform(0, 1)
        for part in rng.choice(orders):
            outages.append(Outage(part, at, LASTS[part]))
            at = outages[-1].ends + _MARGIN + rng.uniform(_GAP, 2 * _GAP)
        longer = [each._replace(lasts=each.lasts + _MARGIN) for each in outages]
        if all(survives(delays, longer) for delays in schedules):
            return outages
    raise ValueError("no outages are short enough for these schedules")


def beyond(seed: int, schedules: Collection[Sequence[float]]) -> list[Outage]:
    """An outage of one part, by chance, that lasts longer than any of the schedules."""
    rng = dice(seed, "outages")
    part = rng.choice(sorted(LASTS))
    longest = max(map(sum, schedules))
    return [Outage(part, _LEAD + rng.uniform(0, 1), longest + LASTS[part] + _BEYOND)]


def _is_up(at: float, outages: Sequence[Outage]) -> bool:
    return not any(outage.begins <= at <= outage.ends for outage in outages)


def _moments(outage: Outage) -> Iterator[float]:
    for step in range(int(outage.lasts / _STEP) + 1):
        yield outage.begins + step * _STEP
