"""`PUT /v1/campaigns/{campaign}`: a plan becomes an event like any other."""

import time
import urllib.parse
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from streamer.errors import Malformed, RequestError, TooLarge, UnsupportedMediaType
from streamer.events import loads
from streamer.ingest.access import authorise
from streamer.ingest.bodies import Budget, body_of, drain
from streamer.ingest.content import check_encoding, media_type
from streamer.ingest.intake import Intake
from streamer.ingest.plan_terms import plan_errors
from streamer.ingest.problems import NotFound, Receive, Refused, Scope, Send, answer
from streamer.ingest.reading import read_events
from streamer.ingest.uuid7 import Uuid7
from streamer.settings import Settings
from streamer.state import Snapshot

SOURCE: Final = "/v1/campaigns"
_PREFIX: Final = b"/v1/campaigns/"
_REMEMBERED: Final = 4096
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Plans(Protocol):
    """Where the plan in force is looked up."""

    async def find(self, campaign: str) -> Snapshot | None:
        """The campaign's latest snapshot; None when there is certainly none.

        RedisUnavailable when that cannot be known.
        """
        ...


class PlanRoute:
    """The route; it keeps the times of the plans that it took, for those that follow at once."""

    def __init__(
        self,
        settings: Settings,
        intake: Intake,
        budget: Budget,
        plans: Plans,
        now_micros: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._budget = budget
        self._plans = plans
        self._now_micros = now_micros
        self._next_id = Uuid7()
        self._taken: OrderedDict[str, int] = OrderedDict()

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
            data = _read_plan(body)
        event = await self._event(campaign, data)
        encoded = msgspec.json.encode(event)
        try:
            fragments = read_events(encoded, "one", limit)
        except TooLarge:
            raise TooLarge(f"The plan is above {limit} bytes.") from None
        await self._intake.take(fragments)
        await answer(send, 202, encoded)

    async def _event(self, campaign: str, data: msgspec.Raw) -> dict[str, Any]:
        found = await self._plans.find(campaign)
        in_force = -1 if found is None or found.plan_micros is None else found.plan_micros
        last = max(in_force, self._taken.get(campaign, -1))
        micros = max(self._now_micros(), last + 1)
        self._remember(campaign, micros)
        return {
            "specversion": "1.0",
            "id": self._next_id(),
            "source": SOURCE,
            "type": "campaign.planned",
            "time": _rfc3339(micros),
            "campaign": campaign,
            "data": data,
        }

    def _remember(self, campaign: str, micros: int) -> None:
        self._taken[campaign] = micros
        self._taken.move_to_end(campaign)
        if len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)


def campaign_in(scope: Scope) -> str:
    """The campaign that a path names after `/v1/campaigns/`."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    try:
        return urllib.parse.unquote_to_bytes(path[len(_PREFIX) :].partition(b"/")[0]).decode()
    except UnicodeDecodeError:
        raise NotFound("The campaign in the path is not UTF-8, %-encoded.") from None


def _read_plan(body: bytes) -> msgspec.Raw:
    try:
        data = loads(body)
    except ValueError as error:
        raise Malformed(f"The body is not JSON in UTF-8: {error}.") from None
    if errors := list(plan_errors(data)):
        raise Refused(errors)
    # As it came: amounts keep their text.
    return msgspec.Raw(body)


def _rfc3339(micros: int) -> str:
    moment = _EPOCH + timedelta(microseconds=micros)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
