"""The gateway under load, on a real Kafka, beside a bare ASGI echo on the same server.

    python -m tests.bench.bench_gateway [--seconds 8] [--rounds 1] [--only WORDS]

The load is wrk's (Debian's package `wrk`): one thread, 128 connections, requests that were made and
signed before. The reference of each case is the echo of the same requests, measured just before.

Gateway, broker, wrk and whoever else is there share the machine: where others are busy, the
processor time of a request is the figure that can be relied on, and not the rate.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from tests.bench.bench_engine import broker
from tests.bench.gateway import UNSIGNED
from tests.bench.table import line, title
from tests.ingest.support import SECRET, TOKEN, Signer
from tests.ingest.vendors import cases
from tests.ingest.vendors.twilio_signing import with_signature

CONNECTIONS: Final = 128
SIGNER: Final = Signer()
AUTH_TOKEN: Final = "0f1e2d3c4b5a6978"  # noqa: S105 - the benchmark's own
PUBLIC_URL: Final = "https://gateway.example"
WORDS: Final = ("processed", "delivered", "open", "click")
SOURCES: Final = """
[sources.sendgrid]
vendor = "sendgrid"
secrets = ["env:SENDGRID_KEY"]
campaign_from = "campaign"

[sources.twilio]
vendor = "twilio_sms"
secrets = ["env:TWILIO_TOKEN"]
campaign_from = "campaign"
"""


class Case(NamedTuple):
    """Requests of one kind, with `each` events in every one; `different` of them."""

    name: str
    each: int
    different: int
    request: Callable[[int, int], bytes]
    least_share: float | None = None
    least_events: int | None = None


class Outcome(NamedTuple):
    """Requests a second, the 99th percentile in ms, the server's own µs for a request."""

    rate: float
    p99: float
    processor: float


class Process(NamedTuple):
    """A server that runs."""

    address: str
    pid: int

    def seconds(self) -> float:
        """The processor time that it has taken."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def http(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: gateway.example", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sendgrid(source: str) -> Callable[[int, int], bytes]:
    """Events as SendGrid tells them, of as many prospects, over four campaigns."""

    def request(number: int, each: int) -> bytes:
        events = [_mail(number * each + place) for place in range(each)]
        body = json.dumps(events).encode()
        return http(f"/webhooks/{source}", body, SIGNER.headers(body, int(time.time())))

    return request


def _mail(number: int) -> dict[str, Any]:
    return {
        "email": f"prospect-{number // 4}@example.fr",
        "timestamp": int(time.time()),
        "smtp-id": f"<{number // 4:022}@geopod-ismtpd-5-1>",
        "event": WORDS[number % 4],
        "category": ["spring"],
        "sg_event_id": f"c2dfZXZlbnQ-{number:011}",
        "sg_message_id": f"{number // 4:022}.filterdrecv-p3iad2-5b8f7d9c-1.0",
        "useragent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
        "ip": "203.0.113.7",
        "campaign": f"spring-{number // 4 % 4}",
    }


def twilio(number: int, _: int) -> bytes:
    """A status callback, whose form has the fields that Twilio's has."""
    path = f"/webhooks/twilio?campaign=spring-{number % 4}"
    form = {
        "SmsSid": f"SM{number:032x}",
        "SmsStatus": "delivered",
        "MessageStatus": "delivered",
        "To": f"+336{number:08}",
        "MessageSid": f"SM{number:032x}",
        "AccountSid": "AC00112233445566778899aabbccddeeff",
        "From": "+33700000000",
        "ApiVersion": "2010-04-01",
    }
    body = urllib.parse.urlencode(form).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    told = cases.Request(body=body, headers=headers)
    signed = with_signature(told, AUTH_TOKEN, PUBLIC_URL + path)
    return http(path, body, signed.headers)


def posted(number: int, each: int) -> bytes:
    """CloudEvents for /v1/events."""
    events = [_event(number * each + place) for place in range(each)]
    kind = "application/cloudevents-batch+json" if each > 1 else "application/cloudevents+json"
    body = json.dumps(events if each > 1 else events[0]).encode()
    return http("/v1/events", body, {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind})


def _event(number: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "/sources/bench",
        "type": "email.delivered",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_772_438_400 + number % 86_400)),
        "campaign": f"spring-{number % 4}",
        "subject": f"p{number:08}",
        "message": f"m{number:08}",
    }


CASES: Final = (
    Case("SendGrid, 1 event", 1, 20_000, sendgrid("sendgrid")),
    Case("SendGrid, 1 event, no check", 1, 20_000, sendgrid(UNSIGNED + "sendgrid"), 0.4),
    Case("SendGrid, 500 events", 500, 200, sendgrid("sendgrid"), None, 30_000),
    Case("Twilio, an SMS's status", 1, 20_000, twilio, 0.4),
    Case("/v1/events, 1 event", 1, 20_000, posted, 0.4),
    Case("/v1/events, 100 events", 100, 1_000, posted),
)


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[Process]:
    """A process of `tests.bench.gateway` until the block ends."""
    command = ["timeout", "-k", "2", "900", sys.executable, "-m", "tests.bench.gateway", *arguments]
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            address, pid = child.stdout.readline().split()
            yield Process(address, int(pid))
        finally:
            child.terminate()


def until_ready(server: Process) -> None:
    """Wait until Kafka acknowledges."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://{server.address}/readyz"):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def load(server: Process, requests: Path, seconds: int) -> Outcome:
    """Load a server; every request must be taken."""
    script = str(Path(__file__).with_name("load.lua"))
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", script]
    before = server.seconds()
    done = subprocess.run(
        [*words, f"http://{server.address}", "--", str(requests)],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    if told["refused"] or told["broken"]:
        raise RuntimeError(f"not all was taken: {told}")
    processor = (server.seconds() - before) / told["requests"] * 1e6
    rate = told["requests"] / told["microseconds"] * 1e6
    return Outcome(rate, told["p99"] / 1_000, processor)


def measure(case: Case, servers: tuple[Process, Process], folder: Path, options: Any) -> None:
    """Rounds of the echo and of the gateway, one after the other; the median of each figure."""
    file = folder / "requests"
    with file.open("wb") as out:
        for number in range(case.different):
            request = case.request(number, case.each)
            out.write(b"%08d" % len(request) + request)
    rounds = [
        [load(server, file, options.seconds) for server in servers] for _ in range(options.rounds)
    ]
    bare, real = [
        Outcome(*map(median, zip(*each, strict=True))) for each in zip(*rounds, strict=True)
    ]
    share = median(each[1].rate / each[0].rate for each in rounds)
    target = f"≥ {case.least_share:.0%}" if case.least_share else ""
    line(f"{case.name}: requests", real.rate, "1/s", target,
         f"{share:.0%} of the echo's {bare.rate:,.0f}")  # fmt: skip
    if case.each > 1:
        target = f"≥ {case.least_events:,}" if case.least_events else ""
        line(f"{case.name}: events", real.rate * case.each, "1/s", target)
    share = median(each[0].processor / each[1].processor for each in rounds)
    line(f"{case.name}: processor", real.processor, "µs/request", "",
         f"the echo's {bare.processor:.1f} are {share:.0%}")  # fmt: skip
    line(f"{case.name}: p99", real.p99, "ms", "", f"the echo's {bare.p99:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not here: apt-get install wrk")
    title(f"The gateway beside a real Kafka, {CONNECTIONS} connections")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "sources.toml").write_text(SOURCES)
        kafka = stack.enter_context(broker())
        environment = {
            "STREAMER_KAFKA": kafka.bootstrap,
            "STREAMER_GATEWAY": "127.0.0.1:0",
            "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
            "STREAMER_TOKENS": f"bench={TOKEN}",
            "STREAMER_SECRET": SECRET,
            "STREAMER_SOURCES": str(folder / "sources.toml"),
            "STREAMER_PUBLIC_URL": PUBLIC_URL,
            "SENDGRID_KEY": SIGNER.public,
            "TWILIO_TOKEN": AUTH_TOKEN,
        }
        gateway = stack.enter_context(process(**environment))
        echo = stack.enter_context(process("echo"))
        until_ready(gateway)
        for case in CASES:
            if options.only in case.name:
                measure(case, (echo, gateway), folder, options)


if __name__ == "__main__":
    main()
