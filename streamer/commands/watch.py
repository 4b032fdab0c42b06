"""What the demo asks the running parts: how many events came in, how many were counted, the KPIs.

Owns nothing but questions: everything here could be asked by anyone with the token.
"""

import urllib.parse
from collections.abc import Sequence
from typing import Any

import httpx

from streamer.commands.display import Progress
from streamer.embedded.folder import Run

# A metric and what its labels must hold.
Series = tuple[str, str]
COUNTED: tuple[Series, ...] = (("streamer_events_total", ""),)
TAKEN: tuple[Series, ...] = (
    ("streamer_posted_events_total", ""),
    ("streamer_webhook_events_total", 'outcome="taken"'),
    ("streamer_listed_prospects_total", ""),
    # A plan is an event like any other.
    ("streamer_http_requests_total", 'route="plan",status="202"'),
)


class Watch:
    """Asks one running stack about one campaign."""

    def __init__(self, client: httpx.AsyncClient, run: Run, campaign: str) -> None:
        self._client = client
        self._campaign = campaign
        self._run = run

    async def progress(self, seconds: float) -> Progress:
        """Where it stands after `seconds`; what does not answer yet counts as nothing."""
        counted = await self._sum(self._run.metrics, COUNTED)
        rows = await self._kpis()
        # Asked last: what is counted was taken before.
        taken = await self._sum(self._run.gateway_metrics, TAKEN)
        return Progress(sent=taken, counted=counted, rows=rows, seconds=seconds)

    async def _sum(self, address: str, series: Sequence[Series]) -> int:
        answer = await self._ask(f"http://{address}/metrics")
        return sum(total(answer.text, *each) for each in series) if answer else 0

    async def _kpis(self) -> list[dict[str, Any]]:
        name = urllib.parse.quote(self._campaign, safe="")
        answer = await self._ask(f"{self._run.url}/v1/campaigns/{name}/kpis")
        return list(answer.json()["kpis"]) if answer else []

    async def _ask(self, url: str) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {self._run.token}"}
        try:
            answer = await self._client.get(url, headers=headers)
        except httpx.HTTPError:
            return None
        return answer if answer.is_success else None


def total(text: str, name: str, label: str) -> int:
    """The sum of a metric's samples in Prometheus's text format, of those that hold `label`."""
    return sum(
        int(float(line.rpartition(" ")[2]))
        for line in text.splitlines()
        if line.startswith((f"{name}{{", f"{name} ")) and label in line
    )
