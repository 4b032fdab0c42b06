"""The table of simulated vendors in Markdown, from what each of them provides."""

from typing import Final

from streamer.simulator.vendors import Simulated, simulated

_HEADER: Final = (
    "| vendor | tells of | tries again | cannot tell |",
    "|---|---|---|---|",
)
_SCALES: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def table() -> str:
    """What each simulated vendor tells, how it tries again, and what it cannot tell."""
    return "\n".join([*_HEADER, *map(_row, simulated().values())])


def _row(vendor: Simulated) -> str:
    known = "assumed, as its own schedule is not documented" if vendor.assumed else ""
    often = f"{len(vendor.delays)} times within {_duration(sum(vendor.delays))}"
    retries = ", ".join(filter(None, (often, known)))
    cells = (vendor.vendor.title, vendor.teller, retries, " ".join(vendor.untold))
    return f"| {' | '.join(cells)} |"


def _duration(seconds: float) -> str:
    for size, unit in _SCALES:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
