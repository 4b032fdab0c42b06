"""Worked cases, and the snapshots that the state makes of them."""

import json
from pathlib import Path
from typing import Any

from streamer import events
from streamer.events import parse_time
from streamer.state import Epoch, Hour, Partition, Snapshot

CASES = sorted(Path(__file__).parents[1].rglob("vectors/[0-9][0-9]-*.json"))
CAMPAIGN = "c"
EPOCH = Epoch(1, 7)


def load(path: Path) -> dict[str, Any]:
    """A worked case."""
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


def case(number: str) -> dict[str, Any]:
    """The worked case of that number."""
    return load(next(path for path in CASES if path.name.startswith(number)))


def seconds(text: str) -> int:
    """UTC seconds of an RFC 3339 time."""
    micros = parse_time(text)
    assert micros is not None
    return micros // 1_000_000


def partition_of(case: dict[str, Any], campaign: str = CAMPAIGN) -> Partition:
    """The state after the events of a case, told of a campaign of that name."""
    told = [
        {**event, "campaign": campaign} if event.get("campaign") == CAMPAIGN else event
        for event in case["events"]
    ]
    partition = Partition(EPOCH)
    record = events.encode_batch(told)
    partition.apply(events.decode_record(campaign.encode(), record))
    partition.refresh()
    return partition


def snapshot_of(case: dict[str, Any], campaign: str = CAMPAIGN) -> Snapshot:
    """The numbers of a case at its `now`."""
    return partition_of(case, campaign).snapshot(campaign, seconds(case["now"]))


def hours_of(case: dict[str, Any], campaign: str = CAMPAIGN) -> list[Hour]:
    """The hours of a case."""
    return partition_of(case, campaign).hours_changed()
