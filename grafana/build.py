"""The dashboards, generated from the KPI catalogue.

Owns the files. The JSON is committed, so that Grafana needs no generator.

    python -m grafana.build [--check]
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from grafana.boards import BOARDS
from grafana.page import rendered

FOLDER: Final = Path(__file__).parent / "dashboards"


def stale(folder: Path, wanted: dict[Path, str]) -> Iterator[Path]:
    """The files that are not as they should be, and those that should not be."""
    for path, text in wanted.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield path
    yield from (path for path in sorted(folder.glob("*.json")) if path not in wanted)


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write the dashboards, or with `--check` say which are stale; 1 when some are."""
    wanted = {folder / f"{board.name}.json": rendered(board) for board in BOARDS}
    found = list(stale(folder, wanted))
    if "--check" in arguments:
        for path in found:
            sys.stderr.write(f"{path} is stale: python -m grafana.build\n")
        return int(bool(found))
    for path in found:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
