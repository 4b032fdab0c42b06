import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from streamer.embedded.folder import Folder, find_run
from streamer.embedded.stack import Stack
from streamer.errors import SettingsError, StartError
from streamer.settings import Settings

HERE = Path(__file__).parent
ENV = {
    "STREAMER_GATEWAY": "127.0.0.1:0",
    "STREAMER_METRICS": "127.0.0.1:0",
    "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
}


def _until(holds: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def _stack(data: Path, env: Mapping[str, str], said: list[str]) -> Iterator[Stack]:
    folder = Folder(data).open(said.append)
    stack = Stack(
        folder,
        Settings.from_environment({**os.environ, **ENV, **env}),
        said.append,
        durable=False,
        log_files=True,
        cancel=threading.Event(),
        program=(sys.executable, str(HERE / "stand_in.py")),
    )
    try:
        yield stack
    finally:
        stack.stop(lambda: False)
        folder.close()


def _nothing(_: object) -> None:
    pass


@pytest.mark.kafka
def test_all_parts_start_are_found_and_end_in_order(tmp_path: Path) -> None:
    prepared: list[str | None] = []

    with _stack(tmp_path, {}, []) as stack:
        run = stack.start(lambda settings: prepared.append(settings.kafka))
        pids = stack.pids()

        assert list(pids) == ["kafka", "redis", "worker", "gateway"]
        assert prepared == [run.kafka]
        assert find_run(tmp_path) == run
        assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600

    assert find_run(tmp_path) is None
    assert not any(map(_runs, pids.values()))


def test_kafka_and_redis_that_are_given_are_used(tmp_path: Path) -> None:
    env = {"STREAMER_KAFKA": "k:1", "STREAMER_REDIS": "redis://r", "STREAMER_TOKENS": "given"}

    with _stack(tmp_path, env, []) as stack:
        run = stack.start(_nothing)

        assert list(stack.pids()) == ["worker", "gateway"]
        assert (run.kafka, run.redis, run.token) == ("k:1", "redis://r", "given")
        assert not (tmp_path / "token").exists()


ELSEWHERE = {"STREAMER_KAFKA": "k:1", "STREAMER_REDIS": "redis://r"}


def test_the_token_and_the_secret_are_made_once(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with _stack(tmp_path, ELSEWHERE, []) as stack:
            seen.append((stack.start(_nothing).token, (tmp_path / "secret").read_text()))

    assert seen[0] == seen[1]


def test_a_crashed_worker_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []

    with _stack(tmp_path, ELSEWHERE, said) as stack:
        stack.start(_nothing)
        before = stack.pids()["worker"]
        os.kill(before, signal.SIGKILL)

        def again() -> bool:
            stack.look()
            return stack.pids().get("worker", before) != before

        _until(again)

    assert said == ["worker ended (SIGKILL); it is started again in 0.5 s", "worker runs again"]


@pytest.mark.parametrize(("code", "error"), [(2, SettingsError), (3, StartError)])
def test_a_gateway_that_refuses_its_settings_ends_the_start_with_its_words(
    tmp_path: Path, code: int, error: type[Exception]
) -> None:
    env = {**ELSEWHERE, "STAND_IN_GATEWAY_EXIT": str(code)}

    with (
        _stack(tmp_path, env, []) as stack,
        pytest.raises(error, match="gateway refuses to start: gateway cannot"),
    ):
        stack.start(_nothing)


def test_a_taken_port_names_the_setting_to_change(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        env = {**ELSEWHERE, "STREAMER_METRICS": address}
        with (
            _stack(tmp_path, env, []) as stack,
            pytest.raises(StartError, match=rf"{address} is taken .* set STREAMER_METRICS"),
        ):
            stack.start(_nothing)


def _parent(data: Path) -> tuple[subprocess.Popen[bytes], dict[str, int]]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "parent.py"), str(data)], stdout=subprocess.PIPE
    )
    assert process.stdout
    with process.stdout as output:
        return process, msgspec.json.decode(output.readline(), type=dict[str, int])


@pytest.mark.kafka
def test_a_killed_parent_leaves_no_process_and_the_next_start_works(tmp_path: Path) -> None:
    process, pids = _parent(tmp_path)
    process.kill()
    process.wait()

    with _stack(tmp_path, {}, []) as stack:
        # The lock is given only when the watchdog has ended every child of the first.
        assert not any(map(_runs, pids.values()))
        stack.start(_nothing)
        assert len(stack.pids()) == 4


@pytest.mark.kafka
def test_the_next_start_ends_what_even_the_watchdog_left(tmp_path: Path) -> None:
    process, pids = _parent(tmp_path)
    os.kill(pids["guard"], signal.SIGKILL)
    process.kill()
    process.wait()
    assert _runs(pids["kafka"])
    said: list[str] = []

    with _stack(tmp_path, {}, said) as stack:
        stack.start(_nothing)
        assert not any(map(_runs, pids.values()))

    assert f"ended process {pids['kafka']}, left over from an earlier run" in said


def test_a_second_start_on_the_same_folder_is_refused_with_the_first_s_process(
    tmp_path: Path,
) -> None:
    with _stack(tmp_path, ELSEWHERE, []) as stack:
        stack.start(_nothing)

        with pytest.raises(StartError, match=f"already runs on .* as process {os.getpid()}"):
            Folder(tmp_path).open(_nothing)
