"""`PUT /v1/campaigns/{campaign}`: a plan becomes an event like any other."""

import urllib.parse
from typing import Final

import msgspec

from streamer.errors import RequestError, TooLarge, UnsupportedMediaType
from streamer.ingest.access import authorise
from streamer.ingest.bodies import Budget, body_of, drain
from streamer.ingest.content import check_encoding, media_type
from streamer.ingest.intake import Intake
from streamer.ingest.plan_events import PlanEvents, read_plan
from streamer.ingest.problems import NotFound, Receive, Scope, Send, answer
from streamer.ingest.reading import read_events
from streamer.settings import Settings

SOURCE: Final = "/v1/campaigns"
_PREFIX: Final = b"/v1/campaigns/"


class PlanRoute:
    """The route; `plans` makes the events."""

    def __init__(
        self, settings: Settings, intake: Intake, budget: Budget, plans: PlanEvents
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._budget = budget
        self._plans = plans

    def serves(self, path: bytes) -> bool:
        """Whether this path names a campaign and nothing of it."""
        return path.startswith(_PREFIX) and b"/" not in path[len(_PREFIX) :] != b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what the application turns into a problem."""
        try:
            authorise(scope, self._settings)
            check_encoding(scope)
            campaign = campaign_in(scope)
            if media_type(scope) != "application/json":
                raise UnsupportedMediaType("This takes application/json: the data of the plan.")
        except RequestError:
            await drain(receive)
            raise
        limit = self._settings.max_event_bytes
        async with body_of(scope, receive, limit, self._budget) as body:
            data = read_plan(body)
        encoded = msgspec.json.encode(await self._plans.of(campaign, SOURCE, data))
        try:
            fragments = read_events(encoded, "one", limit)
        except TooLarge:
            raise TooLarge(f"The plan is above {limit} bytes.") from None
        await self._intake.take(fragments)
        await answer(send, 202, encoded)


def campaign_in(scope: Scope) -> str:
    """The campaign that a path names after `/v1/campaigns/`."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    try:
        return urllib.parse.unquote_to_bytes(path[len(_PREFIX) :].partition(b"/")[0]).decode()
    except UnicodeDecodeError:
        raise NotFound("The campaign in the path is not UTF-8, %-encoded.") from None
