"""All benchmarks, one after the other: `python -m tests.bench`."""

import subprocess
import sys

for name in ("bench_core", "bench_engine", "bench_inbox", "bench_scrape"):
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
