"""What tests of one vendor share: its source `it`, what it is sent, and what comes of that."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from streamer.events import Event
from streamer.transport import deadletters
from tests.ingest.support import SECRET, bench
from tests.ingest.vendors.cases import CASES, URL, Case, Request, is_taken, now


class Outcome(NamedTuple):
    """What came of some requests."""

    events: list[Event]
    letters: list[deadletters.DeadLetter]


async def send(case: Case, tmp_path: Path, *requests: Request, **keys: Any) -> Outcome:
    """Send requests as they are; each must be a success."""
    async with bench(case.sources(tmp_path, **keys), PUBLIC_URL=URL) as it:
        for each in requests:
            response = await it.client.request(
                each.method, each.target, content=each.body, headers=dict(each.headers)
            )
            assert is_taken(case, response.status_code)
        sealed = it.kafka.letters()
        letters = [deadletters.read(SECRET.encode(), key, value) for _, key, value in sealed]
        return Outcome(it.kafka.events(), letters)


async def tell(case: Case, tmp_path: Path, *values: object, **keys: Any) -> Outcome:
    """Send each value as JSON, proved."""
    signed = [case.sign(Request(json.dumps(each).encode()), "first", now()) for each in values]
    return await send(case, tmp_path, *signed, **keys)


def case_of(vendor: str) -> Case:
    """The vendor's case."""
    return next(case for case in CASES if case.vendor == vendor)


def data_of(event: Event) -> dict[str, Any]:
    """What an event's `data` say; nothing when it has none."""
    return event.data or {}
