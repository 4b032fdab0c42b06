"""Write the generated parts of the documentation, or check that they are fresh.

Owns the blocks between `<!-- NAME:begin -->` and `<!-- NAME:end -->` of the README and the pages.
Never touches a byte outside of them.

    python -m streamer.docs [--check]
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from streamer.docs import example, vendors
from streamer.exposition import health
from streamer.kpis import docs as kpis
from streamer.settings import SETTINGS
from streamer.simulator import docs as simulator

_ROOT: Final = Path(__file__).parents[2]


class BlockMissingError(ValueError):
    """A file without exactly one pair of markers, in order: nothing can be replaced in it."""


def settings_table() -> str:
    """The settings as a Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for setting in SETTINGS:
        default = "" if setting.default is None else f"`{setting.default}`"
        lines.append(f"| `{setting.name}` | {default} | {setting.help} |")
    return "\n".join(lines)


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "kpis": kpis.block,
    "settings": settings_table,
    "metrics": health.table,
    "simulated": simulator.table,
    "vendors": vendors.table,
    "retries": vendors.retries,
    "proxies": vendors.proxies,
    "settings-by-vendor": vendors.sections,
    **example.BLOCKS,
}
PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "README.md": ("kpis",),
    "streamer/docs/kpis.md": ("kpis",),
    "streamer/docs/operations.md": ("simulated", "settings", "metrics"),
    "streamer/docs/vendors.md": ("vendors", "retries", "proxies", "settings-by-vendor"),
    "streamer/docs/add-a-vendor.md": tuple(example.BLOCKS),
}


def replace_block(text: str, name: str, replacement: str) -> str:
    """The text with a new block between the markers, which stay where they are."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise BlockMissingError(f"one {begin} and then one {end} are needed")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n\n{replacement}\n\n{end}{after}"


def stale(root: Path) -> dict[Path, str]:
    """The pages of which a block is not what it ought to be, each with its right text."""
    found = {}
    for page, names in PAGES.items():
        text = fresh = (root / page).read_text(encoding="utf-8")
        for name in names:
            fresh = replace_block(fresh, name, BLOCKS[name]())
        if fresh != text:
            found[root / page] = fresh
    return found


def main(arguments: Sequence[str] | None = None, root: Path = _ROOT) -> int:
    """Write the blocks, or say which pages are stale; 1 when one is."""
    parser = argparse.ArgumentParser(prog="python -m streamer.docs")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    options = parser.parse_args(arguments)
    try:
        found = stale(root)
    except (OSError, BlockMissingError) as error:
        sys.stderr.write(f"The documentation cannot be written: {error}.\n")
        return 2
    for path, fresh in found.items():
        if options.check:
            sys.stderr.write(f"{path.relative_to(root)} is stale: python -m streamer.docs\n")
        else:
            path.write_text(fresh, encoding="utf-8")
    return int(options.check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
