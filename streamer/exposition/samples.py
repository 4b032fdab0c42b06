"""A campaign's numbers as samples of Prometheus's text format, and their joining at a scrape.

Owns the names and labels of every `prospecting_*` metric. Pure: renders what it is given, once per
change; never counts and never serves. A number without a value gives no sample.
"""

import threading
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from streamer.kpis.model import METRICS
from streamer.state import Snapshot

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# The samples of one campaign, by family and in the order of FAMILIES.
Chunks = tuple[bytes, ...]


class Family(NamedTuple):
    """One metric: all are gauges."""

    name: str
    labels: tuple[str, ...]
    help: str


_KPI: Final = ("campaign", "channel", "kpi", "window")
FAMILIES: Final = (
    Family(METRICS["ratio"], _KPI, "A KPI that is a ratio; 1 means all."),
    Family(METRICS["seconds"], _KPI, "A KPI that is a duration, in seconds."),
    Family(METRICS["count"], _KPI, "A KPI that is a count or a mean count."),
    Family(
        METRICS["amount"], (*_KPI, "currency"), "A KPI that is an amount, in the plan's currency."
    ),
    Family(
        "prospecting_milestones",
        ("campaign", "channel", "milestone", "window"),
        "Touches (of channel all, and for contacted, answered and customer: prospects) that "
        "reached a milestone.",
    ),
    Family("prospecting_planned", ("campaign", "channel"), "Touches that the plan foresees."),
    Family(
        "prospecting_plan_start_seconds",
        ("campaign",),
        "When the plan begins, in seconds since 1970; no sample when it does not say.",
    ),
    Family(
        "prospecting_plan_end_seconds",
        ("campaign",),
        "When the plan is over, in seconds since 1970; no sample when it does not say.",
    ),
    Family(
        "prospecting_rep_milestones",
        ("campaign", "rep", "milestone", "window"),
        "Calls of a sales rep that reached a milestone.",
    ),
    Family(
        "prospecting_rep_seconds",
        ("campaign", "rep", "window"),
        "Talk time of a sales rep, in seconds.",
    ),
    Family(
        "prospecting_attributed",
        ("campaign", "channel", "milestone"),
        "Touches to which an event that named none was attributed, by the event's own word.",
    ),
    Family(
        "prospecting_unattributed",
        ("campaign", "milestone"),
        "Events without a touch of their own that found none to belong to.",
    ),
    Family(
        "prospecting_cost_left_out",
        ("campaign", "currency"),
        "Costs in another currency than the plan's, which no KPI includes.",
    ),
    Family(
        "prospecting_campaign_info",
        ("campaign", "name", "currency"),
        "Always 1: the campaign's name and currency.",
    ),
    Family(
        "prospecting_drift",
        ("campaign", "channel", "kpi"),
        "How far the sends speak for a turn to the worse: 0 to 1, which is the decision bound.",
    ),
    Family(
        "prospecting_drift_since_seconds",
        ("campaign", "channel", "kpi"),
        "Since when they do, in seconds since 1970; no sample while the drift is 0.",
    ),
    Family(
        "prospecting_as_of_seconds",
        ("campaign",),
        "The moment to which the campaign's windows were computed, in seconds since 1970.",
    ),
    Family(
        "prospecting_incomplete",
        ("campaign",),
        "1 when a record of the campaign was set aside by the operator, else absent.",
    ),
)

_HEADERS: Final = tuple(
    f"# HELP {family.name} {family.help}\n# TYPE {family.name} gauge\n".encode()
    for family in FAMILIES
)


def escape(text: str) -> str:
    """A label's value as the text format writes it."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    if "\n" in text:
        text = text.replace("\n", "\\n")
    return text


def render(snapshot: Snapshot) -> Chunks:
    """The samples of a campaign; whole numbers and floats read back as the same numbers."""
    campaign = f'{{campaign="{escape(snapshot.campaign)}"'
    currency = escape(snapshot.currency)
    incomplete = [f"prospecting_incomplete{campaign}}} 1\n"] if snapshot.incomplete else []
    lines: tuple[list[str], ...] = (
        *_kpis(snapshot, campaign, currency),
        [
            f'prospecting_milestones{campaign},channel="{channel}",milestone="{milestone}",'
            f'window="{window}"}} {value}\n'
            for channel, milestone, window, value in snapshot.milestones
        ],
        [
            f'prospecting_planned{campaign},channel="{channel}"}} {value}\n'
            for channel, value in snapshot.planned.items()
        ],
        *(
            [] if moment is None else [f"{name}{campaign}}} {moment}\n"]
            for name, moment in (
                ("prospecting_plan_start_seconds", snapshot.start),
                ("prospecting_plan_end_seconds", snapshot.end),
            )
        ),
        [
            f'prospecting_rep_milestones{campaign},rep="{escape(rep)}",milestone="{milestone}",'
            f'window="{window}"}} {value}\n'
            for rep, milestone, window, value in snapshot.rep_milestones
        ],
        [
            f'prospecting_rep_seconds{campaign},rep="{escape(rep)}",window="{window}"}} {value}\n'
            for rep, window, value in snapshot.rep_seconds
        ],
        [
            f'prospecting_attributed{campaign},channel="{channel}",milestone="{word}"}} {value}\n'
            for channel, word, value in snapshot.attributed
        ],
        [
            f'prospecting_unattributed{campaign},milestone="{word}"}} {value}\n'
            for word, value in snapshot.unattributed
        ],
        [
            f'prospecting_cost_left_out{campaign},currency="{escape(other)}"}} {value}\n'
            for other, value in snapshot.cost_left_out
        ],
        [
            (
                f'prospecting_campaign_info{campaign},name="{escape(snapshot.name)}",'
                f'currency="{currency}"}} 1\n'
            )
        ],
        [
            f'prospecting_drift{campaign},channel="{channel}",kpi="{kpi}"}} {level}\n'
            for channel, kpi, level, _ in snapshot.drift
        ],
        [
            f'prospecting_drift_since_seconds{campaign},channel="{channel}",kpi="{kpi}"}} {since}\n'
            for channel, kpi, _, since in snapshot.drift
            if since is not None
        ],
        [f"prospecting_as_of_seconds{campaign}}} {snapshot.as_of}\n"],
        incomplete,
    )
    return tuple("".join(family).encode() for family in lines)


def _kpis(snapshot: Snapshot, campaign: str, currency: str) -> Iterator[list[str]]:
    ratios: list[str] = []
    seconds: list[str] = []
    counts: list[str] = []
    amounts: list[str] = []
    by_unit = {"ratio": ratios, "seconds": seconds, "count": counts}
    names = {unit: METRICS[unit] for unit in ("ratio", "seconds", "count")}
    for kpi, channel, window, value, _, _, unit in snapshot.kpis:
        if value is None:
            continue
        labels = f'{campaign},channel="{channel}",kpi="{kpi}",window="{window}"'
        family = by_unit.get(unit)
        # Every other unit is a currency.
        if family is None:
            amounts.append(f'{METRICS["amount"]}{labels},currency="{currency}"}} {value}\n')
        else:
            family.append(f"{names[unit]}{labels}}} {value}\n")
    yield from (ratios, seconds, counts, amounts)


class Exposition:
    """The rendered samples of all exposed campaigns; written by one thread, read by another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: dict[str, Chunks] = {}

    def put(self, snapshot: Snapshot) -> None:
        """Replace the samples of a campaign."""
        chunks = render(snapshot)
        with self._lock:
            self._chunks[snapshot.campaign] = chunks

    def drop(self, campaign: str) -> None:
        """Let a campaign leave at once."""
        with self._lock:
            self._chunks.pop(campaign, None)

    def retain(self, campaigns: Collection[str]) -> None:
        """Let all others leave at once."""
        kept = set(campaigns)
        with self._lock:
            self._chunks = {name: own for name, own in self._chunks.items() if name in kept}

    def text(self, more: bytes = b"") -> bytes:
        """All samples in the text format, each family once, and `more` of other names.

        A family without samples is left out.
        """
        with self._lock:
            campaigns = list(self._chunks.values())
        parts: list[bytes] = []
        for number, header in enumerate(_HEADERS):
            samples = [chunks[number] for chunks in campaigns if chunks[number]]
            if samples:
                parts.append(header)
                parts += samples
        parts.append(more)
        return b"".join(parts)
