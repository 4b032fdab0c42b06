"""What the events that name their touch, person, cost or plan have proved.

Owns the gathering from the set of taken events; attributes nothing and counts nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.recount.acceptance import Taken, amount, text, whole, word_of

IMPLIES = {
    "email": {
        "delivered": ("sent",),
        "deferred": ("sent",),
        "hard_bounced": ("sent",),
        "soft_bounced": ("sent",),
        "opened": ("delivered",),
        "clicked": ("opened",),
        "replied": ("opened",),
        "complained": ("delivered",),
        "unsubscribed": ("delivered",),
        "negative": ("replied",),
        "positive": ("replied",),
        "meeting": ("delivered",),
    },
    "sms": {
        "delivered": ("sent",),
        "failed": ("sent",),
        "replied": ("delivered",),
        "negative": ("replied",),
        "positive": ("replied",),
        "opted_out": ("negative",),
        "meeting": ("positive",),
    },
    "postal": {
        "delivered": ("sent",),
        "returned": ("sent",),
        "replied": ("delivered",),
        "negative": ("replied",),
        "positive": ("replied",),
        "meeting": ("positive",),
    },
    "phone": {
        "connected": ("made",),
        "unreached": ("made",),
        "completed": ("made",),
        "meeting": ("connected",),
        "callback": ("connected",),
        "negative": ("connected",),
        "off_target": ("connected",),
    },
    "linkedin": {
        "accepted": ("invited",),
        "messaged": ("accepted",),
        "read": ("accepted",),
        "replied": ("read",),
        "negative": ("replied",),
        "positive": ("replied",),
        "meeting": ("read",),
    },
}
CONTACT = {
    "email": "sent",
    "linkedin": "invited",
    "phone": "made",
    "postal": "sent",
    "sms": "sent",
}
OUTCOMES = ("meeting", "callback", "negative", "off_target", "none")
SENTIMENTS = ("positive", "negative", "neutral")

Times = dict[str, int]
"""Milestone → the earliest second at which it was reached."""


def earliest(times: Times, milestone: str, at: int) -> None:
    """Note that the milestone was reached at that second, unless an earlier one is known."""
    times[milestone] = min(at, times.get(milestone, at))


def with_implied(channel: str, proved: Times) -> Times:
    """Add what the milestones imply, at the same time, again and again down the chain."""
    times = dict(proved)
    waiting = list(times)
    while waiting:
        milestone = waiting.pop()
        for implied in IMPLIES[channel].get(milestone, ()):
            earliest(times, implied, times[milestone])
            waiting.append(implied)
    return times


@dataclass
class Touch:
    """One mail, SMS, letter, call or invitation, as the events that name it tell."""

    channel: str
    message: str
    subjects: set[str] = field(default_factory=set)
    proved: Times = field(default_factory=dict)
    facts: dict[str, set[tuple[int, Any]]] = field(default_factory=dict)
    """Name → every (second, value) that was told."""

    @property
    def owner(self) -> str | None:
        """The smallest subject that an event naming the touch carries."""
        return min(self.subjects, default=None)

    def fact(self, name: str) -> Any:
        """Give the value told latest, the greatest of equally late ones; None when none is."""
        _, value = max(self.facts.get(name, ()), default=(0, None))
        return value

    def named(self) -> Times:
        """Give the milestones that events naming the touch prove, what they imply included."""
        proved = dict(self.proved)
        at, outcome = max(self.facts.get("outcome", ()), default=(0, "none"))
        if outcome != "none":
            earliest(proved, outcome, at)
        return with_implied(self.channel, proved)


@dataclass
class Unnamed:
    """An event without `message` that a touch is sought for."""

    subject: str
    channel: str | None
    word: str
    at: int
    """The earliest of its times."""
    sentiments: set[str] = field(default_factory=set)


@dataclass
class Evidence:
    """Everything that the events of one campaign tell, not yet joined by persons."""

    touches: dict[tuple[str, str], Touch] = field(default_factory=dict)
    unnamed: dict[tuple[str, str, str, str | None, str], Unnamed] = field(default_factory=dict)
    persons: dict[str, Times] = field(default_factory=dict)
    """Subject → meeting, meeting_canceled, qualified, customer."""
    links: list[list[str]] = field(default_factory=list)
    costs: dict[tuple[str, str], set[tuple[int, Decimal, str]]] = field(default_factory=dict)
    """(source, id) → every (microsecond, amount, currency in upper case or empty)."""
    plans: list[Taken] = field(default_factory=list)


PERSONAL = {
    "meeting.booked": "meeting",
    "meeting.canceled": "meeting_canceled",
    "lead.qualified": "qualified",
    "customer.won": "customer",
}


def gather(events: Iterable[Taken]) -> Evidence:
    """Collect what a set of events tells."""
    evidence = Evidence()
    for event in events:
        if event.touch is not None:
            touch = evidence.touches.setdefault(event.touch, Touch(*event.touch))
            tell_touch(touch, event)
        elif (event.channel is not None or event.word == "meeting") and event.subject is not None:
            tell_unnamed(evidence, event, event.subject)
        if event.type in PERSONAL and event.subject is not None:
            times = evidence.persons.setdefault(event.subject, {})
            earliest(times, PERSONAL[event.type], event.at)
        if event.type == "prospect.linked" and event.subject is not None:
            evidence.links.append([event.subject, *event.data["identities"]])
        if event.type == "cost.incurred":
            currency = (text(event.data.get("currency")) or "").upper()
            told = (event.micros, amount(event.data["amount"]) or Decimal(0), currency)
            evidence.costs.setdefault((event.source, event.id), set()).add(told)
        if event.type == "campaign.planned":
            evidence.plans.append(event)
    return evidence


def tell_touch(touch: Touch, event: Taken) -> None:
    """Add to a touch what one event that names it tells."""
    if event.subject is not None:
        touch.subjects.add(event.subject)
    if event.type == "email.bounced":
        earliest(touch.proved, f"{event.data['bounce']}_bounced", event.at)
    else:
        earliest(touch.proved, event.word, event.at)
    if event.word == "replied":
        for sentiment in sentiments(event):
            earliest(touch.proved, sentiment, event.at)
    if event.type.startswith("phone."):
        tell_facts(touch, event)


def tell_facts(touch: Touch, event: Taken) -> None:
    """Add to a call what one of its events says about duration, answers, rep and outcome."""
    answers = whole(event.data.get("key_answers"))
    # Whatever a later event corrects them to: nothing takes back the conversation.
    if answers is not None and answers > 0:
        earliest(touch.proved, "connected", event.at)
    told = {
        "duration": whole(event.data.get("duration")),
        "key_answers": answers,
        "rep": text(event.data.get("rep")),
    }
    if event.word == "completed":
        told["outcome"] = word_of(event.data.get("outcome"), OUTCOMES)
    for name, value in told.items():
        if value is not None:
            touch.facts.setdefault(name, set()).add((event.at, value))


def tell_unnamed(evidence: Evidence, event: Taken, subject: str) -> None:
    """Add one telling of an event without `message`; repetitions join by its identity."""
    key = (event.source, event.id, subject, event.channel, event.word)
    first = Unnamed(subject, event.channel, event.word, event.at)
    unnamed = evidence.unnamed.setdefault(key, first)
    unnamed.at = min(unnamed.at, event.at)
    if event.word == "replied":
        unnamed.sentiments |= sentiments(event)


def sentiments(event: Taken) -> set[str]:
    """Give the milestone that a reply's sentiment proves: none for a neutral or unknown one."""
    said = word_of(event.data.get("sentiment"), SENTIMENTS)
    return {said} if said in ("positive", "negative") else set()


def plan_data(plans: Iterable[Taken]) -> dict[str, Any] | None:
    """Give the `data` of the plan in force; None when nothing was planned."""

    def strength(plan: Taken) -> tuple[int, str, str, str]:
        compact = json.dumps(plan.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return plan.micros, plan.source, plan.id, compact

    strongest = max(plans, key=strength, default=None)
    return None if strongest is None else strongest.data
