"""`POST /v1/events/csv`: events as a table, judged row by row.

Whoever sends a table has no secret, and what names a person and no campaign must reach `inbound`:
so tables are read here and not by the command. The same table again does no harm: a row without a
reference has an id made of what it says.
"""

import urllib.parse
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streamer.errors import Malformed, RequestError, UnsupportedMediaType
from streamer.identity.identities import Identities
from streamer.ingest.access import authorise
from streamer.ingest.bodies import Budget, chunks_of, drain
from streamer.ingest.content import check_encoding
from streamer.ingest.intake import Intake
from streamer.ingest.metrics import GatewayMetrics
from streamer.ingest.problems import MethodNotAllowed, Receive, Scope, Send, answer
from streamer.ingest.routing import route
from streamer.ingest.rows import Row, Wishes, event_table
from streamer.ingest.tables import CsvTable, Refusals, Wrong, portions, table_type
from streamer.settings import Settings

_ZONE: Final = "Europe/Paris"
_ASKED: Final = ("campaign", "time_zone")


class RowsRoute:
    """The route, as a bare ASGI function."""

    def __init__(
        self, settings: Settings, intake: Intake, budget: Budget, metrics: GatewayMetrics
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._budget = budget
        self._metrics = metrics
        self._identities = Identities(settings.secret or b"", settings.region)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what the application turns into a problem."""
        try:
            if scope["method"] != "POST":
                raise MethodNotAllowed("POST")
            authorise(scope, self._settings)
            check_encoding(scope)
            table = self._table(scope)
        except RequestError:
            await drain(receive)
            raise
        refusals, accepted = Refusals(), 0
        limit = self._settings.max_list_bytes
        async with aclosing(chunks_of(scope, receive, limit, self._budget)) as pieces:
            async for portion in portions(pieces, table, refusals):
                accepted += await self._take(portion, refusals)
        self._metrics.posted(accepted)
        await answer(send, 202, refusals.answer(accepted, table.ignored))

    def _table(self, scope: Scope) -> CsvTable[Row]:
        media, charset = table_type(scope)
        if media != "text/csv":
            raise UnsupportedMediaType("This takes text/csv; JSON goes to /v1/events.")
        query = dict(urllib.parse.parse_qsl(scope["query_string"].decode("latin-1")))
        for key in query:
            if key not in _ASKED:
                raise Malformed(f"This asks only for {' and '.join(_ASKED)}.")
        try:
            zone = ZoneInfo(query.get("time_zone", _ZONE))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Malformed("time_zone is no time zone, such as Europe/Paris.") from None
        return event_table(Wishes(self._identities, query.get("campaign"), zone), charset)

    async def _take(self, portion: Sequence[Row], refusals: Refusals) -> int:
        limit = self._settings.max_event_bytes
        sized = [row for row in portion if len(row.told.encoded) <= limit]
        routed = route([row.told for row in sized], limit)
        await self._intake.take(routed.fragments, routed.inbound, routed.links)
        for row in portion:
            if len(row.told.encoded) > limit:
                refusals.add(Wrong(row.line, "", f"is above {limit} bytes"))
        for position, problem in routed.refused.items():
            refusals.add(Wrong(sized[position].line, problem.field, problem.reason))
        return routed.events
