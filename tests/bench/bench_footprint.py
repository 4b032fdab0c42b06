"""What a worker's memory, the metrics and Kafka's disk grow by: the figures of docs/scale.md.

    python -m tests.bench.bench_footprint [--campaigns 200]

Prints a table; asserts nothing. What a touch takes is told by bench_core.
"""

import argparse
import gc
import zlib

import streamer.exposition.exporter
import streamer.exposition.pipeline
import streamer.processing  # noqa: F401 - as a worker does: it takes memory
from streamer.events import decode_record, encode_batch
from streamer.exposition.samples import render
from streamer.exposition.snapshots import encode_snapshot
from streamer.state import Epoch, Partition
from tests.bench.bench_core import resident
from tests.bench.bench_scrape import NOW, campaign
from tests.bench.table import line, title
from tests.recount.stream import START, stream

BATCH = 5


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--campaigns", type=int, default=200)
    options = parser.parse_args()
    title("What grows with what")
    # All that a worker imports is imported by now.
    line("a worker without events", resident() / 1e6, "MB")
    _campaigns(options.campaigns)
    _events()
    full = campaign("full")
    text = b"".join(render(full))
    line("samples of a full campaign", text.count(b"\n"), "samples")
    line("their text at a scrape", len(text), "bytes")
    line("its snapshot in Redis", len(encode_snapshot(full)), "bytes")


def _campaigns(number: int) -> None:
    """Campaigns of 300 touches that spread over 30 hours: what one costs beside its touches."""
    records = [
        (
            f"campaign-{n}".encode(),
            encode_batch(
                [
                    {**event, "campaign": f"campaign-{n}"}
                    for event in stream(n, 1_500, 1, 300, rate=1_500 / 108_000)
                ]
            ),
        )
        for n in range(number)
    ]
    gc.collect()
    before = resident()
    partition = Partition(Epoch(1, 1))
    for key, value in records:
        partition.apply(decode_record(key, value))
    partition.refresh()
    partition.checkpoint()
    partition.written()
    shown = [render(partition.snapshot(name, NOW)) for name in partition.campaigns()]
    gc.collect()
    line("a campaign of 300 touches, all included", (resident() - before) / number, "bytes")
    del shown


def _events() -> None:
    """Events as they stand in the topic, in records of a few, and packed as Kafka could pack."""
    found = list(stream(1, 10_000, 1, 2_000, start=START))
    values = [encode_batch(found[n : n + BATCH]) for n in range(0, len(found), BATCH)]
    line("an event in touchpoints", sum(map(len, values)) / len(found), "bytes")
    packed = sum(
        len(zlib.compress(b"".join(values[n : n + 10]))) for n in range(0, len(values), 10)
    )
    line("the same in a backup", packed / len(found), "bytes")


if __name__ == "__main__":
    main()
