"""A plan as the event that it becomes: in force at once, whatever came before it.

Owns the times of the plans that were taken, for those that follow at once.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from streamer.errors import Malformed
from streamer.events import loads
from streamer.ingest.plan_terms import plan_errors
from streamer.ingest.problems import Refused
from streamer.ingest.uuid7 import Uuid7
from streamer.state import Snapshot

_REMEMBERED: Final = 4096
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Plans(Protocol):
    """Where the plan in force is looked up."""

    async def find(self, campaign: str) -> Snapshot | None:
        """The campaign's latest snapshot; None when there is certainly none.

        RedisUnavailable when that cannot be known.
        """
        ...


class PlanEvents:
    """Makes the events; each is later than the plan in force and than those made before."""

    def __init__(
        self,
        plans: Plans,
        now_micros: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        self._plans = plans
        self._now_micros = now_micros
        self._next_id = Uuid7()
        self._taken: OrderedDict[str, int] = OrderedDict()

    async def of(self, campaign: str, source: str, data: msgspec.Raw) -> dict[str, Any]:
        """The event of a plan that was read; RedisUnavailable when its time cannot be chosen."""
        found = await self._plans.find(campaign)
        in_force = -1 if found is None or found.plan_micros is None else found.plan_micros
        last = max(in_force, self._taken.get(campaign, -1))
        micros = max(self._now_micros(), last + 1)
        self._remember(campaign, micros)
        return {
            "specversion": "1.0",
            "id": self._next_id(),
            "source": source,
            "type": "campaign.planned",
            "time": rfc3339_micros(micros),
            "campaign": campaign,
            "data": data,
        }

    def _remember(self, campaign: str, micros: int) -> None:
        self._taken[campaign] = micros
        self._taken.move_to_end(campaign)
        if len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)


def read_plan(body: bytes) -> msgspec.Raw:
    """The data of a plan as it came, since amounts keep their text; Malformed, Refused."""
    try:
        data = loads(body)
    except ValueError as error:
        raise Malformed(f"The body is not JSON in UTF-8: {error}.") from None
    if errors := list(plan_errors(data)):
        raise Refused(errors)
    return msgspec.Raw(body)


def rfc3339_micros(micros: int) -> str:
    """Microseconds since 1970 as RFC 3339 in UTC."""
    moment = _EPOCH + timedelta(microseconds=micros)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
