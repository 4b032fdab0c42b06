"""The KPI table in Markdown, kept in step with the catalogue.

Owns the block between `<!-- kpis:begin -->` and `<!-- kpis:end -->` of the files it is given.
Never touches a byte outside of that block.

    python -m streamer.kpis.docs [--check] FILE…
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from streamer.kpis.catalogue import CATALOGUE, REP_ROWS
from streamer.kpis.model import CAMPAIGN_ONLY, METRICS, Kpi

BEGIN: Final = "<!-- kpis:begin -->"
END: Final = "<!-- kpis:end -->"

_HEADER: Final = (
    "| # | channel | kpi | libellé | label | formula | unit | windows |",
    "|---|---|---|---|---|---|---|---|",
)
_REP_HEADER: Final = (
    "| sales rep's | libellé | label | unit | meaning |",
    "|---|---|---|---|---|",
)


class BlockMissingError(ValueError):
    """A file without exactly one pair of markers, in order: nothing can be replaced in it."""


def _row(kpi: Kpi) -> str:
    cells = (
        "" if kpi.article is None else str(kpi.article),
        kpi.channel,
        f"`{kpi.id}`",
        kpi.label.fr,
        kpi.label.en,
        kpi.formula,
        kpi.unit,
        "campaign" if kpi.windows == CAMPAIGN_ONLY else "every",
    )
    return f"| {' | '.join(cells)} |"


def table(rows: Iterable[Kpi] = CATALOGUE) -> str:
    """The rows as a Markdown table; a row without a number goes beyond the article."""
    return "\n".join((*_HEADER, *map(_row, rows)))


def rep_table() -> str:
    """The numbers that stand per sales rep, as a Markdown table."""
    rows = (
        f"| `{row.id}` | {row.label.fr} | {row.label.en} | {row.unit} | {row.help.en} |"
        for row in REP_ROWS
    )
    return "\n".join((*_REP_HEADER, *rows))


def block() -> str:
    """All that stands between the markers."""
    units = ", ".join(f"`{metric}` ({unit})" for unit, metric in METRICS.items())
    head = (
        f"{len(CATALOGUE)} rows. `#` is the row of the article; rows without a number go beyond "
        "it.\nA ratio is a number, 1 meaning all, not clamped. Windows: `every` is the whole "
        "campaign and\nthe last 5 minutes, hour and 24 hours (`campaign`, `5m`, `1h`, `24h`); "
        f"`campaign` is the whole\ncampaign only. In Prometheus: {units},\nwith the labels "
        "`campaign`, `channel`, `kpi` and `window`; an amount also has `currency`."
    )
    reps = (
        "For the calls whose sales rep is known, `prospecting_rep_milestones` and "
        "`prospecting_rep_seconds`\nalso give:"
    )
    return f"{head}\n\n{table()}\n\n{reps}\n\n{rep_table()}"


def replace_block(text: str, replacement: str) -> str:
    """The text with a new block between the markers, which stay where they are."""
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise BlockMissingError(f"one {BEGIN} and then one {END} are needed")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{replacement}\n\n{END}{after}"


def stale(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """The files whose block is not the catalogue's, each with the text that it ought to have."""
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        fresh = replace_block(text, block())
        if fresh != text:
            found.append((path, fresh))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the block into the files, or say which of them are stale; 1 when one is."""
    parser = argparse.ArgumentParser(prog="python -m streamer.kpis.docs")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        found = stale(options.files)
    except (OSError, BlockMissingError) as error:
        sys.stderr.write(f"The KPI table cannot be placed: {error}.\n")
        return 2
    for path, fresh in found:
        if options.check:
            sys.stderr.write(f"{path} is stale: python -m streamer.kpis.docs {path}\n")
        else:
            path.write_text(fresh, encoding="utf-8")
    return int(options.check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
