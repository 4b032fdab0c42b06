"""The folder of a running `up` or `demo`: its lock, its secrets, and where its parts can be found.

Owns `lock`, `secret`, `token` and `run.json`, all readable by their owner only.
Never starts anything.
"""

import contextlib
import dataclasses
import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import msgspec

from streamer.errors import StartError
from streamer.settings import Address, Settings

RUN = "run.json"
SECRET = "secret"  # noqa: S105 - the name of its file
# How long the watchdog of a killed predecessor may take to end its children.
TAKEOVER_SECONDS = 30.0


class Run(msgspec.Struct, frozen=True):
    """What `run.json` says: where the parts of a running `up` are, and the token for its API."""

    pid: int
    gateway: str
    metrics: str
    gateway_metrics: str
    kafka: str
    redis: str
    token: str

    @property
    def url(self) -> str:
        """The gateway's URL."""
        return f"http://{self.gateway}"

    def settings(self, settings: Settings) -> Settings:
        """`settings` with the addresses of this run."""
        return dataclasses.replace(
            settings,
            kafka=self.kafka,
            redis=self.redis,
            tokens={"run": self.token},
            gateway=_address(self.gateway),
            metrics=_address(self.metrics),
            gateway_metrics=_address(self.gateway_metrics),
        )


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port))


def find_run(data: Path) -> Run | None:
    """The running `up` or `demo` of the folder `data`; None when there is none."""
    try:
        run = msgspec.json.decode((data / RUN).read_bytes(), type=Run)
        os.kill(run.pid, 0)
    except (OSError, msgspec.DecodeError):
        return None
    return run


def find_secret(data: Path) -> bytes | None:
    """The secret that `up` has made on the folder `data`; None when there is none to be read."""
    try:
        return (data / SECRET).read_text().strip().encode() or None
    except OSError:
        return None


class Folder:
    """The folder `path`, ours alone from `open` until `close` and the end of all our children."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock, for the watchdog to keep."""
        if self._lock is None:
            raise StartError(f"The folder {self.path} is not open.")
        return self._lock

    def open(self, note: Callable[[str], None]) -> Self:
        """Make it if need be and lock it; raises `StartError` when another has it."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"The folder {self.path} cannot be used ({error.strerror}): make it writable or "
                "choose another with --data or STREAMER_DATA."
            ) from None
        try:
            self._take(lock, note)
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock
        return self

    def _take(self, lock: int, note: Callable[[str], None]) -> None:
        deadline = time.monotonic() + TAKEOVER_SECONDS
        noted = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                    raise StartError(f"{self.path} cannot be locked: {error.strerror}.") from None
            else:
                return
            if run := find_run(self.path):
                raise StartError(
                    f"It already runs on {self.path} as process {run.pid}, at {run.url}: end that "
                    "one first, or choose another folder with --data."
                )
            if time.monotonic() > deadline:
                raise StartError(
                    f"Another process still has {self.path} and does not end: choose another "
                    "folder with --data, or end it."
                )
            if not noted:
                note("an earlier run is still ending …")
                noted = True
            time.sleep(0.1)

    def close(self) -> None:
        """Give the lock back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def keep(self, name: str) -> str:
        """The secret of that name: made the first time, the same ever after."""
        path = self.path / name
        try:
            if text := path.read_text().strip():
                return text
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StartError(f"{path} cannot be read: {error.strerror}.") from None
        text = secrets.token_urlsafe(32)
        self._write(path, text)
        return text

    def write_run(self, run: Run) -> None:
        """Tell the other commands where everything is."""
        text = json.dumps(msgspec.to_builtins(run), indent=2)
        self._write(self.path / RUN, text + "\n")

    def remove_run(self) -> None:
        """Nothing runs here any more."""
        with contextlib.suppress(OSError):
            (self.path / RUN).unlink()

    def _write(self, path: Path, text: str) -> None:
        """Whole or not at all, on the disk, for the owner's eyes only."""
        scratch = path.with_suffix(".new")
        try:
            scratch.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with os.fdopen(os.open(scratch, flags, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(path)
        except OSError as error:
            raise StartError(f"{path} cannot be written: {error.strerror}.") from None
