"""Prospect lists as a team sends them: CSV, a line for each prospect, with raw addresses. Pure."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from streamer.simulator.client import Content
from streamer.simulator.happening import Happening, known

# The columns, in the order in which the identities of `voice.Voice.listed` stand.
_COLUMNS: Final = ("id", "email", "phone", "lemlist", "crm")


def by_campaign(happenings: Iterable[Happening]) -> Iterator[tuple[str, list[Happening]]]:
    """The prospects that are listed in each campaign."""
    campaigns: dict[str, list[Happening]] = {}
    for each in happenings:
        campaigns.setdefault(each.event["campaign"], []).append(each)
    yield from campaigns.items()


def content(happenings: Iterable[Happening]) -> Content:
    """The list of these prospects."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    for who in map(known, happenings):
        lines.writerow((who.name, who.email, who.phone, who.lead, who.record))
    body = text.getvalue().encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    return Content("text/csv", pieces, len(body))
