import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.kafka

PORTS = {
    "STREAMER_GATEWAY": "127.0.0.1:0",
    "STREAMER_METRICS": "127.0.0.1:0",
    "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
}


def _until(holds: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


@contextmanager
def _up(data: Path, **env: str) -> Iterator[subprocess.Popen[str]]:
    with (data.parent / "up.out").open("w") as out, (data.parent / "up.err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamer", "up", "--data", str(data)],
            env={**os.environ, **PORTS, **env},
            stdout=out,
            stderr=err,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            _until(lambda: not _processes_of(data), 30)


def _processes_of(data: Path) -> list[str]:
    """The command lines of all processes that work in the folder (what Linux tells)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace")
            if (process / "cwd").readlink().is_relative_to(data) or str(data) in words:
                found.append(words.replace("\0", " "))
        except OSError:
            continue
    return found


def _run(data: Path) -> dict[str, Any] | None:
    try:
        run: dict[str, Any] = json.loads((data / "run.json").read_text())
    except FileNotFoundError:
        return None
    return run


def _post(run: dict[str, Any], event: dict[str, object]) -> int:
    request = urllib.request.Request(
        f"http://{run['gateway']}/v1/events",
        data=json.dumps(event).encode(),
        headers={
            "Authorization": f"Bearer {run['token']}",
            "Content-Type": "application/cloudevents+json",
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return int(answer.status)


def _sent(run: dict[str, Any], campaign: str) -> int | None:
    """The number of mails sent, by the API; None while the campaign is not known."""
    request = urllib.request.Request(
        f"http://{run['gateway']}/v1/campaigns/{campaign}/milestones",
        headers={"Authorization": f"Bearer {run['token']}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            rows = json.load(answer)["milestones"]
    except urllib.error.HTTPError:
        return None
    return next(
        int(row["value"])
        for row in rows
        if (row["channel"], row["milestone"], row["window"]) == ("email", "sent", "campaign")
    )


def _counted(run: dict[str, Any], number: int) -> bool:
    return _sent(run, "c") == number


def _is_up_or_ended(data: Path, process: subprocess.Popen[str]) -> bool:
    return _run(data) is not None or process.poll() is not None


def _event(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "/test",
        "type": "email.sent",
        "campaign": "c",
        "subject": f"s{number}",
        "message": f"m{number}",
        "time": "2026-01-01T00:00:00Z",
    }


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with _up(tmp_path / "data", STREAMER_GATEWAY=address) as process:
            assert process.wait(30) == 3

    error = (tmp_path / "up.err").read_text()
    assert error.startswith(f"streamer: {address} is taken by another program")
    assert error.count("\n") == 1


def test_ctrl_c_while_it_starts_ends_it_at_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with _up(data) as process:
        _until((data / "kafka" / "server.properties").exists, 30)
        os.killpg(process.pid, signal.SIGINT)

        assert process.wait(10) == 0
        assert _processes_of(data) == []


def test_it_counts_and_goes_on_counting_after_ctrl_c_and_sigkill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number, end in enumerate((signal.SIGINT, signal.SIGKILL, signal.SIGTERM), start=1):
        with _up(data) as process:
            _until(partial(_is_up_or_ended, data, process), 90)
            run = _run(data)
            assert run, (tmp_path / "up.err").read_text()
            assert run["pid"] == process.pid
            assert _post(run, _event(number)) == 202
            _until(partial(_counted, run, number), 30)

            process.send_signal(end)
            code = process.wait(20)

            if end == signal.SIGKILL:
                (data / "run.json").unlink()
            else:
                assert code == 0
                assert _processes_of(data) == []
                assert "stopping" in (tmp_path / "up.err").read_text()
