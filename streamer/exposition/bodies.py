"""The JSON bodies of the reads: a snapshot in, bytes out.

Owns the keys of every answer. Pure: labels and formulas come from the catalogue, all numbers from
the snapshot.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from streamer.exposition.history import Query, rfc3339
from streamer.exposition.snapshots import Entry
from streamer.exposition.sources import Feed, no_data
from streamer.kpis.catalogue import CATALOGUE
from streamer.state import Snapshot

encode: Final = msgspec.json.Encoder().encode

_MICROS: Final = 1_000_000


def campaigns(entries: Iterable[Entry]) -> bytes:
    """The body of `/v1/campaigns`."""
    rows = [
        {"campaign": entry.campaign, "name": entry.name, "as_of": rfc3339(entry.as_of)}
        for entry in entries
    ]
    return encode({"campaigns": rows})


def campaign(snapshot: Snapshot) -> bytes:
    """The plan in force, `null` when there is none, and the time of its event."""
    micros = snapshot.plan_micros
    return encode(
        {
            **_head(snapshot),
            "name": snapshot.name,
            "plan": snapshot.plan,
            "plan_time": None if micros is None else _rfc3339_micros(micros),
        }
    )


def kpis(snapshot: Snapshot) -> bytes:
    """Every row of the catalogue in every window that it has."""
    known = {(row.kpi, row.channel, row.window): row for row in snapshot.kpis}
    rows: list[dict[str, Any]] = []
    for kpi in CATALOGUE:
        for window in kpi.windows:
            row = known.get((kpi.id, kpi.channel, window))
            rows.append(
                {
                    "kpi": kpi.id,
                    "channel": kpi.channel,
                    "window": window,
                    "value": row and row.value,
                    "numerator": row and row.numerator,
                    "denominator": row and row.denominator,
                    "unit": snapshot.currency if kpi.unit == "amount" else kpi.unit,
                    "label": {"fr": kpi.label.fr, "en": kpi.label.en},
                    "formula": kpi.formula,
                }
            )
    return encode({**_head(snapshot), "kpis": rows})


_LISTS: Final = {
    "milestones": ("channel", "milestone", "window", "value"),
    "attributed": ("channel", "milestone", "value"),
    "unattributed": ("milestone", "value"),
    "rep_milestones": ("rep", "milestone", "window", "value"),
    "rep_seconds": ("rep", "window", "value"),
    "cost_left_out": ("currency", "value"),
}


def milestones(snapshot: Snapshot) -> bytes:
    """Every count of the snapshot beside its KPIs."""
    lists = {name: _rows(getattr(snapshot, name), keys) for name, keys in _LISTS.items()}
    return encode({**_head(snapshot), **lists})


def history(snapshot: Snapshot, query: Query, points: Sequence[tuple[int, int]]) -> bytes:
    """The points of one milestone."""
    return encode(
        {
            "campaign": snapshot.campaign,
            "channel": query.channel,
            "milestone": query.milestone,
            "step": query.step,
            "points": points,
        }
    )


def sources(snapshot: Snapshot, feeds: Iterable[Feed] = ()) -> bytes:
    """Who has sent what and when, and which KPIs nothing can feed, these feeds included."""
    seen = [
        {"source": source, "type": kind, "first": rfc3339(first), "last": rfc3339(last)}
        for source, kind, first, last in snapshot.sources
    ]
    return encode({**_head(snapshot), "sources": seen, "no_data": no_data(snapshot, feeds)})


def _head(snapshot: Snapshot) -> dict[str, Any]:
    head: dict[str, Any] = {"campaign": snapshot.campaign, "as_of": rfc3339(snapshot.as_of)}
    if snapshot.incomplete:
        head["incomplete"] = True
    return head


def _rows(values: Iterable[Sequence[Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(keys, row, strict=True)) for row in values]


def _rfc3339_micros(micros: int) -> str:
    seconds, fraction = divmod(micros, _MICROS)
    text = rfc3339(seconds)
    return f"{text[:-1]}.{fraction:06d}Z" if fraction else text
