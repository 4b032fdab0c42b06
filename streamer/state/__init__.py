"""The state of campaigns: evidence that only grows, and the numbers that follow from it. Pure."""

from streamer.state.counters import Hour
from streamer.state.drift import Drift
from streamer.state.ledger import TABLES, Epoch, Table, TableRecord
from streamer.state.partition import Counts, Partition
from streamer.state.snapshot import KpiRow, Snapshot

__all__ = [
    "TABLES",
    "Counts",
    "Drift",
    "Epoch",
    "Hour",
    "KpiRow",
    "Partition",
    "Snapshot",
    "Table",
    "TableRecord",
]
