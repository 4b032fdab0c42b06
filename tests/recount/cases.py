"""How a worked case is written: events by hand, and the few numbers that its rule decides.

Owns the notation; the cases themselves stand in the modules beside it.
"""

from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
Case = tuple[list[Event], dict[str, Any]]
"""Events of campaign `c`, and what the result says under each name (see `says`)."""

NOW = "2026-03-02T10:30:20Z"


def event(
    kind: str,
    when: str,
    subject: str | None = None,
    message: str | None = None,
    data: dict[str, Any] | None = None,
    **attributes: str,
) -> Event:
    """Write one event; `when` is a time of 2 March 2026, or a whole RFC 3339 time.

    Without an `id` it gets one of its own: the same contents, the same id.
    """
    time = when if "-" in when else f"2026-03-02T{when}Z"
    fields = {
        "specversion": "1.0",
        "source": "/sources/demo",
        "type": kind,
        "time": time,
        "campaign": "c",
        "subject": subject,
        "message": message,
        "data": data,
    }
    written = {name: value for name, value in fields.items() if value is not None}
    return {"id": repr(sorted(written.items(), key=str)), **written, **attributes}


def says(result: dict[str, Any], name: str) -> Any:
    """Look up one number of a result, in the campaign window unless the name ends with another.

    "email replied 1h" is a count of milestones; "attributed sms replied", "unattributed meeting",
    "rep ana made", "talk ana", "left out USD" are the other counts, 0 when absent; "kpi all cac" is
    a row's (value, numerator, denominator); "rejected" and "unknown" are positions.
    """
    if name in ("rejected", "unknown"):
        return result[name]
    words = name.split()
    window = words.pop() if words[-1] in ("5m", "1h", "24h") else "campaign"
    match words:
        case ["kpi", channel, kpi]:
            row = find(result["kpis"], channel=channel, kpi=kpi, window=window)
            return row and (row["value"], row["numerator"], row["denominator"])
        case ["attributed", channel, word]:
            row = find(result["attributed"], channel=channel, milestone=word)
        case ["unattributed", word]:
            row = find(result["unattributed"], milestone=word)
        case ["left", "out", currency]:
            row = find(result["cost_left_out"], currency=currency)
        case ["talk", rep]:
            row = find(result["rep_seconds"], rep=rep, window=window)
        case ["rep", rep, milestone]:
            row = find(result["rep_milestones"], rep=rep, milestone=milestone, window=window)
        case [channel, milestone]:
            row = find(result["milestones"], channel=channel, milestone=milestone, window=window)
        case _:
            raise ValueError(f"no such number: {name}")
    return row["value"] if row else 0


def find(rows: list[dict[str, Any]], **names: str) -> dict[str, Any] | None:
    """Find the one row of these names."""
    found = [row for row in rows if all(row[name] == value for name, value in names.items())]
    assert len(found) <= 1, found
    return found[0] if found else None


def cases_of(module: dict[str, Any]) -> list[Callable[[], Case]]:
    """Give the public functions that a module of cases defines: each is one case."""
    return [
        value
        for name, value in module.items()
        if callable(value) and not name.startswith("_") and value.__module__ == module["__name__"]
    ]
