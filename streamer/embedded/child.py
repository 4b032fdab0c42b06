"""One child process: started in a session of its own, watched, ended in order, found again.

Owns the process and its pid file. Never knows what runs in it.
"""

import contextlib
import functools
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from streamer.embedded.guard import Guard
from streamer.errors import StartError


@functools.cache
def shared_guard() -> Guard:
    """The watchdog of all children that were given none of their own."""
    return Guard()


class Child:
    """A program to run as a child; `output` receives what it prints (None: our own stderr)."""

    def __init__(  # noqa: PLR0913 - what a process needs
        self,
        name: str,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        output: Path | None = None,
        env: Mapping[str, str] | None = None,
        pid_file: Path | None = None,
        grace: float = 10.0,
        guard: Guard | None = None,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.output = output
        self.grace = grace
        self._cwd = cwd
        self._env = env
        self._pid_file = pid_file
        self._guard = guard
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it has not been seen to end."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """Its exit code (negative: a signal) once it has ended, else None."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it, out of reach of the terminal's Ctrl-C: we end our children in order."""
        with contextlib.ExitStack() as stack:
            out: IO[bytes] | None = None
            if self.output:
                out = stack.enter_context(self.output.open("ab"))
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the argument list is ours
                    self.argv,
                    cwd=self._cwd,
                    env=None if self._env is None else dict(self._env),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT if out else None,
                    start_new_session=True,
                )
            except OSError as error:
                raise StartError(f"{self.name} cannot be started: {error}.") from None
        guard = self._guard = self._guard or shared_guard()
        guard.watch(self._process.pid, self.grace)
        if self._pid_file:
            record = {"pid": self._process.pid, "started": _started(self._process.pid)}
            self._pid_file.write_text(json.dumps(record))

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within `seconds`."""
        if self._process:
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
        return True

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when its grace is over; returns when it is gone."""
        self.signal(signal.SIGTERM)
        # A stopped process does not hear SIGTERM before it goes on.
        self.signal(signal.SIGCONT)
        if not self.wait(self.grace):
            self.signal(signal.SIGKILL)
        self._reap()

    def kill(self) -> None:
        """SIGKILL, as a power cut would; returns when it is gone."""
        self.signal(signal.SIGKILL)
        self._reap()

    def _reap(self) -> None:
        if self._process:
            self._process.wait()
            if self._guard:
                self._guard.forget(self._process.pid)
            if self._pid_file:
                self._pid_file.unlink(missing_ok=True)


def end_stale(pid_file: Path, grace: float = 10.0) -> int | None:
    """End the process that an earlier run left behind; returns its id, None when there is none.

    A process that has the same number but was started at another time is left alone.
    """
    try:
        record = json.loads(pid_file.read_text())
        pid, started = int(record["pid"]), str(record["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    pid_file.unlink(missing_ok=True)
    if not started or _started(pid) != started:
        return None
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline:
            if _started(pid) != started:
                return pid
            time.sleep(0.05)
    raise StartError(f"Process {pid} of an earlier run does not end: end it and start again.")


def _started(pid: int) -> str:
    """When a process was started, in the system's own words; empty when it is gone."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        # After the name: the state, and as the twentieth the start in ticks since the boot.
        return "" if fields[0] == "Z" else fields[19]
    answer = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()
