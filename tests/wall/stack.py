"""A whole stack for the pages: broker, Redis, gateway and worker, and events for it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

TOKEN = "a-token-of-the-wall"  # noqa: S105 - a test's own
_ENVIRONMENT = {
    "STREAMER_GATEWAY": "127.0.0.1:0",
    "STREAMER_METRICS": "127.0.0.1:0",
    "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
    "STREAMER_TOKENS": f"amel={TOKEN}",
}


class Stack(NamedTuple):
    """A running `streamer up`."""

    data: Path
    url: str

    def send(self, *events: Mapping[str, Any]) -> None:
        """Post events; returns when they are safe."""
        assert self.call("POST", "/v1/events", list(events)) == {"accepted": len(events)}

    def plan(self, campaign: str, **plan: Any) -> None:
        """Put a plan."""
        self.call("PUT", f"/v1/campaigns/{urllib.parse.quote(campaign, safe='')}", plan)

    def prospects(self, campaign: str, table: str) -> None:
        """Put a list of prospects, as CSV."""
        path = f"/v1/campaigns/{urllib.parse.quote(campaign, safe='')}/prospects"
        answer = self._ask("PUT", path, table.encode(), "text/csv")
        assert answer["refused"] == []

    def counted(self, campaign: str, channel: str, milestone: str) -> int:
        """How many the API counts over the whole campaign."""
        path = f"/v1/campaigns/{urllib.parse.quote(campaign, safe='')}/milestones"
        try:
            rows = self.call("GET", path)["milestones"]
        except urllib.error.HTTPError as error:
            assert error.code in {404, 503}  # noqa: PT017
            return 0
        return sum(
            row["value"]
            for row in rows
            if (row["channel"], row["milestone"], row["window"]) == (channel, milestone, "campaign")
        )

    def gateway_pid(self) -> int:
        """The process that serves the pages."""
        return int(json.loads((self.data / "gateway.pid").read_text())["pid"])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A request with the token."""
        data = None if body is None else json.dumps(body).encode()
        return self._ask(method, path, data, "application/json")

    def _ask(self, method: str, path: str, data: bytes | None, media: str) -> Any:
        request = urllib.request.Request(  # noqa: S310
            self.url + path,
            method=method,
            data=data,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": media},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)


def until(holds: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


@contextmanager
def running(data: Path) -> Iterator[Stack]:
    """A stack until the block ends."""
    with (data.parent / "up.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamer", "up", "--data", str(data)],
            env={**os.environ, **_ENVIRONMENT},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        until(lambda: (data / "run.json").exists() or process.poll() is not None, 120)
        assert process.poll() is None, (data.parent / "up.log").read_text()
        run = json.loads((data / "run.json").read_text())
        yield Stack(data, f"http://{run['gateway']}")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ago(**since: float) -> str:
    """A time before now, as events have it."""
    return (datetime.now(UTC) - timedelta(**since)).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(kind: str, campaign: str, number: int, time: str | None = None, **more: Any) -> Any:
    """An event of the touch and the prospect of that number."""
    return {
        "specversion": "1.0",
        "id": f"{kind}-{number}",
        "source": more.pop("source", f"/test/{kind.partition('.')[0]}"),
        "type": kind,
        "time": time or ago(seconds=1),
        "campaign": campaign,
        "subject": f"p{number}",
        "message": f"m{number}",
        **more,
    }


def mails(campaign: str, time: str | None = None, **counts: int) -> list[Any]:
    """So many mails of each kind, the first ones of each: `sent=100, opened=40`."""
    return [
        event(f"email.{word}", campaign, number, time)
        for word, count in counts.items()
        for number in range(count)
    ]
