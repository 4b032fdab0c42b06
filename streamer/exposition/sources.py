"""Which KPIs of a campaign nothing can feed, and why. Pure.

A KPI needs its facts for each of its terms, and from the plan what its formula asks. They are had
when a configured source that feeds the campaign can tell them, or when they have come. What has
come from elsewhere is known by its types only: what its data said is judged by what was counted.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from streamer.exposition.fact_words import channel_of, field_of, in_order, type_of, word
from streamer.exposition.facts import (
    ENOUGH,
    FEEDERS,
    Facts,
    Place,
    of_unknown,
    siblings,
    with_types,
)
from streamer.kpis import model
from streamer.kpis.catalogue import CATALOGUE
from streamer.kpis.model import Kpi
from streamer.state import Snapshot

_SOURCES: Final = "/sources/"
_WHOLE: Final = "campaign"
_DELAY: Final = "reactivity_delay"
_MOST_NAMED: Final = 3


class Feed(NamedTuple):
    """A configured source: what it can tell, and what it could if its table said more.

    `title` is its vendor's; `campaigns` are those that its table names. `by_tags` and `by_stages`
    are the facts that it could tell if `tags`, or `stages`, named something for each of them.
    """

    name: str
    title: str
    campaigns: Facts
    facts: Facts
    by_tags: Facts = frozenset()
    by_stages: Facts = frozenset()


class Fed:
    """What feeds one campaign: its configured sources, and the events that have come."""

    def __init__(self, snapshot: Snapshot, feeds: Iterable[Feed] = ()) -> None:
        self.snapshot = snapshot
        came = {(source, kind) for source, kind, _, _ in snapshot.sources}
        named = {source for source, _ in came}
        self.feeds: Sequence[Feed] = [
            feed
            for feed in feeds
            if snapshot.campaign in feed.campaigns or f"{_SOURCES}{feed.name}" in named
        ]
        told = {
            (f"{_SOURCES}{feed.name}", fact)
            for feed in self.feeds
            for fact in with_types(feed.facts)
        }
        # What a source has sent and cannot tell as it is now is from elsewhere, or from before.
        self._outside = of_unknown(kind for source, kind in came if (source, kind) not in told)
        self._certain = self._outside.union(*(with_types(feed.facts) for feed in self.feeds))
        self._counts = {
            (channel, name): count
            for channel, name, window, count in snapshot.milestones
            if window == _WHOLE
        } | _totals(snapshot)
        self._known = self._certain | self._by_counts()
        self.channels = {"all", *filter(None, map(channel_of, self._known))}
        self.channels |= {channel for (channel, _), count in self._counts.items() if count}

    def _by_counts(self) -> Facts:
        """Facts in the data of what came from elsewhere: counted, and not explained otherwise."""
        found: set[str] = set()
        for place, count in self._counts.items():
            if count and FEEDERS[place].isdisjoint(self._certain):
                found.update(*ENOUGH[place])
        return siblings(found, self._outside)

    def has(self, place: Place) -> bool:
        """Whether the facts of a milestone, or of a total, can be had."""
        channel, _ = place
        if any(facts <= self._known for facts in ENOUGH[place]):
            return True
        # Senders that are not known may tell it yet: what they have sent is taken as it is.
        feeders = FEEDERS[place]
        if any(channel_of(fact) == channel for feed in self.feeds for fact in feed.facts):
            feeders = frozenset(fact for fact in feeders if channel_of(fact) == channel)
        return not feeders.isdisjoint(self._outside | (self._known - self._certain))

    def counted(self, place: Place) -> bool:
        """Whether anything was counted all the same."""
        return bool(self._counts.get(place))

    @cached_property
    def senders(self) -> Sequence[str]:
        """Who has sent events and is no configured source that feeds this campaign."""
        own = {f"{_SOURCES}{feed.name}" for feed in self.feeds}
        return sorted({source for source, _, _, _ in self.snapshot.sources} - own)

    def came_bare(self, facts: Facts) -> Sequence[str]:
        """Types that came from elsewhere and could have carried one of these facts."""
        return sorted({type_of(fact) for fact in facts if field_of(fact)} & self._outside)


def _totals(snapshot: Snapshot) -> dict[Place, int]:
    """The sums that are numerators of KPIs, as the snapshot has them."""
    terms: dict[Place, object] = {(kpi.id, kpi.channel): kpi.numerator for kpi in CATALOGUE}
    found: dict[Place, int] = {}
    for row in snapshot.kpis:
        term = terms.get((row.kpi, row.channel))
        if isinstance(term, model.Total) and row.window == _WHOLE and term.name != _DELAY:
            found[term.channel, term.name] = int(row.numerator or 0)
    return found


def no_data(snapshot: Snapshot, feeds: Iterable[Feed] = ()) -> list[dict[str, str]]:
    """The KPIs (`kpi`, `channel`) that nothing can feed, each with its `reason`, as sentences."""
    fed = Fed(snapshot, feeds)
    return [
        {"kpi": kpi.id, "channel": kpi.channel, "reason": "; ".join(why)}
        for kpi in CATALOGUE
        if (why := list(dict.fromkeys(reasons(kpi, fed))))
    ]


def unfed(facts: Facts, channels: Iterable[str]) -> list[Kpi]:
    """The KPIs of these channels that these facts alone leave without data, whatever the plan."""
    known, kept = with_types(facts), set(channels)
    return [
        kpi
        for kpi in CATALOGUE
        if kpi.channel in kept
        and not all(any(each <= known for each in ENOUGH[at]) for at in places(kpi))
    ]


def places(kpi: Kpi) -> list[Place]:
    """The milestones and totals that a KPI's formula asks for."""
    return [at for term in (kpi.numerator, kpi.denominator) for at in _places(term)]


def _places(term: object) -> Iterator[Place]:
    match term:
        case model.Milestone(channel, name):
            yield channel, name
        case model.Total(channel, name):
            yield channel, "answered" if name == _DELAY else name
        case model.Difference(a, b) | model.Product(a, b):
            yield from _places(a)
            yield from _places(b)


def reasons(kpi: Kpi, fed: Fed) -> Iterator[str]:
    """Why nothing can feed a KPI, term by term; none when something can."""
    for term in (kpi.numerator, kpi.denominator):
        yield from _of_the_plan(term, fed.snapshot)
    for channel, name in places(kpi):
        if channel not in fed.channels:
            yield (
                f"no source of this campaign tells of {channel}, and no {channel} event has come: "
                "connect one, or post its events to /v1/events"
            )
        elif not fed.has((channel, name)):
            yield _reason((channel, name), fed)


def _of_the_plan(term: object, snapshot: Snapshot) -> Iterator[str]:
    match term:
        case model.Product(a, b):
            yield from _of_the_plan(a, snapshot)
            yield from _of_the_plan(b, snapshot)
        case model.Planned(channel) if not snapshot.planned.get(channel):
            yield f"the plan names no number for {channel}"
        case model.KeyQuestions() if not (snapshot.plan or {}).get("key_questions"):
            yield "the plan names no key questions"
        case model.Cost():
            if all(row.numerator is None for row in snapshot.kpis if row.kpi == "cac"):
                yield "no cost in the plan's currency is known: name it in the plan, or post costs"


def _reason(place: Place, fed: Fed) -> str:
    """Why the facts cannot be had, and what to do: a sentence for whoever runs the campaign."""
    wanted = frozenset[str]().union(*ENOUGH[place])
    main = in_order(ENOUGH[place][0] if place[0] != "all" else wanted)
    what = " or ".join(word(fact, "en") for fact in main[:_MOST_NAMED])
    tellers = [feed for feed in fed.feeds if _speaks(feed, place[0], wanted)]
    if tellers:
        names = " and ".join(f"{feed.title} ([sources.{feed.name}])" for feed in tellers)
        sentence = f"{names} {'tells' if len(tellers) == 1 else 'tell'} no {what}"
    else:
        sentence = f"no source of this campaign tells {what}"
    if fed.counted(place):
        sentence += ", so that those counted are only what other events prove"
    return f"{sentence}: {_remedy(wanted, main, fed)}"


def _speaks(feed: Feed, channel: str, wanted: Facts) -> bool:
    """Whether the source is one of whom the facts could be expected."""
    could = feed.facts | feed.by_tags | feed.by_stages
    return not wanted.isdisjoint(could) or any(channel_of(fact) == channel for fact in could)


def _remedy(wanted: Facts, main: Sequence[str], fed: Fed) -> str:
    keys: Sequence[tuple[str, Callable[[Feed], Facts]]] = (
        ("tags", lambda feed: feed.by_tags),
        ("stages", lambda feed: feed.by_stages),
    )
    for key, facts in keys:
        for feed in fed.feeds:
            if not wanted.isdisjoint(facts(feed)):
                return f"map its {key} in [sources.{feed.name}].{key}"
    event = type_of(main[0])
    field = field_of(main[0])
    if field and fed.came_bare(wanted):
        return f"no {event} that came is known to have had data.{field}; send it"
    post = f"{event} with data.{field}" if field else event
    return f"connect one that does, or post {post} to /v1/events"
