"""What is watched for a turn to the worse while a campaign is being sent, as data.

A ratio of the last hour is late: it needs many sends, and the sender is blocked by then. A
Bernoulli CUSUM adds up, send by send, how much better « it has gone wrong » explains what is known
of the sends than « all is well », and falls back to zero whenever it does not. It tells a jump
within some hundred sends, and how seldom it cries wolf is known beforehand.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from streamer.events.vocabulary import Channel


@dataclass(frozen=True)
class Watch:
    """One KPI under watch: sends of a channel, of which some are known to have failed.

    `healthy` and `drifted` are the shares of failures of a campaign that is well and of one that
    is not; at `bound` the sum is an alarm. `why` gives the reasons.
    """

    channel: Channel
    kpi: str
    failure: str
    healthy: float
    drifted: float
    bound: float
    why: str

    @property
    def key(self) -> str:
        """Its name in the settings."""
        return f"{self.channel}.{self.kpi}"

    @property
    def weights(self) -> tuple[float, float]:
        """What a failure adds, and what a send that has not failed takes away."""
        return (
            math.log(self.drifted / self.healthy),
            math.log((1 - self.drifted) / (1 - self.healthy)),
        )


# The bounds are chosen by simulation (`tests/bench/bench_drift.py`): at the healthy rate at most
# 0.5 % of campaigns raise an alarm within 2,000 sends.
WATCHES: Final[tuple[Watch, ...]] = (
    Watch(
        channel="email",
        kpi="hard_bounce",
        failure="hard_bounced",
        healthy=0.01,
        drifted=0.08,
        bound=10.0,
        why="a kept list bounces by 1 % or less; Amazon SES reviews an account at 5 % and may "
        "pause it at 10 %",
    ),
    Watch(
        channel="email",
        kpi="complaint",
        failure="complained",
        healthy=0.0005,
        drifted=0.005,
        bound=7.0,
        why="Gmail and Yahoo ask for less than 0.1 % and act from 0.3 %; SES may pause at 0.5 %",
    ),
    Watch(
        channel="email",
        kpi="unsubscribe",
        failure="unsubscribed",
        healthy=0.005,
        drifted=0.03,
        bound=9.0,
        why="half a per cent is usual in prospecting; six times that says that the list or the "
        "message is wrong",
    ),
    Watch(
        channel="sms",
        kpi="failed",
        failure="failed",
        healthy=0.03,
        drifted=0.12,
        bound=10.5,
        why="some numbers are always out of service; four times that is a list gone bad or an "
        "operator that filters the sender",
    ),
    Watch(
        channel="sms",
        kpi="opt_out",
        failure="opted_out",
        healthy=0.01,
        drifted=0.05,
        bound=10.0,
        why="one STOP in a hundred is usual; operators look at senders that provoke many",
    ),
    Watch(
        channel="postal",
        kpi="returned",
        failure="returned",
        healthy=0.02,
        drifted=0.08,
        bound=10.0,
        why="people move: about two letters in a hundred come back from a list that is kept",
    ),
)


def watches(changed: Mapping[str, tuple[float, float, float]]) -> tuple[Watch, ...]:
    """The table with other rates and bounds, by key; ValueError, with what to do, if wrong."""
    known = {watch.key: watch for watch in WATCHES}
    for key, (healthy, drifted, bound) in changed.items():
        if key not in known:
            raise ValueError(f"names {key}, and there are {', '.join(known)}")
        if not 0 < healthy < drifted < 1 or bound <= 0:
            raise ValueError(
                f"gives {key} rates that are not 0 < healthy < drifted < 1, or a bound of 0"
            )
        known[key] = replace(known[key], healthy=healthy, drifted=drifted, bound=bound)
    return tuple(known.values())
