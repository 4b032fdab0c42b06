"""A watchdog process that ends our children when we die, however we die.

A pipe runs from us to it. Each child is told over it; when the pipe closes because we are gone
(even by SIGKILL), the watchdog ends those that are left, the last started first. It works alike on
Linux and macOS, which a parent-death signal does not. It never ends a process that it was not told.
"""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

POLL_SECONDS = 0.05


class Guard:
    """Our end of the watchdog; descriptors in `keep` stay open in it until all children are gone.

    A file lock among them is thus held until nothing of us is left.
    """

    def __init__(self, keep: Sequence[int] = ()) -> None:
        # Isolated and without site packages: it starts in milliseconds and needs nothing of ours.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-IS", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            pass_fds=tuple(keep),
        )
        # From its first byte on no signal ends it.
        if self._process.stdout:
            self._process.stdout.read(1)
            self._process.stdout.close()
        atexit.register(self.close)

    @property
    def pid(self) -> int:
        """The watchdog's own process id."""
        return self._process.pid

    def watch(self, pid: int, grace: float) -> None:
        """End `pid` when we die: SIGTERM, and SIGKILL after `grace` seconds."""
        self._tell(f"+ {pid} {grace}\n")

    def forget(self, pid: int) -> None:
        """`pid` has ended and may come to mean another process."""
        self._tell(f"- {pid}\n")

    def close(self) -> None:
        """End what is still watched, then the watchdog."""
        atexit.unregister(self.close)
        if self._process.stdin and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            # Without its watchdog we still work; the next start ends what may be left.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode())
                self._process.stdin.flush()


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return True  # the number means another user's process by now
    return _zombie(pid)


def _zombie(pid: int) -> bool:
    """Whether it has ended and only waits to be reaped (told by Linux alone)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def _end(pid: int, grace: float) -> None:
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 2.0)):
        deadline = time.monotonic() + seconds
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        while not _gone(pid):
            if time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        else:
            return


def _lines() -> Iterator[list[str]]:
    for line in sys.stdin.buffer:
        yield line.decode().split()


def main() -> None:
    """The watchdog: remember what is told until the pipe closes, then end what is left."""
    # Only the closing of the pipe ends it: a signal to the whole group must not.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.write(1, b"\n")
    watched: dict[int, float] = {}
    for verb, pid, *grace in _lines():
        if verb == "+":
            watched[int(pid)] = float(grace[0])
        else:
            watched.pop(int(pid), None)
    for left in reversed(watched):
        _end(left, watched[left])


if __name__ == "__main__":
    main()
