"""The whole simulation as one stream of timed events, a pure function of seed and start.

The campaigns have a time of their own, in which people take hours to answer. Its first days have
passed when the run starts: they are the history, told at once with their true dates. From then on
it runs `speed` times as fast as the clock, and every event is dated when it is told: about now.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from streamer.identity.identities import Identities
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
from streamer.simulator.happening import PREFIX, Call, Contact, Happening, Moment
from streamer.simulator.journey import Journey
from streamer.simulator.voice import Prospect

# Two hours in a second: a letter takes a quarter of a minute, a week a minute and a half.
DEFAULT_SPEED: Final = 7200.0
HISTORY: Final = 6 * DAY
# The plan reaches so far beyond the history, and is extended by as much when it is nearly done.
WAVE_DAYS: Final = 50
_EXTENDED_AT: Final = 0.95
# What a prospect's sequence loses to those who answered or said no before its end.
_KEPT: Final = 0.95
_INVOICES: Final = f"{PREFIX}accounting"
# Names persons for gateways whose secret is not known.
_OWN_KEY: Final = b"simulator"


class Scenario:
    """What `seed` makes happen from `start` (UTC seconds) on.

    `identities` are those that the gateway makes of addresses, so that events carry the subjects
    under which vendors' requests arrive.
    """

    def __init__(
        self,
        seed: int,
        start: int,
        speed: float = DEFAULT_SPEED,
        identities: Identities | None = None,
    ) -> None:
        self._seed = seed
        self._start = datetime.fromtimestamp(start, UTC)
        self._speed = speed
        self._identities = identities or Identities(_OWN_KEY)
        # Two runs have no prospect and no touch in common, so that each of them counts.
        self._run = f"{start:x}s{seed}"
        self._first = dice(self._run, "numbers").randrange(10**12)

    def happenings(self) -> Iterator[Happening]:
        """All of it in the order of `due`, without end."""
        streams = [self._campaign(number) for number in range(len(CAMPAIGNS))]
        for moment in heapq.merge(*streams, key=lambda moment: moment.at):
            due = self._due(moment.at)
            event = {**moment.event, "time": self._time(due, moment.before)}
            yield Happening(due, event, moment.contact, self._call(moment.call))

    def _due(self, at: float) -> float:
        beyond = at - HISTORY
        return beyond if beyond < 0 else beyond / self._speed

    def _time(self, due: float, before: int) -> str:
        # Whole seconds, as most vendors tell them.
        moment = self._start + timedelta(seconds=math.floor(due) - before)
        return moment.isoformat().replace("+00:00", "Z")

    def _call(self, call: Call | None) -> Call | None:
        """The call on the clock."""
        if call is None:
            return None
        return call._replace(ends=self._start.timestamp() + math.floor(self._due(call.ends)))

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
            prospect = self._prospect(number, position, begins)
            journey = Journey(self._run, campaign, prospect, quotas)
            accounts.used.update(journey.live())
            yield begins, journey.moments
            if position and position % campaign.prospects_per_day == 0:
                yield begins, accounts.invoices(begins)
            if begins > (HISTORY + (wave + _EXTENDED_AT) * WAVE_DAYS * DAY):
                wave += 1
                yield begins, [self._plan(campaign, wave, begins)]

    def _prospect(self, number: int, position: int, begins: float) -> Prospect:
        name = f"p{self._run}-{number}-{position}"
        # No two persons of a run have a number in common, and hardly two of different runs.
        place = self._first + len(CAMPAIGNS) * position + number
        contact = Contact(
            name=name,
            email=f"{name}@example.fr",
            phone=f"+336{place % 10**8:08}",
            lead=f"lea_{name}",
            record=str(place),
        )
        return Prospect(
            number=position,
            begins=begins,
            subject=name,
            mail=self._known("email", contact.email),
            phone=self._known("phone", contact.phone),
            lead=self._known("lemlist", contact.lead),
            record=self._known("crm", contact.record),
            contact=contact,
        )

    def _known(self, kind: str, value: str) -> str:
        return self._identities.of(kind, value) or value

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
            "source": f"{PREFIX}planning",
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
