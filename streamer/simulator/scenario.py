"""The whole simulation as one stream of timed events, a pure function of seed and start.

The campaigns have a time of their own, in which people take hours to answer. Its first days have
passed when the run starts: they are the history, told at once with their true dates. From then on
it runs `speed` times as fast as the clock, and every event is dated when it is told: about now.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, NamedTuple

from streamer.simulator.campaigns import (
    CAMPAIGNS,
    CURRENCY,
    KEY_QUESTIONS,
    PRICES,
    REP_DAY,
    REPS,
    TOOL_USD,
    Campaign,
)
from streamer.simulator.chances import DAY, HOUR, Quotas, dice
from streamer.simulator.journey import Journey
from streamer.simulator.voice import Moment, Prospect

# Two hours in a second: a letter takes a quarter of a minute, a week a minute and a half.
DEFAULT_SPEED: Final = 7200.0
HISTORY: Final = 6 * DAY
# The plan reaches so far beyond the history, and is extended by as much when it is nearly done.
WAVE_DAYS: Final = 50
_EXTENDED_AT: Final = 0.95
# What a prospect's sequence loses to those who answered or said no before its end.
_KEPT: Final = 0.95
_INVOICES: Final = "/simulator/accounting"


class Happening(NamedTuple):
    """An event, and when it is told: seconds after the start, below zero for history.

    `address` is the recipient of a mail whose vendor tells it, None for all other events.
    """

    due: float
    event: dict[str, Any]
    address: str | None


class Scenario:
    """What `seed` makes happen from `start` (UTC seconds) on.

    `identify` gives the subject under which mails to an address arrive when a vendor tells them;
    without it mails carry the prospect's own subject.
    """

    def __init__(
        self,
        seed: int,
        start: int,
        speed: float = DEFAULT_SPEED,
        identify: Callable[[str], str] | None = None,
    ) -> None:
        self._seed = seed
        self._start = datetime.fromtimestamp(start, UTC)
        self._speed = speed
        self._identify = identify
        # Two runs have no prospect and no touch in common, so that each of them counts.
        self._run = f"{start:x}s{seed}"

    def happenings(self) -> Iterator[Happening]:
        """All of it in the order of `due`, without end."""
        streams = [self._campaign(number) for number in range(len(CAMPAIGNS))]
        for moment in heapq.merge(*streams, key=lambda moment: moment.at):
            due = self._due(moment.at)
            yield Happening(due, {**moment.event, "time": self._time(due)}, moment.address)

    def _due(self, at: float) -> float:
        beyond = at - HISTORY
        return beyond if beyond < 0 else beyond / self._speed

    def _time(self, due: float) -> str:
        moment = self._start + timedelta(seconds=due)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _campaign(self, number: int) -> Iterator[Moment]:
        """One campaign's moments in order."""
        waiting: list[tuple[float, int, Moment]] = []
        order = count()
        for begins, moments in self._portions(CAMPAIGNS[number], number):
            while waiting and waiting[0][0] < begins:
                yield heapq.heappop(waiting)[2]
            for moment in moments:
                heapq.heappush(waiting, (moment.at, next(order), moment))

    def _portions(self, campaign: Campaign, number: int) -> Iterator[tuple[float, list[Moment]]]:
        """What each prospect and each invoice adds, and the time before which nothing of it is.

        These times only grow.
        """
        quotas = Quotas(self._seed, campaign.id)
        gap = DAY / campaign.prospects_per_day
        accounts = _Accounts(self._run, campaign)
        yield 0.0, [self._plan(campaign, 0)]
        wave = 0
        for position in count():
            begins = (position + number / len(CAMPAIGNS)) * gap
            prospect = self._prospect(campaign, number, position, begins)
            journey = Journey(self._run, campaign, prospect, quotas)
            accounts.used.update(journey.live())
            yield begins, journey.moments
            if position and position % campaign.prospects_per_day == 0:
                yield begins, accounts.invoices(begins)
            if begins > (HISTORY + (wave + _EXTENDED_AT) * WAVE_DAYS * DAY):
                wave += 1
                yield begins, [self._plan(campaign, wave, begins)]

    def _prospect(self, campaign: Campaign, number: int, position: int, begins: float) -> Prospect:
        name = f"{self._run}-{number}-{position}"
        address = f"prospect-{name}@example.fr"
        rng = dice(self._run, campaign.id, position, "names")
        return Prospect(
            number=position,
            begins=begins,
            subject=f"prospect-{name}",
            mail=self._identify(address) if self._identify else f"prospect-{name}",
            phone=f"tel-{rng.getrandbits(64):016x}",
            profile=f"profile-{rng.getrandbits(64):016x}",
            address=address,
        )

    def _plan(self, campaign: Campaign, wave: int, at: float = 0.0) -> Moment:
        days = HISTORY / DAY + (wave + 1) * WAVE_DAYS
        expected: Counter[str] = Counter()
        for step in campaign.steps:
            expected[step.channel] += round(campaign.prospects_per_day * step.chance * days * _KEPT)
        begun = self._start - timedelta(seconds=HISTORY)
        data = {
            "name": campaign.name,
            "planned": dict(sorted(expected.items())),
            "cost": campaign.cost,
            "currency": CURRENCY,
            "key_questions": KEY_QUESTIONS,
            "start": begun.date().isoformat(),
            "end": (begun + timedelta(days=90)).date().isoformat(),
            "time_zone": "Europe/Paris",
        }
        event = {
            "specversion": "1.0",
            "id": f"{self._run}-{campaign.id}-{wave}",
            "source": "/simulator/planning",
            "type": "campaign.planned",
            "campaign": campaign.id,
            "data": data,
        }
        return Moment(at, event)


class _Accounts:
    """What the touches cost, invoiced day by day; an invoice may be corrected later."""

    def __init__(self, run: str, campaign: Campaign) -> None:
        self.used: Counter[str] = Counter()
        self._run = run
        self._campaign = campaign
        self._days = 0

    def invoices(self, at: float) -> list[Moment]:
        """The costs of the touches since the last time."""
        self._days += 1
        moments = [
            self._invoice(at, channel, f"{price * self.used[channel]:.2f}", CURRENCY)
            for channel, price in PRICES.items()
            if self.used[channel]
        ]
        moments.append(self._invoice(at, "phone", f"{float(REP_DAY) * len(REPS):.2f}", CURRENCY))
        moments.append(self._invoice(at, "linkedin", TOOL_USD, "USD"))
        letters = PRICES["postal"] * self.used["postal"]
        self.used.clear()
        # The printer counts again, and grants a rebate: same invoice, later word.
        moments.append(self._invoice(at + 6 * HOUR, "postal", f"{0.96 * letters:.2f}", CURRENCY))
        return moments

    def _invoice(self, at: float, channel: str, amount: str, currency: str) -> Moment:
        event = {
            "specversion": "1.0",
            "id": f"{self._run}-{self._campaign.id}-{self._days}-{channel}",
            "source": _INVOICES,
            "type": "cost.incurred",
            "campaign": self._campaign.id,
            "data": {"amount": amount, "currency": currency, "channel": channel},
        }
        return Moment(at, event)
