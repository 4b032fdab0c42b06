import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streamer.commands.demo import temporary_folder

PORTS = {
    "STREAMER_GATEWAY": "127.0.0.1:0",
    "STREAMER_METRICS": "127.0.0.1:0",
    "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
}


@pytest.mark.kafka
@pytest.mark.slow
def test_every_kpi_moves_within_a_minute_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with out.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamer", "demo"],
            env={**os.environ, **PORTS, "TMPDIR": str(tmp_path)},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 90
        while not _all_move(out.read_text()):
            assert process.poll() is None, out.read_text()
            assert time.monotonic() < deadline, out.read_text()
            time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(15) == 0, out.read_text()
    finally:
        process.kill()
        process.wait()

    assert int(re.findall(r"(\d+) s   sent", out.read_text())[-1]) <= 65
    assert list(tmp_path.glob("streamer-demo-*")) == []


def _all_move(shown: str) -> bool:
    found = re.findall(r"KPIs with a value: (\d+) of (\d+)", shown)
    return bool(found) and found[-1][0] == found[-1][1] != "0"


def test_the_folder_is_removed_at_the_end(tmp_path: Path) -> None:
    with temporary_folder(tmp_path) as folder:
        (folder / "file").write_text("")

    assert not folder.exists()


def test_what_a_killed_demo_left_is_removed_by_the_next_one_and_no_other_s(tmp_path: Path) -> None:
    left, running, fresh = (tmp_path / f"streamer-demo-{n}" for n in ("left", "running", "fresh"))
    for folder in (left, running, fresh):
        folder.mkdir()
    (left / "lock").write_text("")
    with (running / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        with temporary_folder(tmp_path):
            assert sorted(
                path.name for path in tmp_path.iterdir() if path in {left, running, fresh}
            ) == [
                "streamer-demo-fresh",
                "streamer-demo-running",
            ]
