"""What comes of authentic bodies of a vendor: the tests of single vendors ask by this."""

import json
from pathlib import Path
from typing import Any

from streamer.events import Event
from streamer.transport.deadletters import DeadLetter, read
from tests.ingest.support import SECRET, bench
from tests.ingest.vendors.cases import CASES, URL, Case, Request, is_taken, now


def case_of(vendor: str) -> Case:
    """The case of a vendor, by its name."""
    return next(case for case in CASES if case.vendor == vendor)


async def exchange(
    case: Case, tmp_path: Path, *bodies: object, **keys: Any
) -> tuple[list[Event], list[DeadLetter]]:
    """The events and the dead letters of these bodies; keywords are keys of the source.

    Bytes are sent as they are, anything else as JSON.
    """
    async with bench(case.sources(tmp_path, **keys), PUBLIC_URL=URL) as it:
        for body in bodies:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            request = case.sign(Request(raw), "first", now())
            response = await it.client.request(
                request.method, request.target, content=request.body, headers=dict(request.headers)
            )
            assert is_taken(case, response.status_code)
        sealed = it.kafka.letters()
        letters = [read(SECRET.encode(), key, value) for _, key, value in sealed]
        return it.kafka.events(), letters
