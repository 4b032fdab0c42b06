"""Running a stack on this machine until a signal ends it: what `up` and `demo` have in common.

Owns the signals and the announcement. Never decides what is simulated.
"""

import asyncio
import signal
import sys
import threading
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from streamer.embedded.folder import Folder, Run
from streamer.embedded.stack import Stack
from streamer.errors import StartError
from streamer.settings import Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_SECONDS = 0.2
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - read, not bound


class Interrupts:
    """Ctrl-C, SIGTERM and SIGHUP, noted while it is entered; the second one means: at once."""

    def __init__(self) -> None:
        self.first = threading.Event()
        self.second = threading.Event()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        (self.second if self.first.is_set() else self.first).set()


def say(line: str) -> None:
    """Tell the operator what goes on, beside the output proper."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def run_stack(
    data: Path,
    settings: Settings,
    interrupts: Interrupts,
    *,
    durable: bool,
    log_files: bool,
    started: Callable[[Stack, Run], None],
) -> None:
    """Start everything in the folder `data`, call `started`, and look after it until a signal.

    `started` runs in the main thread and may stay until the signal; all is ended when this returns.
    """
    folder = Folder(data).open(say)
    try:
        stack = Stack(
            folder, settings, say, durable=durable, log_files=log_files, cancel=interrupts.first
        )
        try:
            run = _start(stack, interrupts)
            if run and not interrupts.first.is_set():
                started(stack, run)
            while not interrupts.first.wait(LOOK_SECONDS):
                stack.look()
            say("\nstopping …")
        finally:
            stack.stop(interrupts.second.is_set)
    finally:
        folder.close()


def _start(stack: Stack, interrupts: Interrupts) -> Run | None:
    """Start in a thread, so that a signal is heard meanwhile; None when it was interrupted."""
    outcome: list[Run | BaseException] = []

    def start() -> None:
        try:
            outcome.append(stack.start(_prepare))
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            outcome.append(error)

    thread = threading.Thread(target=start, name="start", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(LOOK_SECONDS)
    (result,) = outcome
    if isinstance(result, StartError) and interrupts.first.is_set():
        return None
    if isinstance(result, BaseException):
        raise result
    return result


def _prepare(settings: Settings) -> None:
    from streamer.transport.topics import ensure_topics  # noqa: PLC0415 - heavy, not for --help

    asyncio.run(ensure_topics(settings))


def announcement(run: Run) -> str:
    """Where everything is, the token, and a first event to send."""
    host, _, port = run.gateway.rpartition(":")
    url = f"http://{EVERYWHERE.get(host.strip('[]'), host)}:{port}"
    # The token stands behind the hash, which browsers do not send: only the login page reads it.
    wall = f"{url}/wall/login#{urllib.parse.quote(run.token, safe='')}"
    return f"""\
  wall      {wall}
  API       {url}/v1          what it offers: {url}/docs
  metrics   http://{run.metrics}/metrics (worker)   http://{run.gateway_metrics}/metrics (gateway)
  Kafka     {run.kafka}
  Redis     {_without_password(run.redis)}
  token     {run.token}

  Send an event and see it counted:

    curl -H 'Authorization: Bearer {run.token}' -H 'Content-Type: application/cloudevents+json' \\
      -d '{{"specversion":"1.0","id":"1","source":"/curl","type":"email.sent","campaign":"first",
           "subject":"someone","message":"m1","time":"'$(date -u +%FT%TZ)'"}}' {url}/v1/events
    curl -H 'Authorization: Bearer {run.token}' {url}/v1/campaigns/first/milestones
"""


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
