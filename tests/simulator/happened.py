"""The first minute of a simulation, made once for all tests of a session."""

from functools import cache
from itertools import takewhile
from typing import Any

from streamer.simulator.scenario import Happening, Scenario

START = 1_795_530_000
MINUTE = 60.0


@cache
def first_minute(seed: int = 1, start: int = START) -> tuple[Happening, ...]:
    happenings = Scenario(seed, start).happenings()
    return tuple(takewhile(lambda happening: happening.due <= MINUTE, happenings))


def of_campaign(campaign: str, until: float = MINUTE) -> list[dict[str, Any]]:
    return [
        happening.event
        for happening in first_minute()
        if happening.event["campaign"] == campaign and happening.due <= until
    ]
