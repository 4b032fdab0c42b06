"""What tests of several vendors share: their case, and what comes of one request."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamer.events import Event
from streamer.transport import deadletters
from tests.ingest.support import SECRET, bench
from tests.ingest.vendors import cases


def case_of(vendor: str) -> cases.Case:
    """The case of a vendor."""
    return next(case for case in cases.CASES if case.vendor == vendor)


async def told(
    case: cases.Case, tmp_path: Path, body: object, headers: Mapping[str, str] = {}, **keys: Any
) -> tuple[list[Event], list[deadletters.DeadLetter]]:
    """The events and the dead letters that come of a JSON body; keywords are keys of the source."""
    request = cases.Request(json.dumps(body).encode(), headers)
    proved = case.sign(request, "first", cases.now())
    async with bench(case.sources(tmp_path, **keys), PUBLIC_URL=cases.URL) as it:
        response = await it.client.post(
            proved.target, content=proved.body, headers=dict(proved.headers)
        )
        assert cases.is_taken(case, response.status_code)
        sealed = it.kafka.letters()
        letters = [deadletters.read(SECRET.encode(), key, value) for _, key, value in sealed]
        return it.kafka.events(), letters
