"""A worker's scrape with many campaigns: its time and size, and what rendering and Redis cost.

    python -m tests.bench.bench_scrape [--campaigns 100]

Every campaign uses all five channels and has ten sales reps, so that each has about as many samples
as one can have. Prints a table; asserts nothing.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from streamer import events
from streamer.embedded.redis import EmbeddedRedis
from streamer.events.vocabulary import TYPES
from streamer.exposition import bodies
from streamer.exposition.exporter import WorkerExporter
from streamer.exposition.pipeline import WorkerMetrics
from streamer.exposition.samples import render
from streamer.exposition.snapshots import decode_snapshot, encode_snapshot
from streamer.exposition.store import SnapshotStore
from streamer.settings import Settings
from streamer.state import Epoch, Partition, Snapshot

NOW = 1_772_447_420  # 2026-03-02T10:30:20Z
EPOCH = Epoch(1, 1)
REPS = 10
PROSPECTS = 40
PLAN = {
    "name": "A campaign of spring",
    "planned": dict.fromkeys(("email", "linkedin", "phone", "postal", "sms"), 1000),
    "cost": 12345.67,
    "key_questions": 5,
}
SCRAPES = 20


def campaign(name: str) -> Snapshot:
    """A campaign in which everything has happened, in every window."""
    told: list[dict[str, Any]] = [_event(name, "campaign.planned", 0, 0, PLAN)]
    for prospect in range(PROSPECTS):
        for number, kind in enumerate(TYPES):
            if kind not in {"campaign.planned", "meeting.canceled"}:
                told.append(_event(name, kind, prospect, number, _data(kind, prospect)))
    partition = Partition(EPOCH)
    partition.apply(events.decode_record(name.encode(), events.encode_batch(told)))
    partition.refresh()
    return partition.snapshot(name, NOW)


def _event(
    name: str, kind: str, prospect: int, number: int, data: dict[str, Any]
) -> dict[str, Any]:
    channel = kind.partition(".")[0]
    return {
        "specversion": "1.0",
        "id": f"{kind}-{prospect}-{number}",
        "source": f"/sources/{channel}",
        "type": kind,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - 7 * prospect - 60)),
        "campaign": name,
        "subject": f"p{prospect}",
        "message": f"{channel}-{prospect}",
        "data": data,
    }


def _data(kind: str, prospect: int) -> dict[str, Any]:
    outcomes = ("meeting", "callback", "negative", "off_target")
    return {
        "sentiment": ("positive", "negative")[prospect % 2],
        "bounce": ("hard", "soft")[prospect % 2],
        "rep": f"rep-{prospect % REPS}",
        "duration": 61 + prospect,
        "key_answers": 3,
        "outcome": outcomes[prospect % len(outcomes)],
        "channel": ("email", "linkedin", "phone", "postal", "sms")[prospect % 5],
        "identities": [],
        "amount": 10.5 if kind == "cost.incurred" else None,
        "currency": ("EUR", "USD")[prospect % 2],
    }


def timed(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each run."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - begun))
    return found


def row(what: str, milliseconds: list[float]) -> None:
    """Print a line of the table."""
    p99 = quantiles(milliseconds, n=100)[98]
    sys.stdout.write(f"{what:<46} {median(milliseconds):9.3f} {p99:9.3f}\n")


async def _through_redis(store: SnapshotStore, now: int) -> None:
    """Wait until the store has every campaign as of `now`."""
    while True:
        entries = await store.campaigns()
        if entries and all(entry.as_of == now for entry in entries):
            return
        await asyncio.sleep(0.001)


async def run(url: str, snapshots: list[Snapshot]) -> None:
    """Measure."""
    settings = Settings.from_environment({"STREAMER_METRICS": "127.0.0.1:0", "STREAMER_REDIS": url})
    exporter = WorkerExporter(settings, "bench", WorkerMetrics())
    exporter.set_ready(lambda: True)
    exporter.set_speaks(lambda: True)
    store = SnapshotStore(url, "bench", 1)
    await exporter.start()
    await store.start()
    exporter.complete(0, EPOCH)
    begun = time.perf_counter()
    for snapshot in snapshots:
        exporter.publish(0, EPOCH, 1, snapshot)
    published = time.perf_counter()
    while True:
        try:
            await _through_redis(store, NOW)
            break
        except Exception:  # noqa: BLE001 - not all is complete yet
            await asyncio.sleep(0.001)
    arrived = time.perf_counter()
    text = exporter.text()
    samples = sum(1 for line in text.splitlines() if line.startswith(b"prospecting_"))
    sys.stdout.write(
        f"{len(snapshots)} campaigns, {samples} samples ({samples // len(snapshots)} each), "
        f"{len(text) / 1e6:.2f} MB a scrape\n\n{'milliseconds':<46} {'median':>9} {'p99':>9}\n"
    )
    row("scrape over HTTP, loop at rest", await _scrapes(exporter))
    busy = asyncio.create_task(_busy())
    row("scrape over HTTP, loop busy", await _scrapes(exporter))
    busy.cancel()
    row("join of all samples", timed(exporter.text, SCRAPES))
    one = snapshots[0]
    body = encode_snapshot(one)
    row("render one campaign's samples", timed(lambda: render(one), 200))
    row(f"encode one snapshot ({len(body) // 1000} kB)", timed(lambda: encode_snapshot(one), 200))
    row("decode one snapshot", timed(lambda: decode_snapshot(body), 200))
    row("render one body of KPIs", timed(lambda: bodies.kpis(one), 200))
    sys.stdout.write(
        f"\npublish all: {1000 * (published - begun):.0f} ms in the worker, in Redis and read back "
        f"{1000 * (arrived - published):.0f} ms later\n"
    )
    await store.stop()
    await exporter.stop()


async def _scrapes(exporter: WorkerExporter) -> list[float]:
    """Milliseconds of scrapes by another process, on one connection as Prometheus does."""
    script = (
        "import http.client, sys, time\n"
        "connection = http.client.HTTPConnection(sys.argv[1])\n"
        "for _ in range(int(sys.argv[2])):\n"
        "    begun = time.perf_counter()\n"
        "    connection.request('GET', '/metrics')\n"
        "    connection.getresponse().read()\n"
        "    print(1000 * (time.perf_counter() - begun))\n"
    )
    arguments = ("-c", script, str(exporter.address), str(SCRAPES))
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    return [float(line) for line in output.split()]


async def _busy() -> None:
    """A loop that works 50 ms at a time, as it does on records."""
    while True:
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass
        await asyncio.sleep(0)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--campaigns", type=int, default=100)
    wanted = parser.parse_args().campaigns
    snapshots = [campaign(f"campaign-{number:03}") for number in range(wanted)]
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        try:
            asyncio.run(run(server.url, snapshots))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
