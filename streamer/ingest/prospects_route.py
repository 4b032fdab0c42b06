"""`PUT /v1/campaigns/{campaign}/prospects`: who belongs to a campaign, line by line.

A line becomes an event that joins a prospect's own name with his identities, and links of all of
them with the campaign. It adds and never removes, and sending a list again does no harm: the same
line has the same event id, and when a link was told plays no part in what is counted.
"""

import re
import time
import urllib.parse
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Final

from streamer.errors import RequestError, UnsupportedMediaType
from streamer.identity.identities import Identities
from streamer.ingest.access import authorise
from streamer.ingest.bodies import Budget, chunks_of, drain
from streamer.ingest.content import check_encoding
from streamer.ingest.intake import Intake
from streamer.ingest.metrics import GatewayMetrics
from streamer.ingest.plan_route import campaign_in
from streamer.ingest.problems import Receive, Scope, Send, answer
from streamer.ingest.prospects import JsonList, Prospect, csv_list
from streamer.ingest.reading import CloudEvent, encode, pack, rfc3339
from streamer.ingest.tables import Refusals, Table, portions, table_type
from streamer.settings import Settings
from streamer.transport.people import Link

_PATH: Final = re.compile(rb"/v1/campaigns/[^/]+/prospects")


class ProspectsRoute:
    """The route, as a bare ASGI function."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        budget: Budget,
        metrics: GatewayMetrics,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._budget = budget
        self._metrics = metrics
        self._now = now
        self._identities = Identities(settings.secret or b"", settings.region)

    def serves(self, path: bytes) -> bool:
        """Whether this path names the prospects of a campaign."""
        return _PATH.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what the application turns into a problem."""
        try:
            authorise(scope, self._settings)
            check_encoding(scope)
            campaign = campaign_in(scope)
            table = self._table(scope)
        except RequestError:
            await drain(receive)
            raise
        refusals, accepted = Refusals(), 0
        limit = self._settings.max_list_bytes
        async with aclosing(chunks_of(scope, receive, limit, self._budget)) as pieces:
            async for portion in portions(pieces, table, refusals):
                await self._take(campaign, portion)
                accepted += len(portion)
        self._metrics.listed(accepted)
        await answer(send, 202, refusals.answer(accepted, table.ignored))

    def _table(self, scope: Scope) -> Table[Prospect]:
        media, charset = table_type(scope)
        if media == "text/csv":
            return csv_list(self._identities, charset)
        if media == "application/x-ndjson" and charset in {None, "utf-8"}:
            return JsonList(self._identities)
        raise UnsupportedMediaType("This takes text/csv, or application/x-ndjson in UTF-8.")

    async def _take(self, campaign: str, portion: Sequence[Prospect]) -> None:
        moment = rfc3339(self._now())
        source = f"/v1/campaigns/{urllib.parse.quote(campaign, safe='')}/prospects"
        events: list[bytes] = []
        links: dict[Link, None] = {}
        for subject, identities in portion:
            event = CloudEvent(
                specversion="1.0",
                id=self._identities.digest("prospect", campaign, subject, identities),
                source=source,
                type="prospect.linked",
                time=moment,
                campaign=campaign,
                subject=subject,
                data={"identities": identities},
            )
            events.append(encode(event))
            links |= {Link(each, campaign): None for each in (subject, *identities)}
        await self._intake.take(pack(campaign.encode(), events), links=links)
