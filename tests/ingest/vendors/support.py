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


def case_of(vendor: str) -> Case:
    """The case of a vendor, by its name."""
    return next(case for case in CASES if case.vendor == vendor)


async def send(case: Case, tmp_path: Path, *requests: Request, **keys: Any) -> Outcome:
    """Send requests as they are; each must be a success. Keywords are keys of the source."""
    async with bench(case.sources(tmp_path, **keys), PUBLIC_URL=URL) as it:
        for each in requests:
            response = await it.client.request(
                each.method, each.target, content=each.body, headers=dict(each.headers)
            )
            assert is_taken(case, response.status_code)
        sealed = it.kafka.letters()
        letters = [deadletters.read(SECRET.encode(), key, value) for _, key, value in sealed]
        return Outcome(it.kafka.events(), letters)


async def tell(case: Case, tmp_path: Path, *bodies: object, **keys: Any) -> Outcome:
    """Send each body, proved: bytes as they are, anything else as JSON."""
    raws = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in bodies)
    proved = [case.sign(Request(raw), "first", now()) for raw in raws]
    return await send(case, tmp_path, *proved, **keys)


def data_of(event: Event) -> dict[str, Any]:
    """What an event's `data` say; nothing when it has none."""
    return event.data or {}
