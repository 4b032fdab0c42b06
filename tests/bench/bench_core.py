"""The core alone, without Kafka: decoding, applying, refreshing, checkpoints, memory.

    python -m tests.bench.bench_core [--events 500000] [--touches 1000000]

The reference of each profile is the plain `json.loads` of the same records in the same run.
"""

import argparse
import gc
import json
import time
from collections.abc import Sequence
from pathlib import Path

from streamer.events import decode_record
from streamer.state import Epoch, Partition
from tests.bench.profiles import Record, near, records, rules, scattered, sends
from tests.bench.table import line, title

START = 1_772_438_400.0
CHECKPOINT_EVENTS = 100_000


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def reference(load: Sequence[Record]) -> float:
    """Events a second of a bare `json.loads`."""
    started = time.perf_counter()
    for _, value, _ in load:
        json.loads(value)
    return sum(count for _, _, count in load) / (time.perf_counter() - started)


def measure(name: str, partition: Partition, load: Sequence[Record]) -> None:
    """Feed a load with a checkpoint every so many events; print what it took."""
    bare = reference(load)
    spent = {"decode": 0.0, "apply": 0.0, "refresh": 0.0, "checkpoint": 0.0}
    events = since = size = 0
    clock = time.perf_counter
    for campaign, value, count in load:
        a = clock()
        batch = decode_record(campaign.encode(), value)
        b = clock()
        partition.apply(batch)
        c = clock()
        spent["decode"] += b - a
        spent["apply"] += c - b
        events += count
        since += count
        if since >= CHECKPOINT_EVENTS or events == sum_of(load):
            since = 0
            a = clock()
            partition.refresh()
            b = clock()
            written = partition.checkpoint()
            partition.written()
            spent["refresh"] += b - a
            spent["checkpoint"] += clock() - b
            size += sum(len(record.key) + len(record.value or b"") for record in written)
    rate = events / sum(spent.values())
    line(f"{name}: all of it", rate, "events/s", ratio=f"{rate / bare:.2f} × json.loads alone")
    both = events / (spent["decode"] + spent["apply"])
    line(f"{name}: decode and apply", both, "events/s", ratio=f"{both / bare:.2f} × json.loads")
    for part, seconds in spent.items():
        line(f"{name}: {part}", seconds / events * 1e6, "µs/event")
    line(f"{name}: checkpoints", size / events, "bytes/event")


def sum_of(load: Sequence[Record]) -> int:
    return sum(count for _, _, count in load)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--touches", type=int, default=1_000_000)
    options = parser.parse_args()
    title("The core alone, one process, 100 events a record")
    measure("near", Partition(Epoch(1, 1)), list(records(near(options.events, 4, START), 100)))
    measure("every rule", Partition(Epoch(1, 1)), list(records(rules(options.events, 4), 100)))
    gc.collect()
    before = resident()
    partition = Partition(Epoch(1, 1))
    for campaign, value, _ in records(sends(options.touches, 4, START), 100):
        partition.apply(decode_record(campaign.encode(), value))
    partition.refresh()
    partition.checkpoint()
    partition.written()
    gc.collect()
    line("memory, ids, indexes and a prospect each", (resident() - before) / options.touches,
         "bytes/touch", "≤ 500")  # fmt: skip
    load = list(records(scattered(options.events, options.touches, 4, START + 9000), 100))
    measure(f"scattered over {options.touches:,}", partition, load)


if __name__ == "__main__":
    main()
