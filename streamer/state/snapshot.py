"""All numbers of one campaign at one moment, as they go out.

A snapshot is complete and plain: whoever publishes it needs no other part of the state.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from streamer.events.vocabulary import CHANNELS
from streamer.kpis.catalogue import CATALOGUE
from streamer.state.campaign import Campaign
from streamer.state.derived import Derived
from streamer.state.drift import Drift
from streamer.state.layout import WORDS
from streamer.state.minutes import MINUTE, WINDOWS
from streamer.state.money import Terms, read_terms
from streamer.state.series import (
    COUNT_NUMBERS,
    COUNTS,
    REP_BASE,
    REP_MILESTONES,
    REP_TALK_BASE,
    SUM_NUMBERS,
)

CAMPAIGN_WINDOW: Final = "campaign"


class KpiRow(NamedTuple):
    """One KPI in one window; `unit` is ratio, seconds, count or a currency."""

    kpi: str
    channel: str
    window: str
    value: int | float | None
    numerator: int | float | None
    denominator: int | None
    unit: str


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a campaign; times are UTC seconds, `as_of` the moment of its windows.

    `plan` is the data of the plan in force and `plan_micros` its time in microseconds, None when
    there is no plan. The lists' columns are: `milestones` channel, milestone, window, value;
    `attributed` channel, milestone, value; `unattributed` milestone, value; `rep_milestones` rep,
    milestone, window, value; `rep_seconds` rep, window, value; `cost_left_out` currency, value;
    `sources` source, type, first, last. `incomplete` says that a record of the campaign was set
    aside by the operator; `start` and `end` are the plan's; `drift` is what is watched, see
    `Drift`.
    """

    campaign: str
    as_of: int
    name: str
    currency: str
    plan: dict[str, Any] | None
    plan_micros: int | None
    planned: dict[str, int]
    kpis: list[KpiRow]
    milestones: list[tuple[str, str, str, int]]
    attributed: list[tuple[str, str, int]]
    unattributed: list[tuple[str, int]]
    rep_milestones: list[tuple[str, str, str, int]]
    rep_seconds: list[tuple[str, str, int]]
    cost_left_out: list[tuple[str, float]]
    sources: list[tuple[str, str, int, int]]
    incomplete: bool
    end: int | None
    drift: list[Drift]
    # With a default, since snapshots without it may still lie in Redis.
    start: int | None = None


class WindowTally:
    """The counts of one campaign in one window, as the catalogue reads them."""

    __slots__ = ("_cost", "_counts", "_sums", "_terms")

    def __init__(
        self,
        counts: Mapping[int, int],
        sums: Mapping[int, int],
        terms: Terms,
        cost: Decimal | None,
    ) -> None:
        self._counts = counts
        self._sums = sums
        self._terms = terms
        self._cost = cost

    def count(self, channel: str, milestone: str) -> int:
        """How many reached the milestone."""
        return self._counts.get(COUNT_NUMBERS[channel, milestone], 0)

    def total(self, channel: str, name: str) -> int:
        """The sum of a value."""
        return self._sums.get(SUM_NUMBERS[channel, name], 0)

    def planned(self, channel: str) -> int | None:
        """The plan's number for a channel."""
        return self._terms.planned.get(channel)

    def key_questions(self) -> int | None:
        """The plan's number of key questions."""
        return self._terms.key_questions

    def cost(self) -> Decimal | None:
        """The whole cost in the plan's currency."""
        return self._cost


class _Window(NamedTuple):
    name: str
    counts: Mapping[int, int]
    sums: Mapping[int, int]


def take(campaign: Campaign, derived: Derived, now: int) -> Snapshot:
    """The numbers at `now`, UTC seconds."""
    content = None if campaign.plan is None else campaign.plan.content
    terms = read_terms(content or {})
    windows = list(_windows(derived, now // MINUTE))
    return Snapshot(
        campaign=campaign.name,
        as_of=now,
        name=terms.name,
        currency=terms.currency,
        plan=content,
        plan_micros=None if campaign.plan is None else campaign.plan.micros,
        planned=terms.planned,
        kpis=list(_kpis(windows, terms, _cost(campaign, terms))),
        milestones=list(_milestones(derived, terms, windows)),
        attributed=[
            (CHANNELS[channel], WORDS[word], count)
            for (channel, word), count in sorted(derived.attribution.attributed.items())
            if count
        ],
        unattributed=[
            (WORDS[word], count)
            for word, count in sorted(derived.attribution.unattributed.items())
            if count
        ],
        rep_milestones=list(_rep_milestones(campaign, windows)),
        rep_seconds=list(_rep_seconds(campaign, windows)),
        cost_left_out=campaign.costs.left_out(terms.currency),
        sources=sorted((s.source, s.kind, s.first, s.last) for s in campaign.spans),
        incomplete=campaign.incomplete,
        start=terms.start,
        end=terms.end,
        drift=list(derived.drifts.levels(derived.counts, now)),
    )


def _windows(derived: Derived, minute: int) -> Iterator[_Window]:
    yield _Window(CAMPAIGN_WINDOW, derived.counts.totals(), derived.sums.totals())
    for name, length in WINDOWS.items():
        counts = derived.counts.window(minute, length)
        yield _Window(name, counts, derived.sums.window(minute, length))


def _cost(campaign: Campaign, terms: Terms) -> Decimal | None:
    spent = campaign.costs.spent(terms.currency)
    known = [part for part in (terms.cost, spent) if part is not None]
    return sum(known, Decimal(0)) if known else None


def _kpis(windows: list[_Window], terms: Terms, cost: Decimal | None) -> Iterator[KpiRow]:
    tallies = {w.name: WindowTally(w.counts, w.sums, terms, cost) for w in windows}
    for kpi in CATALOGUE:
        unit = terms.currency if kpi.unit == "amount" else kpi.unit
        for window in kpi.windows:
            value, numerator, denominator = kpi.evaluate(tallies[window])
            yield KpiRow(kpi.id, kpi.channel, window, value, numerator, denominator, unit)


def _milestones(
    derived: Derived, terms: Terms, windows: list[_Window]
) -> Iterator[tuple[str, str, str, int]]:
    used = {channel for i, channel in enumerate(CHANNELS) if derived.uses(i)}
    shown = {"all", *used, *terms.planned}
    for number, (channel, milestone) in enumerate(COUNTS):
        if channel in shown:
            for window in windows:
                yield channel, milestone, window.name, window.counts.get(number, 0)


def _rep_milestones(
    campaign: Campaign, windows: list[_Window]
) -> Iterator[tuple[str, str, str, int]]:
    for rep, name in enumerate(campaign.rep_names):
        for place, milestone in enumerate(REP_MILESTONES):
            series = REP_BASE + rep * len(REP_MILESTONES) + place
            for window in windows:
                count = window.counts.get(series, 0)
                if count:
                    yield name, milestone, window.name, count


def _rep_seconds(campaign: Campaign, windows: list[_Window]) -> Iterator[tuple[str, str, int]]:
    for rep, name in enumerate(campaign.rep_names):
        for window in windows:
            seconds = window.sums.get(REP_TALK_BASE + rep, 0)
            if seconds:
                yield name, window.name, seconds
