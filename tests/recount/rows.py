"""The KPI table and the division of what was counted, window by window.

Owns the formulas and the form of the result; never looks at an event.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.recount.acceptance import CHANNELS
from tests.recount.tallies import Tallies

WINDOWS = {"campaign": None, "5m": 5, "1h": 60, "24h": 1440}
"""Name → how many minutes, the current one included."""

Row = dict[str, Any]


@dataclass
class Plan:
    """The numbers of the plan in force, and the cost in its currency."""

    planned: dict[str, int]
    key_questions: int | None
    cost: Decimal | None


class Counts:
    """The sums of one window."""

    def __init__(self, tallies: Tallies, plan: Plan, window: str, now: int) -> None:
        self.window = window
        self.plan = plan
        self.milestones: Counter[tuple[str, str]] = Counter()
        self.values: Counter[tuple[str, str]] = Counter()
        self.rep_milestones: Counter[tuple[str, str]] = Counter()
        self.rep_seconds: Counter[str] = Counter()
        for channel, milestone, at in tallies.milestones:
            self.milestones[channel, milestone] += falls_in(window, at, now)
        for channel, name, at, value in tallies.values:
            self.values[channel, name] += value * falls_in(window, at, now)
        for rep, milestone, at in tallies.rep_milestones:
            self.rep_milestones[rep, milestone] += falls_in(window, at, now)
        for rep, at, seconds in tallies.rep_seconds:
            self.rep_seconds[rep] += seconds * falls_in(window, at, now)


def falls_in(window: str, at: int, now: int) -> bool:
    """Say whether a second is in one of the window's minutes, the current minute being last."""
    minutes = WINDOWS[window]
    return minutes is None or now // 60 - minutes < at // 60 <= now // 60


Term = Callable[[Counts], Any]


def count(channel: str, milestone: str) -> Term:
    """Count touches, or prospects, that reached a milestone."""
    return lambda counts: counts.milestones[channel, milestone]


def total(channel: str, name: str) -> Term:
    """Sum the values that stand."""
    return lambda counts: counts.values[channel, name]


def unanswered(channel: str, milestone: str) -> Term:
    """Count touches that reached a milestone less those that got any response."""
    return lambda counts: (
        counts.milestones[channel, milestone] - counts.milestones[channel, "replied"]
    )


def planned(channel: str) -> Term:
    """Give the plan's number, zero included; None when it names none."""
    return lambda counts: counts.plan.planned.get(channel)


def questions(counts: Counts) -> int | None:
    """Give the key questions of the plan × connected calls; None when it names none."""
    if counts.plan.key_questions is None:
        return None
    return counts.plan.key_questions * counts.milestones["phone", "connected"]


def cost(counts: Counts) -> float | None:
    """Give the known cost in the plan's currency."""
    return None if counts.plan.cost is None else float(counts.plan.cost)


EVER, EVERY = ("campaign",), tuple(WINDOWS)

KPIS: tuple[tuple[str, str, Term, Term | None, tuple[str, ...]], ...] = (
    ("postal", "sent_progress", count("postal", "sent"), planned("postal"), EVER),
    ("postal", "no_response", unanswered("postal", "sent"), count("postal", "sent"), EVER),
    ("postal", "negative", count("postal", "negative"), count("postal", "sent"), EVERY),
    ("postal", "positive", count("postal", "meeting"), count("postal", "sent"), EVERY),
    ("sms", "sent_progress", count("sms", "sent"), planned("sms"), EVER),
    ("sms", "no_response", unanswered("sms", "delivered"), count("sms", "delivered"), EVER),
    ("sms", "deliverability", count("sms", "delivered"), planned("sms"), EVER),
    ("sms", "negative", count("sms", "negative"), count("sms", "delivered"), EVERY),
    ("sms", "positive", count("sms", "positive"), count("sms", "delivered"), EVERY),
    ("email", "deliverability", count("email", "delivered"), planned("email"), EVER),
    ("email", "open", count("email", "opened"), count("email", "delivered"), EVERY),
    ("email", "click", count("email", "clicked"), count("email", "opened"), EVERY),
    ("email", "reply", count("email", "replied"), count("email", "opened"), EVERY),
    ("email", "meeting", count("email", "meeting"), count("email", "delivered"), EVERY),
    ("email", "unsubscribe", count("email", "unsubscribed"), count("email", "delivered"), EVERY),
    ("email", "hard_bounce", count("email", "hard_bounced"), count("email", "sent"), EVERY),
    ("email", "soft_bounce", count("email", "soft_bounced"), count("email", "sent"), EVERY),
    ("email", "negative", count("email", "negative"), count("email", "opened"), EVERY),
    ("phone", "connected", count("phone", "connected"), count("phone", "made"), EVERY),
    ("phone", "callback", count("phone", "callback"), count("phone", "connected"), EVERY),
    ("phone", "calls_made", count("phone", "made"), None, EVERY),
    ("phone", "qualification", total("phone", "key_answers"), questions, EVERY),
    ("phone", "key_answers", total("phone", "key_answers"), count("phone", "connected"), EVERY),
    ("phone", "meeting", count("phone", "meeting"), count("phone", "connected"), EVERY),
    ("phone", "negative", count("phone", "negative"), count("phone", "connected"), EVERY),
    ("phone", "unreached", count("phone", "unreached"), count("phone", "made"), EVERY),
    ("phone", "off_target", count("phone", "off_target"), count("phone", "connected"), EVERY),
    ("phone", "average_duration", total("phone", "duration"), count("phone", "made"), EVERY),
    ("linkedin", "acceptance", count("linkedin", "accepted"), count("linkedin", "invited"), EVERY),
    ("linkedin", "reply", count("linkedin", "replied"), count("linkedin", "accepted"), EVERY),
    ("linkedin", "negative", count("linkedin", "negative"), count("linkedin", "accepted"), EVERY),
    ("linkedin", "sent_progress", count("linkedin", "invited"), planned("linkedin"), EVER),
    ("linkedin", "meeting", count("linkedin", "meeting"), count("linkedin", "read"), EVERY),
    ("all", "cac", cost, count("all", "customer"), EVER),
    ("all", "lead_conversion", count("all", "customer"), count("all", "qualified"), EVERY),
    *(
        (channel, "conversion", count(channel, "customer"), count(channel, "contacted"), EVERY)
        for channel in CHANNELS
    ),
    *(
        (channel, "reactivity", count(channel, "answered"), count(channel, "contacted"), EVERY)
        for channel in (*CHANNELS, "all")
    ),
    *(
        (
            channel,
            "reactivity_delay",
            total(channel, "reactivity_delay"),
            count(channel, "answered"),
            EVERY,
        )
        for channel in (*CHANNELS, "all")
    ),
    ("email", "sent_progress", count("email", "sent"), planned("email"), EVER),
    ("email", "complaint", count("email", "complained"), count("email", "delivered"), EVERY),
    ("email", "delivered_of_sent", count("email", "delivered"), count("email", "sent"), EVERY),
    ("sms", "delivered_of_sent", count("sms", "delivered"), count("sms", "sent"), EVERY),
    ("sms", "opt_out", count("sms", "opted_out"), count("sms", "delivered"), EVERY),
    ("sms", "failed", count("sms", "failed"), count("sms", "sent"), EVERY),
    ("postal", "returned", count("postal", "returned"), count("postal", "sent"), EVERY),
    ("linkedin", "message_read", count("linkedin", "read"), count("linkedin", "accepted"), EVERY),
    ("all", "cost_per_meeting", cost, count("all", "meeting"), EVER),
    ("all", "meeting_rate", count("all", "meeting"), count("all", "contacted"), EVERY),
)
"""(channel, kpi, numerator, denominator or None for a plain count, windows)."""


def kpi_rows(by_window: dict[str, Counts], *, every_row: bool) -> list[Row]:
    """Divide; leave out rows without value whose numerator is zero or unknown, unless asked."""
    rows: list[Row] = []
    for channel, kpi, numerator, denominator, windows in KPIS:
        for window in windows:
            above = numerator(by_window[window])
            below = None if denominator is None else denominator(by_window[window])
            if denominator is None:
                value = above
            else:
                value = above / below if below and above is not None else None
            if every_row or value is not None or above:
                names = {"channel": channel, "kpi": kpi, "window": window}
                rows.append({**names, "value": value, "numerator": above, "denominator": below})
    return in_order(rows)


def count_rows(by_window: dict[str, Counts]) -> tuple[list[Row], list[Row], list[Row]]:
    """Give milestones, milestones by rep and talk time by rep, without zeros."""
    milestones: list[Row] = []
    rep_milestones: list[Row] = []
    rep_seconds: list[Row] = []
    for window, counts in by_window.items():
        for (channel, milestone), value in counts.milestones.items():
            names = {"channel": channel, "milestone": milestone, "window": window}
            milestones.append({**names, "value": value})
        for (rep, milestone), value in counts.rep_milestones.items():
            names = {"rep": rep, "milestone": milestone, "window": window}
            rep_milestones.append({**names, "value": value})
        for rep, value in counts.rep_seconds.items():
            rep_seconds.append({"rep": rep, "window": window, "value": value})
    return in_order(milestones), in_order(rep_milestones), in_order(rep_seconds)


def in_order(rows: list[Row]) -> list[Row]:
    """Sort rows by their texts and leave out counts of zero."""
    kept = [row for row in rows if "kpi" in row or row["value"] != 0]
    return sorted(kept, key=lambda row: [v for v in row.values() if isinstance(v, str)])
