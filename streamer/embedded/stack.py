"""Everything on this machine: broker, Redis, gateway and worker, from one parent.

Owns the order in which they start and end, and their starting again. Never prints: what there is
to say goes to `say`.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from streamer.embedded.child import end_stale
from streamer.embedded.folder import SECRET, Folder, Run
from streamer.embedded.guard import Guard
from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.ports import free_port, listen
from streamer.embedded.redis import EmbeddedRedis
from streamer.embedded.service import OwnProcess, Service, Supervised, end, ready
from streamer.errors import StartError
from streamer.settings import Address, Settings

ServiceT = TypeVar("ServiceT", bound=Service)

READY_SECONDS = 60.0
ADDRESSES = (
    ("gateway", "STREAMER_GATEWAY"),
    ("metrics", "STREAMER_METRICS"),
    ("gateway_metrics", "STREAMER_GATEWAY_METRICS"),
)


class Stack:
    """All of it in the open `folder`; Kafka and Redis are embedded unless `settings` name others.

    With `log_files` the gateway and the worker log to files in the folder, else to our stderr.
    `cancel` ends a start from another thread. `program` is what `gateway` and `worker` are commands
    of.
    """

    def __init__(  # noqa: PLR0913 - each is a decision of the command
        self,
        folder: Folder,
        settings: Settings,
        say: Callable[[str], None],
        *,
        durable: bool,
        log_files: bool,
        cancel: threading.Event,
        program: Sequence[str] = (sys.executable, "-m", "streamer"),
    ) -> None:
        self.run: Run | None = None
        self._folder = folder
        self._settings = settings
        self._say = say
        self._log_files = log_files
        self._program = program
        self._cancel = cancel
        self._guard = Guard(keep=[folder.lock])
        self._parts: list[Supervised] = []
        data = folder.path
        self._kafka = EmbeddedKafka(
            data / "kafka", durable=durable, guard=self._guard, note=say, cancel=cancel
        )
        self._redis = EmbeddedRedis(data / "redis", guard=self._guard)

    def start(self, prepare: Callable[[Settings], None]) -> Run:
        """Start all, calling `prepare` with the settings in force once Kafka answers.

        Returns when gateway and worker are ready, or after a minute when they are not yet.
        """
        self._end_left_overs()
        addresses = {field: self._address(field, name) for field, name in ADDRESSES}
        run = Run(
            kafka=self._settings.kafka or self._start("kafka", self._kafka).bootstrap,
            redis=self._settings.redis or self._start("redis", self._redis).url,
            token=self._token(),
            pid=os.getpid(),
            **{field: str(address) for field, address in addresses.items()},
        )
        self._check_cancelled()
        prepare(run.settings(self._settings))
        env = self._environment(run)
        for name in ("worker", "gateway"):
            self._check_cancelled()
            self._start(name, self._own(name, env))
        self.run = run
        self._await_ready(addresses)
        self._folder.write_run(run)
        return run

    def look(self) -> None:
        """See that all of it runs and start again what ended; raises when that cannot help."""
        for part in self._parts:
            part.look(time.monotonic())

    def stop(self, impatient: Callable[[], bool]) -> None:
        """End all in order: gateway, worker (with its checkpoint), Redis, Kafka."""
        self._folder.remove_run()
        while self._parts:
            end(self._parts.pop().service.child, impatient)
        self._guard.close()

    @property
    def guard_pid(self) -> int:
        """The process of the watchdog."""
        return self._guard.pid

    def pids(self) -> Mapping[str, int]:
        """The process of each part that runs."""
        found = {part.name: part.service.child for part in self._parts}
        return {name: child.pid for name, child in found.items() if child and child.pid}

    def _start(self, name: str, service: ServiceT) -> ServiceT:
        part = Supervised(name, service, self._say)
        # Listed first: what has begun to start must be ended as well.
        self._parts.append(part)
        part.start()
        return service

    def _own(self, command: str, env: Mapping[str, str]) -> OwnProcess:
        return OwnProcess(
            command,
            [*self._program, command],
            env=env,
            data=self._folder.path,
            output=self._folder.path / f"{command}.log" if self._log_files else None,
            guard=self._guard,
        )

    def _end_left_overs(self) -> None:
        """End what outlived an earlier parent and its watchdog, in the order of a stop."""
        data = self._folder.path
        for name in ("gateway.pid", "worker.pid", "redis/redis.pid", "kafka/kafka.pid"):
            if pid := end_stale(data / name):
                self._say(f"ended process {pid}, left over from an earlier run")

    def _address(self, field: str, setting: str) -> Address:
        """The address of that setting: free, and with its port settled."""
        address: Address = getattr(self._settings, field)
        listen(address, setting).close()
        return address if address.port else address._replace(port=free_port(address.host))

    def _token(self) -> str:
        given = next(iter(self._settings.tokens.values()), None)
        return given or self._folder.keep("token")

    def _environment(self, run: Run) -> dict[str, str]:
        """What the gateway and the worker are started with."""
        env = dict(self._settings.environment)
        env["STREAMER_KAFKA"] = run.kafka
        env["STREAMER_REDIS"] = run.redis
        env["STREAMER_GATEWAY"] = run.gateway
        env["STREAMER_METRICS"] = run.metrics
        env["STREAMER_GATEWAY_METRICS"] = run.gateway_metrics
        if not self._settings.tokens:
            env["STREAMER_TOKENS"] = f"local={run.token}"
        if not self._settings.secret:
            env["STREAMER_SECRET"] = self._folder.keep(SECRET)
        return env

    def _await_ready(self, addresses: Mapping[str, Address]) -> None:
        waiting = {"gateway": addresses["gateway"], "worker": addresses["metrics"]}
        deadline = time.monotonic() + READY_SECONDS
        while waiting and time.monotonic() < deadline:
            self._check_cancelled()
            self.look()
            waiting = {name: at for name, at in waiting.items() if not ready(at)}
            time.sleep(0.05)
        for name in waiting:
            self._say(f"{name} is not ready yet: it goes on, see http://{waiting[name]}/readyz")

    def _check_cancelled(self) -> None:
        if self._cancel.is_set():
            raise StartError("Interrupted while starting.")
