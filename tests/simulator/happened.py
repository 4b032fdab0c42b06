"""The first minute of a simulation, made once for all tests of a session."""

import json
from collections.abc import Mapping
from functools import cache
from itertools import takewhile
from typing import Any

from streamer.identity.identities import Identities
from streamer.simulator.happening import Happening, seconds_of
from streamer.simulator.scenario import Scenario

START = 1_795_530_000
MINUTE = 60.0
SECRET = b"a secret of at least sixteen"

Told = tuple[str, str, str | None, str | None, int | None, str]


@cache
def first_minute(seed: int = 1, start: int = START) -> tuple[Happening, ...]:
    happenings = Scenario(seed, start, identities=Identities(SECRET)).happenings()
    return tuple(takewhile(lambda happening: happening.due <= MINUTE, happenings))


def of_campaign(campaign: str, until: float = MINUTE) -> list[dict[str, Any]]:
    return [
        happening.event
        for happening in first_minute()
        if happening.event["campaign"] == campaign and happening.due <= until
    ]


def facts_of(data: Mapping[str, Any]) -> str:
    return json.dumps(data, sort_keys=True)


def told(happening: Happening, *, dated: bool = True) -> Told:
    """What must be told of it: all but its id, its source, and what the vendor cannot tell."""
    event = happening.event
    facts: Mapping[str, Any] = event.get("data", {})
    if happening.teller == "linkedin" and facts.get("sentiment") == "neutral":
        # lemlist says interested and not interested only; a neutral reply counts as a reply.
        facts = {}
    return (
        event["type"],
        event["campaign"],
        event.get("subject"),
        event.get("message"),
        seconds_of(event) if dated else None,
        facts_of(facts),
    )
