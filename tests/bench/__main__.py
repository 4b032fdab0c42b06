"""All benchmarks, one after the other: `python -m tests.bench`."""

import subprocess
import sys

for name in ("bench_core", "bench_engine", "bench_scrape", "bench_drift", "bench_footprint"):
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
