"""A seeded stream of events of mixed five-channel campaigns, for crash tests and benchmarks.

Owns what a realistic campaign looks like at any size; keeps only counters and a small buffer of
events that come late, so a stream of millions costs no memory. Knows nothing of what is counted.

Every rule of the counting is in play: touches whose subject comes late, is disputed or never
comes; persons under two subjects that a link joins late; replies, stops and meetings with and
without their touch; late bounces; calls whose outcome, duration and rep are corrected; costs
corrected and in other currencies; plans replaced; malformed fields; repeated ids; and, by `noise`,
events that are rejected or unknown.
"""

import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Event = dict[str, Any]

START = 1_772_438_400
"""2026-03-02T08:00:00Z, in seconds since 1970."""
LATE_EVENTS = 2_000
"""How many events at most wait to come late."""

CHANNEL_OF_TOUCH = ("email", "sms", "email", "phone", "linkedin", "email", "postal", "phone")
FIRST = {
    "email": "email.sent",
    "sms": "sms.sent",
    "postal": "postal.sent",
    "phone": "phone.made",
    "linkedin": "linkedin.invited",
}
# Later events of a touch, each as often as it stands here.
LATER = {
    "email": (
        *("email.delivered",) * 8,
        *("email.opened",) * 8,
        *("email.clicked",) * 3,
        *("email.replied",) * 2,
        *("email.bounced", "email.deferred", "email.unsubscribed", "email.complained"),
    ),
    "sms": (*("sms.delivered",) * 8, *("sms.replied",) * 3, "sms.failed", "sms.opted_out"),
    "postal": (*("postal.delivered",) * 4, "postal.returned", "postal.replied"),
    "phone": (*("phone.completed",) * 5, *("phone.connected",) * 3, "phone.unreached"),
    "linkedin": (
        *("linkedin.accepted",) * 4,
        *("linkedin.messaged",) * 3,
        *("linkedin.read",) * 3,
        "linkedin.replied",
    ),
}
NAMELESS = frozenset(
    {
        "email.replied",
        "email.unsubscribed",
        "email.complained",
        "sms.replied",
        "sms.opted_out",
        "postal.replied",
        "linkedin.replied",
    }
)
"""Types that vendors often send without the touch."""
CHANNELS = ("email", "linkedin", "phone", "postal", "sms")
SENTIMENTS = ("positive", "negative", "neutral", "angry")
OUTCOMES = ("meeting", "callback", "negative", "off_target", "none", "none", "unheard of")
SPOILS: tuple[Event, ...] = (
    {"type": "fax.sent"},
    {"type": "phone.replied"},
    {"time": "yesterday"},
    {"time": "2026-03-02 10:00:00Z"},
    {"subject": 7},
    {"specversion": "0.3"},
    {"id": ""},
    {"data": []},
)
REPS = ("ana", "bob", "chloé", "dov")


def stream(  # noqa: PLR0913 - each argument is one property of the stream, named by the caller
    seed: int,
    n_events: int,
    n_campaigns: int = 1,
    touches_per_campaign: int = 1_000,
    *,
    rate: float = 10.0,
    duplicates: float = 0.05,
    disorder: float = 0.1,
    noise: float = 0.002,
    start: float = START,
) -> Iterator[Event]:
    """Yield exactly `n_events` events, the same ones for the same arguments.

    `rate` is events a second of event time, from `start` (seconds since 1970) on; `duplicates` the
    share of events that come a second time, later; `disorder` the share that comes late; `noise`
    the share that is rejected or unknown. Campaigns are c0, c1, …, equally busy: each first sends
    its touches, then goes on with events scattered over all of them.
    """
    chance = Random(seed)
    late: list[Event] = []
    campaigns = [
        Campaign(f"c{number}", touches_per_campaign, chance) for number in range(n_campaigns)
    ]
    yielded = made = 0
    while yielded < n_events:
        if late and (len(late) > LATE_EVENTS or chance.random() < disorder + duplicates):
            position = chance.randrange(len(late))
            late[position], late[-1] = late[-1], late[position]
            yield late.pop()
            yielded += 1
            continue
        at = start + made / rate
        event = campaigns[made % n_campaigns].next_event(made, at)
        made += 1
        if chance.random() < noise:
            event = spoiled(event, chance)
        if chance.random() < duplicates:
            late.append(event)
        if chance.random() < disorder:
            late.append(event)
        else:
            yield event
            yielded += 1


class Campaign:
    """Where one campaign's stream stands."""

    def __init__(self, name: str, touches: int, chance: Random) -> None:
        self.name = name
        self.touches = touches
        self.persons = max(1, touches // 6)
        self.chance = chance
        self.started = 0

    def next_event(self, number: int, at: float) -> Event:
        """Make the next event, at that second."""
        draw = self.chance.random()
        if self.started == 0 or (self.started < self.touches and draw < 0.25):
            return self.first_of_a_touch(number, at)
        for limit, kind in RARE:
            if draw > limit:
                return kind(self, number, at)
        return self.later_of_a_touch(number, at)

    def envelope(self, number: int, at: float, kind: str, subject: str | None) -> Event:
        """Begin an event; one in a hundred ids is used again by another event."""
        reused = self.chance.random() < 0.01
        event: Event = {
            "specversion": "1.0",
            "id": f"e{number // 100 if reused else number}",
            "source": "/sources/demo" if number % 3 else "/sources/other",
            "type": kind,
            "time": rfc3339(at),
            "campaign": self.name,
        }
        if subject is not None:
            event["subject"] = subject
        return event

    def person(self, touch: int) -> int:
        """Give the number of the person that a touch is for."""
        return touch % self.persons

    def subject(self, person: int, channel: str) -> str:
        """Give a person's name on a channel: one in four has another one on phone and SMS."""
        split = person % 4 == 0 and channel in ("phone", "sms")
        return f"p{person}-tel" if split else f"p{person}"

    def channel(self, touch: int) -> str:
        """Give the channel of a touch: a person's touches go round the channels."""
        turn = touch // self.persons + self.person(touch)
        return CHANNEL_OF_TOUCH[turn % len(CHANNEL_OF_TOUCH)]

    def touched(self, touch: int, number: int, at: float, kind: str) -> Event:
        """Make an event that names its touch; some carry no subject, a few a disputed one."""
        channel = self.channel(touch)
        person = self.person(touch)
        subject: str | None = self.subject(person, channel)
        if touch % 10 == 1 and self.chance.random() < 0.8:
            subject = None
        elif touch % 97 == 5 and self.chance.random() < 0.3:
            subject = self.subject((person + 1) % self.persons, channel)
        event = self.envelope(number, at, kind, subject)
        event["message"] = f"{channel[0]}{touch}"
        return event

    def first_of_a_touch(self, number: int, at: float) -> Event:
        """Send the next touch."""
        touch = self.started
        self.started += 1
        return self.touched(touch, number, at, FIRST[self.channel(touch)])

    def some_touch(self) -> int:
        """Choose a touch that has begun: mostly a recent one until all have begun."""
        if self.started < self.touches and self.chance.random() < 0.8:
            back = int(self.chance.expovariate(1 / 200))
            return max(0, self.started - 1 - back)
        return int(self.chance.random() * self.started)

    def later_of_a_touch(self, number: int, at: float) -> Event:
        """Go on with a touch; half of the replies know only the person."""
        touch = self.some_touch()
        kind = self.chance.choice(LATER[self.channel(touch)])
        event = self.touched(touch, number, at, kind)
        if kind in NAMELESS and self.chance.random() < 0.5:
            del event["message"]
            event["subject"] = self.subject(self.person(touch), self.channel(touch))
        if kind == "email.bounced":
            event["data"] = {"bounce": "hard" if self.chance.random() < 0.6 else "soft"}
        elif kind.endswith(".replied"):
            event["data"] = {"sentiment": self.chance.choice(SENTIMENTS)}
        elif kind == "phone.completed":
            event["data"] = {
                "outcome": self.chance.choice(OUTCOMES),
                "duration": self.chance.choice((self.chance.randrange(600), 61.9, -5, "90")),
                "key_answers": self.chance.choice((0, 1, 2, 3, 2.7, True)),
                "rep": self.chance.choice(REPS),
            }
        return event

    def meeting(self, number: int, at: float) -> Event:
        """Book a meeting: by its touch, by its channel, or by the person alone."""
        touch = self.some_touch()
        event = self.touched(touch, number, at, "meeting.booked")
        draw = self.chance.random()
        if draw < 0.4:
            event["data"] = {"channel": self.channel(touch)}
            return event
        del event["message"]
        event["subject"] = self.subject(self.person(touch), self.channel(touch))
        if draw < 0.6:
            event["data"] = {"channel": self.chance.choice(CHANNELS)}
        return event

    def decided(self, number: int, at: float) -> Event:
        """Say that a person is qualified, a customer, or does not come."""
        person = self.person(self.some_touch())
        kind = self.chance.choice(
            ("lead.qualified", "lead.qualified", "customer.won", "meeting.canceled")
        )
        return self.envelope(number, at, kind, f"p{person}")

    def link(self, number: int, at: float) -> Event:
        """Join a person's two subjects; now and then another person's too."""
        person = self.person(self.some_touch()) // 4 * 4
        identities = [f"p{person}-tel"]
        if self.chance.random() < 0.02:
            identities.append(f"p{(person + 1) % self.persons}")
        event = self.envelope(number, at, "prospect.linked", f"p{person}")
        event["data"] = {"identities": identities}
        return event

    def cost(self, number: int, at: float) -> Event:
        """Tell a cost; one of twenty invoices, so that later ones correct earlier ones."""
        event = self.envelope(number, at, "cost.incurred", None)
        event["id"] = f"invoice-{self.chance.randrange(20)}"
        amount = self.chance.randrange(-20_000, 200_000) / 100
        event["data"] = {"amount": self.chance.choice((amount, f"{amount:.7f}"))}
        currency = self.chance.choice((None, "EUR", "eur", "USD", "chf"))
        if currency is not None:
            event["data"]["currency"] = currency
        return event

    def plan(self, number: int, at: float) -> Event:
        """Plan, and plan anew: about the touches that there are to be."""
        event = self.envelope(number, at, "campaign.planned", None)
        share = self.touches // 5
        event["data"] = {
            "name": f"Campaign {self.name}",
            "planned": {channel: share + self.chance.randrange(10) for channel in CHANNELS},
            "cost": f"{self.chance.randrange(1_000, 9_000)}.50",
            "currency": "EUR",
            "key_questions": self.chance.choice((3, 4, 5)),
        }
        return event


RARE: tuple[tuple[float, Callable[[Campaign, int, float], Event]], ...] = (
    (0.999, Campaign.plan),
    (0.997, Campaign.cost),
    (0.98, Campaign.link),
    (0.965, Campaign.decided),
    (0.945, Campaign.meeting),
)
"""Drawn above the limit, instead of another event of a touch; the first that fits."""


def spoiled(event: Event, chance: Random) -> Event:
    """Give a copy that is rejected or unknown."""
    return {**event, **chance.choice(SPOILS)}


_minutes: dict[int, str] = {}


def rfc3339(at: float) -> str:
    """Write a time to the millisecond, UTC; the text of a minute is kept for the next event."""
    millis = round(at * 1_000)
    minute, rest = divmod(millis, 60_000)
    text = _minutes.get(minute)
    if text is None:
        _minutes.clear()
        text = _minutes[minute] = time.strftime("%Y-%m-%dT%H:%M:", time.gmtime(minute * 60))
    return f"{text}{rest // 1_000:02}.{rest % 1_000:03}Z"
