"""`POST /wall/{campaign}/entries`: what is entered by hand becomes an event like any other."""

import json
import re
import urllib.parse
from typing import Any, Final

import msgspec

from streamer.errors import Malformed, RequestError, UnsupportedMediaType
from streamer.events import loads
from streamer.identity.identities import Identities
from streamer.ingest.access import authorise
from streamer.ingest.bodies import Budget, body_of, drain
from streamer.ingest.content import check_encoding, media_type
from streamer.ingest.entries import event_of
from streamer.ingest.intake import Intake
from streamer.ingest.plan_events import PlanEvents, read_plan
from streamer.ingest.problems import NotFound, Receive, Scope, Send, answer
from streamer.ingest.reading import read_events
from streamer.settings import Settings

_PATH: Final = re.compile(rb"/wall/([^/]+)/entries")
_MOST_BYTES: Final = 64 * 1024


class EntryRoute:
    """The route: only for whoever may write; the event's source names the token's holder."""

    def __init__(
        self, settings: Settings, intake: Intake, budget: Budget, plans: PlanEvents
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._budget = budget
        self._plans = plans
        self._identities = Identities(settings.secret or b"", settings.region)

    def serves(self, path: bytes) -> bool:
        """Whether entries of a campaign are sent there."""
        return _PATH.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; raises what the application turns into a problem."""
        try:
            source = f"/wall/{authorise(scope, self._settings).name}"
            check_encoding(scope)
            campaign = _campaign(scope)
            if media_type(scope) != "application/json":
                raise UnsupportedMediaType("This takes application/json.")
        except RequestError:
            await drain(receive)
            raise
        async with body_of(scope, receive, _MOST_BYTES, self._budget) as body:
            event = await self._event(campaign, source, body)
        encoded = msgspec.json.encode(event)
        await self._intake.take(read_events(encoded, "one", self._settings.max_event_bytes))
        await answer(send, 202, encoded)

    async def _event(self, campaign: str, source: str, body: bytes) -> dict[str, Any]:
        try:
            values = loads(body)
        except ValueError as error:
            raise Malformed(f"The body is not JSON in UTF-8: {error}.") from None
        if isinstance(values, dict) and values.keys() == {"kind", "plan"}:
            plan = read_plan(json.dumps(values["plan"]).encode())
            return await self._plans.of(campaign, source, plan)
        return event_of(campaign, source, values, self._identities)


def _campaign(scope: Scope) -> str:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    found = _PATH.fullmatch(path)
    try:
        return urllib.parse.unquote_to_bytes(found[1] if found else b"\xff").decode()
    except UnicodeDecodeError:
        raise NotFound("The campaign in the path is not UTF-8, %-encoded.") from None
