"""A real Kafka broker as a child: one node, KRaft, on 127.0.0.1 only.

Owns its folder (configuration, log, data), its ports and its process. Never creates topics.
"""

import errno
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

from streamer.embedded import jars, java
from streamer.embedded.child import Child, end_stale
from streamer.embedded.guard import Guard
from streamer.embedded.ports import answers, free_port, wait_until_free
from streamer.errors import StartError
from streamer.settings import Address, environment

HOST = "127.0.0.1"
JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
ROOM_BYTES = 300_000_000
START_SECONDS = 90.0
PORT_TRIES = 3
# ApiVersions, version 0, correlation id 1, no client id: size, then the request's header.
API_VERSIONS = bytes.fromhex("0000000a 0012 0000 00000001 ffff")

# Paths are relative to the broker's folder, so that no letter of them can disturb its parser.
CONFIG: Mapping[str, str] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": "data",
    "auto.create.topics.enable": "false",
    # One broker: one copy of everything.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    # A group that was away for a year goes on where it was.
    "offsets.retention.minutes": "2147483647",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "500",
    # After a SIGKILL the broker's own earlier registration must expire before it is let in again.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # A request of 1 MiB packed into one record, and pages of the state.
    "message.max.bytes": "4194304",
    "replica.fetch.max.bytes": "4194304",
    # Threads and buffers for one machine; the cleaner's default buffer alone is 128 MB.
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "log.cleaner.io.buffer.size": "262144",
}
# What was acknowledged survives a power cut: flushed before every acknowledgement.
DURABLE: Mapping[str, str] = {"log.flush.interval.messages": "1"}

LOG4J = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = kafka.log
appender.file.filePattern = kafka.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{ISO8601} %p %m (%c)%n
appender.file.policies.type = SizeBasedTriggeringPolicy
appender.file.policies.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 2
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")


class EmbeddedKafka:
    """A broker with its data in `data`; port 0 takes the last one again if free, else any free one.

    It may be started again after `stop` or `kill`, and is then found on the same port. `note` is
    told of the progress; setting `cancel` in another thread ends a start.
    """

    def __init__(  # noqa: PLR0913 - each has its default
        self,
        data: Path,
        port: int = 0,
        *,
        durable: bool = False,
        config: Mapping[str, str] | None = None,
        guard: Guard | None = None,
        note: Callable[[str], None] = _to_stderr,
        cancel: threading.Event | None = None,
    ) -> None:
        self.data = data.absolute()
        self.port = port
        self._fixed_port = port != 0
        self._config = {**CONFIG, **(DURABLE if durable else {}), **(config or {})}
        self._guard = guard
        self._note = note
        self._cancel = cancel or threading.Event()
        self._child: Child | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """The broker's own log."""
        return self.data / "kafka.log"

    @property
    def child(self) -> Child | None:
        """Its process, once started."""
        return self._child

    def start(self) -> str:
        """Start it and return the bootstrap address once it answers; raises `StartError`."""
        runtime = java.find_java(environment())
        classes = jars.classpath(self._note, cancel=self._cancel)
        self._make_folder()
        end_stale(self.data / "kafka.pid")
        for last in (False,) * (PORT_TRIES - 1) + (True,):
            controller = self._choose_ports()
            self._configure(controller)
            command = [runtime, *JVM, "-Dlog4j2.configurationFile=log4j2.properties"]
            command += ["-cp", classes]
            self._format(command)
            if self._launch(command):
                return self.bootstrap
            if self._cancel.is_set():
                raise StartError("Interrupted while Kafka was starting.")
            if self._fixed_port or last:
                raise StartError(f"Kafka did not start: {self.last_error()}. Its log: {self.log}")
            self.port = 0
        raise AssertionError  # the last try returns or raises

    def stop(self) -> None:
        """End it in order; returns when it is gone."""
        if self._child:
            self._child.stop()

    def kill(self) -> None:
        """End it as a power cut would; returns when it is gone."""
        if self._child:
            self._child.kill()

    def last_error(self) -> str:
        """The log's last line that tells of an error, in short, with what to do when we know."""
        text = "".join(
            path.read_text(errors="replace")[-200_000:]
            for path in (self.log, self.data / "kafka.err")
            if path.exists()
        )
        if "No space left on device" in text:
            return f"no space left on the disk of {self.data}; free some and start again"
        if "Address already in use" in text:
            return f"port {self.port} is taken by another program"
        pattern = r"^(?:\S+ (?:ERROR|FATAL) .*|Exception in .*|Caused by: .*|Error.*|\S+Error: .*)$"
        lines = re.findall(pattern, text, re.MULTILINE)
        return lines[-1][:400] if lines else "it says no reason"

    def _make_folder(self) -> None:
        try:
            (self.data / "data").mkdir(parents=True, exist_ok=True)
            (self.data / "log4j2.properties").write_text(LOG4J)
            free = shutil.disk_usage(self.data).free
        except OSError as error:
            raise _folder_refusal(self.data, error) from None
        if free < ROOM_BYTES:
            raise StartError(
                f"Only {free / 1e6:.0f} MB are free on the disk of {self.data}, and Kafka needs "
                f"{ROOM_BYTES / 1e6:.0f} MB: free some space or choose another folder with --data."
            )

    def _choose_ports(self) -> int:
        """Settle the broker's port; returns the controller's."""
        kept = self.data / "ports.json"
        try:
            port, controller = json.loads(kept.read_text())
        except (OSError, ValueError, TypeError):
            port, controller = 0, 0
        wanted = self.port or port
        if self._fixed_port and not wait_until_free(Address(HOST, wanted), 1.0):
            raise StartError(f"Kafka's port {wanted} is taken by another program.")
        if not wanted or not wait_until_free(Address(HOST, wanted), 0):
            wanted = free_port()
        if not controller or not wait_until_free(Address(HOST, controller), 0):
            controller = free_port()
        self.port = wanted
        kept.write_text(json.dumps([wanted, controller]))
        return int(controller)

    def _configure(self, controller: int) -> None:
        config = {
            **self._config,
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            # A static voter: the controller's port may change from start to start.
            "controller.quorum.voters": f"1@{HOST}:{controller}",
        }
        text = "".join(f"{name}={value}\n" for name, value in config.items())
        (self.data / "server.properties").write_text(text)

    def _format(self, command: list[str]) -> None:
        if (self.data / "data" / "meta.properties").exists():
            return
        identity = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode().replace("-", "A")
        format_ = ["kafka.tools.StorageTool", "format", "--ignore-formatted"]
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, *format_, "-t", identity, "-c", "server.properties"],
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            (self.data / "kafka.err").write_text(done.stdout + done.stderr)
            raise StartError(f"Kafka's folder cannot be prepared: {self.last_error()}.")

    def _launch(self, command: list[str]) -> bool:
        """Start the process and wait until it answers; False when it ended instead."""
        self.log.unlink(missing_ok=True)
        (self.data / "kafka.err").unlink(missing_ok=True)
        child = self._child = Child(
            "kafka",
            [*command, "kafka.Kafka", "server.properties"],
            cwd=self.data,
            output=self.data / "kafka.err",
            pid_file=self.data / "kafka.pid",
            guard=self._guard,
        )
        child.start()
        deadline = time.monotonic() + START_SECONDS
        while child.exit_code is None:
            if answers(Address(HOST, self.port), API_VERSIONS):
                return True
            if time.monotonic() > deadline:
                child.kill()
                raise StartError(
                    f"Kafka did not answer within {START_SECONDS:.0f} s: {self.last_error()}. "
                    f"Its log: {self.log}"
                )
            if self._cancel.wait(0.03):
                break
        child.kill()
        return False


def _folder_refusal(folder: Path, error: OSError) -> StartError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StartError(f"No space left on the disk of {folder}: free some and start again.")
    return StartError(
        f"The folder {folder} cannot be written ({error.strerror}): make it writable or choose "
        "another with --data."
    )
