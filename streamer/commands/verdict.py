"""What chaos comes to: the verdict, and how it is told.

Owns what counts as a broken promise. Never finds anything out by itself.
"""

import sys
from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from streamer.simulator.ledger import Row
from streamer.simulator.vendors import simulated

# How many KPIs that differ are named.
_SHOWN: Final = 10
_WIDTH: Final = 100


class Verdict(NamedTuple):
    """What is found in the end."""

    rows: Sequence[Row]
    strangers: int
    differences: Sequence[str]

    def holds(self) -> bool:
        """Whether nothing is lost or doubled that by the vendors' contracts must not be."""
        lost = any(row.lost or row.needless for row in self.rows)
        return not (lost or self.strangers or self.differences)


def report(verdict: Verdict, patience: float) -> None:
    """Tell it; schedules were squeezed into `patience` seconds."""
    table = Table(title="different events, by who told them")
    for name in ("vendor", "told", "counted", "given up", "lost", "tried again", "its retries"):
        table.add_column(name, justify="left" if name in {"vendor", "its retries"} else "right")
    for row in verdict.rows:
        numbers = (row.told, row.counted, row.given_up, row.lost, row.retries)
        cells = (f"{number:,}" for number in numbers)
        table.add_row(row.teller, *cells, _retries(row.teller, patience))
    Console(file=sys.stdout, width=_WIDTH).print(table)
    lines = [f"{each}\n" for each in verdict.differences[:_SHOWN]]
    if more := len(verdict.differences[_SHOWN:]):
        lines.append(f"and {more:,} more\n")
    if verdict.strangers:
        lines.append(f"{verdict.strangers:,} events are counted that nobody told\n")
    for row in verdict.rows:
        if row.needless:
            lines.append(f"{row.teller}: {row.needless:,} given up outside of every outage\n")
        elif row.given_up:
            lines.append(f"{row.teller}: {row.given_up:,} lost to an outage beyond its retries\n")
    told = sum(row.told for row in verdict.rows)
    counted = sum(row.counted for row in verdict.rows)
    lines.append(
        f"{counted:,} of {told:,} are counted once, and every KPI is that of these events\n"
        if verdict.holds()
        else "the promise is broken: see above\n"
    )
    sys.stdout.write("".join(lines))


def _retries(teller: str, patience: float) -> str:
    """How often the vendor tries, whether that is known, and by how much time is squeezed."""
    vendor = simulated().get(teller)
    if vendor is None:
        return "ours, without end"
    factor = max(1.0, sum(vendor.delays) / patience)
    known = " assumed" if vendor.assumed else ""
    return f"{len(vendor.delays)}{known}, {factor:,.0f} × as fast"
