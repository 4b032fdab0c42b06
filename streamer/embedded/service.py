"""What a stack is made of: things that run, are looked after, and are started again when they end.

Owns the back-off between starts. Never decides what is run.
"""

import http.client
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from streamer.embedded.child import Child
from streamer.embedded.guard import Guard
from streamer.errors import SettingsError, StartError, StreamerError
from streamer.settings import Address

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
# One that ran this long is sound: its next end is a new misfortune, not more of the same.
SOUND_SECONDS = 60.0


class Service(Protocol):
    """Something that `start` brings up (again) as the process `child`; `start` may raise."""

    @property
    def child(self) -> Child | None:
        """Its process once started."""

    def start(self) -> object:
        """Bring it up; blocks until it is up."""

    def last_error(self) -> str:
        """What its log says last, in short."""


class OwnProcess:
    """One of our own commands as a service: `streamer gateway` or `streamer worker`."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        data: Path,
        output: Path | None,
        guard: Guard,
    ) -> None:
        self.output = output
        self._child = Child(
            name, argv, env=env, output=output, pid_file=data / f"{name}.pid", guard=guard
        )

    @property
    def child(self) -> Child:
        """Its process."""
        return self._child

    def start(self) -> None:
        """Start it; it is ready when its /readyz says so."""
        self._child.start()

    def last_error(self) -> str:
        """The last line of its output, when that goes to a file."""
        try:
            lines = self.output.read_text(errors="replace").split("\n") if self.output else []
        except OSError:
            lines = []
        return next((line for line in reversed(lines) if line.strip()), "see above")


class Supervised:
    """A service that is started again when it ends, ever later while it keeps ending."""

    def __init__(self, name: str, service: Service, say: Callable[[str], None]) -> None:
        self.name = name
        self.service = service
        self._say = say
        self._delay = FIRST_DELAY_SECONDS
        self._started = 0.0
        self._again: float | None = None
        self._ever_started_twice = False

    def start(self) -> None:
        """Start it for the first time; what it raises is the caller's."""
        self._started = time.monotonic()
        self.service.start()

    def look(self, now: float) -> None:
        """See whether it runs; arrange for its next start, or do it when its time has come.

        Raises the error that it ended with when starting it again cannot help.
        """
        if self._again is not None:
            if now >= self._again:
                self._restart(now)
            return
        child = self.service.child
        code = child.exit_code if child else None
        if code is None:
            return
        self._raise_if_hopeless(code)
        if now - self._started > SOUND_SECONDS:
            self._delay = FIRST_DELAY_SECONDS
        said = f": {self.service.last_error()}" if code > 0 else ""
        self._put_off(now, _how(code) + said)

    def _restart(self, now: float) -> None:
        self._again = None
        self._started = now
        self._ever_started_twice = True
        try:
            self.service.start()
        except StreamerError as error:
            self._put_off(now, str(error))
        else:
            self._say(f"{self.name} runs again")

    def _put_off(self, now: float, reason: str) -> None:
        self._say(f"{self.name} ended ({reason}); it is started again in {self._delay:g} s")
        self._again = now + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY_SECONDS)

    def _raise_if_hopeless(self, code: int) -> None:
        sentence = f"{self.name} refuses to start: {self.service.last_error()}"
        if code == SettingsError.exit_code:
            raise SettingsError(sentence)
        if code == StartError.exit_code and not self._ever_started_twice:
            raise StartError(sentence)


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def end(child: Child | None, impatient: Callable[[], bool]) -> None:
    """End a child in order: SIGTERM, and SIGKILL when its grace is over or we are `impatient`."""
    if child is None:
        return
    child.signal(signal.SIGTERM)
    child.signal(signal.SIGCONT)
    deadline = time.monotonic() + child.grace
    while not child.wait(0.05):
        if impatient() or time.monotonic() > deadline:
            break
    child.kill()


def ready(address: Address) -> bool:
    """Whether /readyz at `address` says yes."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
