"""The state of campaigns: evidence that only grows, and the numbers that follow from it. Pure."""

from streamer.state.counters import Hour
from streamer.state.drift import Drift
from streamer.state.inbox import Given, Inbox
from streamer.state.ledger import COUNTING_TABLES, INBOX_TABLES, TABLES, Epoch, Table, TableRecord
from streamer.state.money import Plan, plan_text
from streamer.state.partition import Counts, Partition
from streamer.state.snapshot import KpiRow, Snapshot
from streamer.state.waiting import Arrival, read_waiting

__all__ = [
    "COUNTING_TABLES",
    "INBOX_TABLES",
    "TABLES",
    "Arrival",
    "Counts",
    "Drift",
    "Epoch",
    "Given",
    "Hour",
    "Inbox",
    "KpiRow",
    "Partition",
    "Plan",
    "Snapshot",
    "Table",
    "TableRecord",
    "plan_text",
    "read_waiting",
]
