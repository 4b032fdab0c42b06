"""Which KPIs nothing that a campaign has received can feed, and why. Pure.

A milestone is fed by the types of events that reach it, directly or through what they imply; a KPI
needs one of these types for each of its terms, and from the plan what its formula asks. That a type
has come says that its source works, not that the KPI is other than zero.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from streamer.events.vocabulary import CHANNELS, TYPES
from streamer.kpis import model
from streamer.kpis.catalogue import CATALOGUE
from streamer.kpis.model import Kpi
from streamer.state import Snapshot
from streamer.state.layout import LAYOUTS, Layout

Types = frozenset[str]

# What an event of the type reaches by its payload instead of its own word.
_BY_PAYLOAD: Final[Mapping[str, tuple[str, ...]]] = {
    "email.bounced": ("hard_bounced", "soft_bounced"),
    "email.replied": ("replied", "negative", "positive"),
    "linkedin.replied": ("replied", "negative", "positive"),
    "postal.replied": ("replied", "negative", "positive"),
    "sms.replied": ("replied", "negative", "positive"),
    "phone.completed": ("completed", "meeting", "callback", "negative", "off_target"),
    "phone.made": ("made", "connected"),
    "phone.unreached": ("unreached", "connected"),
}


def _channel_feeders(layout: Layout) -> dict[str, Types]:
    """By milestone of a channel's touches, the types that can reach it."""
    proofs: dict[str, set[str]] = {milestone: set() for milestone in layout.milestones}
    proofs["meeting"].add("meeting.booked")
    for name, kind in TYPES.items():
        if kind.channel == layout.channel:
            for milestone in _BY_PAYLOAD.get(name, (kind.word,)):
                proofs[milestone].add(name)
    for proof, proved in layout.implies:
        proofs[proved] |= proofs[proof]
    return {milestone: frozenset(types) for milestone, types in proofs.items()}


def _feeders() -> dict[tuple[str, str], Types]:
    feeders: dict[tuple[str, str], Types] = {}
    for layout in LAYOUTS:
        own = _channel_feeders(layout)
        own["contacted"] = own[layout.contact]
        own["answered"] = frozenset[str]().union(*(own[name] for name in layout.answers))
        own["customer"] = frozenset({"customer.won"})
        feeders |= {(layout.channel, milestone): types for milestone, types in own.items()}
    for milestone in ("contacted", "answered", "meeting"):
        feeders["all", milestone] = frozenset[str]().union(
            *(feeders[channel, milestone] for channel in CHANNELS)
        )
    feeders["all", "meeting_canceled"] = frozenset({"meeting.canceled"})
    feeders["all", "qualified"] = frozenset({"lead.qualified", "customer.won"})
    feeders["all", "customer"] = frozenset({"customer.won"})
    return feeders


FEEDERS: Final[Mapping[tuple[str, str], Types]] = _feeders()

# What a sum is taken over.
TOTALS: Final[Mapping[str, str]] = {
    "duration": "made",
    "key_answers": "connected",
    "reactivity_delay": "answered",
}


class Seen:
    """What a campaign has received, and the channels that it uses."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._types = frozenset(kind for _, kind, _, _ in snapshot.sources)
        self._used = {"all", *(row[0] for row in snapshot.milestones if row[3])}
        self._used |= {name.partition(".")[0] for name in self._types}

    def lacks(self, channel: str, milestone: str) -> str | None:
        """Why nothing that has come can reach the milestone; None if something can.

        A meeting is every channel's, so that alone it says nothing of the mails sent, say.
        """
        if channel not in self._used:
            return f"no {channel} event has come"
        types = FEEDERS[channel, milestone]
        if types.isdisjoint(self._types):
            return f"none of these types has come: {', '.join(sorted(types))}"
        return None


def no_data(snapshot: Snapshot) -> list[dict[str, str]]:
    """The KPIs (`kpi`, `channel`) that nothing received can feed, each with its `reason`."""
    seen = Seen(snapshot)
    return [
        {"kpi": kpi.id, "channel": kpi.channel, "reason": "; ".join(reasons)}
        for kpi in CATALOGUE
        if (reasons := list(dict.fromkeys(_reasons(kpi, snapshot, seen))))
    ]


def _reasons(kpi: Kpi, snapshot: Snapshot, seen: Seen) -> Iterator[str]:
    for term in (kpi.numerator, kpi.denominator):
        yield from _lacks(term, snapshot, seen)


def _lacks(term: object, snapshot: Snapshot, seen: Seen) -> Iterator[str]:
    """What is missing for one term of a formula."""
    match term:
        case model.Milestone(channel, name):
            yield from _unfed(channel, name, seen)
        case model.Total(channel, name):
            yield from _unfed(channel, TOTALS[name], seen)
        case model.Difference(a, b) | model.Product(a, b):
            yield from _lacks(a, snapshot, seen)
            yield from _lacks(b, snapshot, seen)
        case model.Planned(channel):
            if not snapshot.planned.get(channel):
                yield f"the plan names no number for {channel}"
        case model.KeyQuestions():
            if not (snapshot.plan or {}).get("key_questions"):
                yield "the plan names no key questions"
        case model.Cost():
            if all(row.numerator is None for row in snapshot.kpis if row.kpi == "cac"):
                yield "no cost in the plan's currency is known"


def _unfed(channel: str, milestone: str, seen: Seen) -> Iterator[str]:
    if reason := seen.lacks(channel, milestone):
        yield reason
