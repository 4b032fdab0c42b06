"""What this version stores of a fixed stream: `python -m tests.state.golden` writes it anew.

To be written once for each version, and kept: it stands for what is in the topics of installations.
"""

import base64
import json
from pathlib import Path
from typing import Any

from streamer.state import Epoch, Partition, TableRecord
from streamer.state.version import VERSION
from tests.recount.stream import START, stream
from tests.state.stored import apply

FILE = Path(__file__).with_name("golden") / f"{VERSION}.json"
NOW = START + 60
EVENTS: list[dict[str, Any]] = [
    {**event, "campaign": "c"} for event in stream(7, 400, touches_per_campaign=60)
]


def records() -> list[TableRecord]:
    """Three checkpoints of one writer: pages, deltas and all else."""
    partition = Partition(Epoch(1, 1), 16)
    found: list[TableRecord] = []
    for first in (0, 200, 300):
        apply(partition, list(EVENTS[first : 200 if not first else first + 100]))
        found += partition.checkpoint()
        partition.written()
    return found


def main() -> None:
    """Write the file of this version."""
    FILE.parent.mkdir(exist_ok=True)
    rows = [
        [r.table, r.key.decode(), r.value and base64.b64encode(r.value).decode()] for r in records()
    ]
    FILE.write_text(json.dumps(rows, indent=0) + "\n")


if __name__ == "__main__":
    main()
