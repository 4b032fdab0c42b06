"""The figures of every campaign at a glance, as the list of campaigns shows them. Pure."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from streamer.exposition.history import rfc3339
from streamer.state import Snapshot

_KPIS: Final = ("cac", "meeting_rate", "lead_conversion", "reactivity", "cost_per_meeting")
_MILESTONES: Final = ("contacted", "answered", "meeting", "customer")
_DONE: Final = {
    "email": "sent",
    "linkedin": "invited",
    "phone": "made",
    "postal": "sent",
    "sms": "sent",
}


def overview(snapshots: Iterable[Snapshot]) -> bytes:
    """The body: for each campaign its name, moment, plan's progress and the figures over all."""
    return msgspec.json.encode({"campaigns": [_row(snapshot) for snapshot in snapshots]})


def _row(snapshot: Snapshot) -> dict[str, Any]:
    whole = {
        (channel, milestone): value
        for channel, milestone, window, value in snapshot.milestones
        if window == "campaign"
    }
    planned = {channel: number for channel, number in snapshot.planned.items() if number}
    return {
        "campaign": snapshot.campaign,
        "name": snapshot.name,
        "as_of": rfc3339(snapshot.as_of),
        "last_event": _last(snapshot),
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
        "milestones": {name: whole.get(("all", name), 0) for name in _MILESTONES},
        "planned": planned,
        "done": {channel: whole.get((channel, _DONE[channel]), 0) for channel in planned},
    }


def _last(snapshot: Snapshot) -> str | None:
    return rfc3339(max(row[3] for row in snapshot.sources)) if snapshot.sources else None
