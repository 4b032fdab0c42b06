"""What feeds a campaign and which KPIs nothing can feed, as a running gateway tells it."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.commands.reach import Reach
from streamer.errors import StreamerError
from streamer.kpis.catalogue import CATALOGUE
from streamer.simulator.client import GatewayClient, UnknownCampaign

PATIENCE_SECONDS: Final = 10.0
HEADINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "came": "What has come (source, type, first, last)",
        "no_data": "KPIs that nothing can feed, which is not zero",
        "all": "Every KPI can be fed.",
    },
    "fr": {
        "came": "Ce qui est arrivé (source, type, premier, dernier)",
        "no_data": "KPI que rien ne peut alimenter, ce qui n'est pas zéro",
        "all": "Tous les KPI peuvent être alimentés.",
    },
}


def show(found: Reach, campaign: str, language: str, *, as_json: bool) -> int:
    """Ask the gateway and print; the exit code."""
    body = asyncio.run(_ask(found, campaign))
    if as_json:
        sys.stdout.buffer.write(body + b"\n")
    else:
        sys.stdout.write("\n".join(_lines(json.loads(body), language)) + "\n")
    return 0


async def _ask(found: Reach, campaign: str) -> bytes:
    async with GatewayClient(found.url, found.token, patience=PATIENCE_SECONDS) as client:
        try:
            return await client.sources(campaign)
        except UnknownCampaign as error:
            raise StreamerError(
                f"The gateway at {found.url} knows no such campaign: {error}"
            ) from None


def _lines(body: Mapping[str, Any], language: str) -> Iterator[str]:
    headings = HEADINGS[language]
    labels = {(kpi.id, kpi.channel): getattr(kpi.label, language) for kpi in CATALOGUE}
    yield f"{body['campaign']}   {body['as_of']}"
    yield headings["came"]
    for row in body["sources"]:
        yield f"  {row['source']}  {row['type']}  {row['first']}  {row['last']}"
    yield headings["no_data"] if body["no_data"] else headings["all"]
    alike: dict[tuple[str, str], list[str]] = {}
    for row in body["no_data"]:
        label = labels.get((row["kpi"], row["channel"]), row["kpi"])
        alike.setdefault((row["channel"], row["reason"]), []).append(label)
    for (channel, reason), kpis in alike.items():
        yield f"  {channel}: {', '.join(kpis)}"
        yield from (f"      {each}" for each in reason.split("; "))
