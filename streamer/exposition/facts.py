"""Which facts a milestone and a total need, from the state's own table of what implies what. Pure.

`FEEDERS` are all that can reach a milestone, whatever it says of others: an opening proves that
the mail was delivered. `ENOUGH` are those by which it is known of every touch: mails delivered are
not known by their openings, so that an open rate made of these would be 100 %.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from streamer.events.vocabulary import CHANNELS, OUTCOMES, SENTIMENTS, TYPES
from streamer.exposition.fact_words import field_of, type_of
from streamer.state.layout import LAYOUTS, Layout

Facts = frozenset[str]
Place = tuple[str, str]
"""A channel and the name of a milestone or a total."""

BOUNCES: Final[Mapping[str, str]] = {"hard": "hard_bounced", "soft": "soft_bounced"}
# The sums over calls; any event of a call may carry them.
TOTALS: Final = ("duration", "key_answers")
_PHONE: Final = tuple(name for name, kind in TYPES.items() if kind.channel == "phone")
_REPLY: Final = "replied"
_NOTHING: Final[Facts] = frozenset()


def _direct(layout: Layout) -> dict[str, set[str]]:
    """By milestone of a channel's touches, the facts that say it in so many words."""
    channel = layout.channel
    proofs: dict[str, set[str]] = {milestone: set() for milestone in layout.milestones}
    proofs["meeting"].add("meeting.booked")
    for name, kind in TYPES.items():
        if kind.channel == channel and kind.word in proofs:
            proofs[kind.word].add(name)
    if f"{channel}.{_REPLY}" in TYPES:
        for sentiment in SENTIMENTS & proofs.keys():
            proofs[sentiment].add(f"{channel}.{_REPLY}:{sentiment}")
    if channel == "email":
        for bounce, milestone in BOUNCES.items():
            proofs[milestone].add(f"email.bounced:{bounce}")
    if channel == "phone":
        for outcome in set(OUTCOMES) & proofs.keys():
            proofs[outcome].add(f"phone.completed:{outcome}")
    return proofs


def _feeders() -> dict[Place, Facts]:
    feeders: dict[Place, Facts] = {}
    for layout in LAYOUTS:
        own = _direct(layout)
        if layout.channel == "phone":
            own["connected"] |= {f"{kind}:key_answers" for kind in _PHONE}
        for proof, proved in layout.implies:
            own[proved] |= own[proof]
        own["contacted"] = own[layout.contact]
        own["answered"] = set().union(*(own[name] for name in layout.answers))
        own["customer"] = {"customer.won"}
        feeders |= {(layout.channel, name): frozenset(facts) for name, facts in own.items()}
    for name in ("contacted", "answered", "meeting"):
        feeders["all", name] = _NOTHING.union(*(feeders[each, name] for each in CHANNELS))
    feeders["all", "meeting_canceled"] = frozenset({"meeting.canceled"})
    feeders["all", "qualified"] = frozenset({"lead.qualified", "customer.won"})
    feeders["all", "customer"] = frozenset({"customer.won"})
    for total in TOTALS:
        feeders["phone", total] = frozenset(f"{kind}:{total}" for kind in _PHONE)
    return feeders


FEEDERS: Final[Mapping[Place, Facts]] = _feeders()

# What several facts together say of every touch, where none of them says it alone.
_TOGETHER: Final[Mapping[Place, tuple[Facts, ...]]] = {
    ("email", "sent"): (frozenset({"email.delivered", "email.bounced:hard"}),),
    ("sms", "sent"): (frozenset({"sms.delivered", "sms.failed"}),),
    ("postal", "sent"): (frozenset({"postal.delivered", "postal.returned"}),),
    ("phone", "made"): (frozenset({"phone.connected", "phone.unreached"}),),
    # A STOP is a negative response, and a meeting a positive one.
    ("sms", "negative"): (frozenset({"sms.opted_out"}),),
    ("sms", "positive"): (frozenset({"meeting.booked"}),),
    ("postal", "positive"): (frozenset({"meeting.booked"}),),
}


def _enough() -> dict[Place, tuple[Facts, ...]]:
    enough: dict[Place, tuple[Facts, ...]] = {}
    for layout in LAYOUTS:
        channel = layout.channel
        for name, facts in _direct(layout).items():
            alone = _each(facts)
            enough[channel, name] = alone + _TOGETHER.get((channel, name), ())
        enough[channel, "contacted"] = enough[channel, layout.contact]
        enough[channel, "answered"] = enough[channel, layout.answers[0]]
        enough[channel, "customer"] = (frozenset({"customer.won"}),)
    for name in ("contacted", "answered"):
        enough["all", name] = tuple(each for at in CHANNELS for each in enough[at, name])
    # That customers were qualified leads says nothing of the leads that were lost.
    enough["all", "qualified"] = (frozenset({"lead.qualified"}),)
    for place, feeders in FEEDERS.items():
        if place not in enough:
            enough[place] = _each(feeders)
    return enough


def _each(facts: Iterable[str]) -> tuple[Facts, ...]:
    return tuple(frozenset({fact}) for fact in sorted(facts))


ENOUGH: Final[Mapping[Place, tuple[Facts, ...]]] = _enough()


def with_types(facts: Iterable[str]) -> Facts:
    """The facts, and the bare types of those that say more."""
    given = frozenset(facts)
    return given | {type_of(fact) for fact in given}


def of_unknown(types: Iterable[str]) -> Facts:
    """What follows from types of events that have come: of their data, only what none can lack."""
    given = frozenset(types)
    bounced = {f"email.bounced:{bounce}" for bounce in BOUNCES} if "email.bounced" in given else ()
    return given | frozenset(bounced)


def siblings(facts: Iterable[str], types: Facts) -> Facts:
    """Of facts that come by these types, all that stand in the same fields of the same types."""
    fields = {(type_of(fact), field_of(fact)) for fact in facts if type_of(fact) in types}
    known = (fact for each in FEEDERS.values() for fact in each)
    return frozenset(fact for fact in known if (type_of(fact), field_of(fact)) in fields)
