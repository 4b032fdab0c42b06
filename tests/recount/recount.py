"""A naive recount of one campaign: the judge of the product's numbers.

Plain, slow and straight from the definition; shares no code with what it judges.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.recount.acceptance import CHANNELS, amount, moment, read_all, text, whole
from tests.recount.evidence import Evidence, gather, plan_data
from tests.recount.rows import WINDOWS, Counts, Plan, Row, count_rows, in_order, kpi_rows
from tests.recount.tallies import tally

SECTIONS = {
    "kpis": ("channel", "kpi", "window"),
    "milestones": ("channel", "milestone", "window"),
    "attributed": ("channel", "milestone"),
    "unattributed": ("milestone",),
    "rep_milestones": ("rep", "milestone", "window"),
    "rep_seconds": ("rep", "window"),
    "cost_left_out": ("currency",),
}
"""Section of the result → the keys that name its rows."""
POSITIONS = ("rejected", "unknown")


def recount(
    events: Iterable[object],
    now: str | int,
    *,
    campaign: str = "c",
    every_row: bool = False,
) -> dict[str, Any]:
    """Count one campaign at `now` (RFC 3339 or seconds since 1970).

    Gives the sections of a worked case; `every_row` adds KPI rows that have no value. Events of
    another campaign are rejected, as in a record whose key is this campaign.
    """
    second = now if isinstance(now, int) else moment(now) // 1_000_000
    taken, rejected, unknown = read_all(list(events), campaign)
    evidence = gather(taken)
    tallies = tally(evidence)
    plan, left_out = planned_and_spent(evidence)
    by_window = {window: Counts(tallies, plan, window, second) for window in WINDOWS}
    milestones, rep_milestones, rep_seconds = count_rows(by_window)
    return {
        "rejected": rejected,
        "unknown": unknown,
        "kpis": kpi_rows(by_window, every_row=every_row),
        "milestones": milestones,
        "attributed": in_order(
            [
                {"channel": channel, "milestone": word, "value": value}
                for (channel, word), value in tallies.attributed.items()
            ]
        ),
        "unattributed": in_order(
            [{"milestone": word, "value": value} for word, value in tallies.unattributed.items()]
        ),
        "rep_milestones": rep_milestones,
        "rep_seconds": rep_seconds,
        "cost_left_out": in_order(
            [{"currency": currency, "value": float(value)} for currency, value in left_out.items()]
        ),
    }


def planned_and_spent(evidence: Evidence) -> tuple[Plan, dict[str, Decimal]]:
    """Give the plan's numbers with the cost in its currency, and what other currencies sum to."""
    data = plan_data(evidence.plans) or {}
    numbers = data.get("planned")
    named = numbers if isinstance(numbers, dict) else {}
    planned = {channel: whole(named.get(channel)) for channel in CHANNELS}
    own_currency = (text(data.get("currency")) or "EUR").upper()
    sums: dict[str, Decimal] = {}
    own_cost = amount(data.get("cost"))
    if own_cost is not None:
        sums[own_currency] = own_cost
    for told in evidence.costs.values():
        _, standing, currency = max(told)
        currency = currency or own_currency
        sums[currency] = sums.get(currency, Decimal(0)) + standing
    cost = sums.pop(own_currency, None)
    kept = {channel: number for channel, number in planned.items() if number is not None}
    return Plan(kept, whole(data.get("key_questions")), cost), sums


def plan_in_force(events: Iterable[object], *, campaign: str = "c") -> dict[str, Any] | None:
    """Give the `data` of the plan in force, as it was sent; None when nothing was planned."""
    taken, _, _ = read_all(list(events), campaign)
    return plan_data(gather(taken).plans)


def history(
    events: Iterable[object], channel: str, milestone: str, *, campaign: str = "c"
) -> dict[int, int]:
    """Give how many reached the milestone in each minute (seconds since 1970 // 60), no zeros."""
    return histories(events, campaign=campaign).get((channel, milestone), {})


def histories(
    events: Iterable[object], *, campaign: str = "c"
) -> dict[tuple[str, str], dict[int, int]]:
    """Give every history that is not empty, by channel and milestone."""
    taken, _, _ = read_all(list(events), campaign)
    counts: dict[tuple[str, str], Counter[int]] = {}
    for channel, milestone, at in tally(gather(taken)).milestones:
        counts.setdefault((channel, milestone), Counter())[at // 60] += 1
    return {key: dict(sorted(minutes.items())) for key, minutes in counts.items()}


def compare(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """Say in sentences where two results differ; absent and zero counts are alike.

    Only sections that both have are compared: a snapshot knows no positions, say.
    """
    differences = [
        f"{name}: expected {expected[name]}, got {actual[name]}"
        for name in POSITIONS
        if name in expected and name in actual and expected[name] != actual[name]
    ]
    for section, names in SECTIONS.items():
        if section in expected and section in actual:
            wanted, got = (keyed(rows[section], names) for rows in (expected, actual))
            differences += [
                f"{section} {' '.join(key)}: expected {wanted.get(key)}, got {got.get(key)}"
                for key in sorted(wanted.keys() | got.keys())
                if wanted.get(key) != got.get(key)
            ]
    return differences


def keyed(rows: list[Row], names: tuple[str, ...]) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Index rows by what names them; a row that may be left out is left out."""
    found: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for row in rows:
        key = tuple(row[name] for name in names)
        numbers = tuple(row[name] for name in ("value", "numerator", "denominator") if name in row)
        says_something = row["value"] is not None or bool(row["numerator"])
        if key in found:
            raise ValueError(f"two rows for {' '.join(key)}")
        if says_something if "kpi" in row else row["value"] != 0:
            found[key] = numbers
    return found
