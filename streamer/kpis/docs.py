"""The KPI table in Markdown, from the catalogue."""

from collections.abc import Iterable
from typing import Final

from streamer.kpis.catalogue import CATALOGUE, REP_ROWS
from streamer.kpis.model import CAMPAIGN_ONLY, METRICS, Kpi

_HEADER: Final = (
    "| # | channel | kpi | libellé | label | formula | unit | windows |",
    "|---|---|---|---|---|---|---|---|",
)
_REP_HEADER: Final = (
    "| sales rep's | libellé | label | unit | meaning |",
    "|---|---|---|---|---|",
)


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
    """Both tables, with what their columns mean."""
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
