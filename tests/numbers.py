"""A snapshot as the worked cases write it down, so that it can be compared with them."""

from typing import Any

from streamer.state import Snapshot

_COLUMNS = {
    "milestones": ("channel", "milestone", "window", "value"),
    "attributed": ("channel", "milestone", "value"),
    "unattributed": ("milestone", "value"),
    "rep_milestones": ("rep", "milestone", "window", "value"),
    "rep_seconds": ("rep", "window", "value"),
    "cost_left_out": ("currency", "value"),
}


def numbers_of(snapshot: Snapshot) -> dict[str, Any]:
    """Every list of a snapshot, its rows as objects."""
    return {
        "kpis": [row._asdict() for row in snapshot.kpis],
        **{
            name: [dict(zip(keys, row, strict=True)) for row in getattr(snapshot, name)]
            for name, keys in _COLUMNS.items()
        },
    }
