"""All benchmarks, one after the other: `python -m tests.bench`."""

import subprocess
import sys

NAMES = (
    "bench_core",
    "bench_engine",
    "bench_inbox",
    "bench_scrape",
    "bench_drift",
    "bench_gateway",
)
for name in NAMES:
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
