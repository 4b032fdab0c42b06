"""The figures of every campaign at a glance, as the list of campaigns shows them. Pure.

With each campaign goes who was heard of when: whether its numbers are alive is judged by the page,
whose clock goes on.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from streamer.exposition.history import rfc3339
from streamer.exposition.sources import Fed, Feed, reasons
from streamer.kpis.catalogue import CATALOGUE
from streamer.state import Snapshot

_KPIS: Final = ("cac", "meeting_rate", "lead_conversion", "reactivity", "cost_per_meeting")
_MILESTONES: Final = ("contacted", "answered", "meeting", "customer")
# The figures that are counts, and those that are KPIs, by the names that the list has for them.
_COUNTS: Final = ("meeting", "customer")
_RATIOS: Final = {
    kpi.id: kpi for kpi in CATALOGUE if kpi.channel == "all" and kpi.id in {"cac", "reactivity"}
}
_DONE: Final = {
    "email": "sent",
    "linkedin": "invited",
    "phone": "made",
    "postal": "sent",
    "sms": "sent",
}


def overview(snapshots: Iterable[Snapshot], feeds: Iterable[Feed] = ()) -> bytes:
    """The body: for each campaign its name, moment, plan's progress and the figures over all.

    `unfed` names the figures that nothing can feed, the configured sources `feeds` included.
    """
    known = tuple(feeds)
    return msgspec.json.encode({"campaigns": [_row(snapshot, known) for snapshot in snapshots]})


def _row(snapshot: Snapshot, feeds: Iterable[Feed]) -> dict[str, Any]:
    whole = {
        (channel, milestone): value
        for channel, milestone, window, value in snapshot.milestones
        if window == "campaign"
    }
    milestones = {name: whole.get(("all", name), 0) for name in _MILESTONES}
    planned = {channel: number for channel, number in snapshot.planned.items() if number}
    return {
        "campaign": snapshot.campaign,
        "name": snapshot.name,
        "as_of": rfc3339(snapshot.as_of),
        "sources": [
            {"source": source, "type": kind, "first": rfc3339(first), "last": rfc3339(last)}
            for source, kind, first, last in snapshot.sources
        ],
        "end": None if snapshot.end is None else rfc3339(snapshot.end),
        "incomplete": snapshot.incomplete,
        "currency": snapshot.currency,
        "kpis": {
            row.kpi: {
                "value": row.value,
                "numerator": row.numerator,
                "denominator": row.denominator,
            }
            for row in snapshot.kpis
            if row.channel == "all" and row.window == "campaign" and row.kpi in _KPIS
        },
        "milestones": milestones,
        "unfed": list(_unfed(Fed(snapshot, feeds), milestones)),
        "planned": planned,
        "done": {channel: whole.get((channel, _DONE[channel]), 0) for channel in planned},
    }


def _unfed(fed: Fed, milestones: Mapping[str, int]) -> Iterator[str]:
    for name in _COUNTS:
        if not milestones[name] and not fed.has(("all", name)):
            yield name
    for name, kpi in _RATIOS.items():
        if any(True for _ in reasons(kpi, fed)):
            yield name
