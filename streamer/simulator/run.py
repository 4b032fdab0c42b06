"""Running the simulation against a gateway, in real time.

Mails go by SendGrid's webhook where there is a source for it, plans by PUT, all else by the
events' route. While the gateway is away nothing is lost: it is told later, with its true times.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from streamer.identity.identities import Identities
from streamer.simulator import sendgrid
from streamer.simulator.chances import dice
from streamer.simulator.client import GatewayClient, GatewayUnavailable
from streamer.simulator.delivery import Disorder
from streamer.simulator.scenario import DEFAULT_SPEED, Happening, Scenario

TICK_SECONDS: Final = 0.2
# How many events a request carries, and how many requests are under way.
_BATCH: Final = 500
_MAILS: Final = 200
_AT_ONCE: Final = 4
# After so many seconds in which a plan cannot be put, it is told as an event.
_PLAN_PATIENCE: Final = 15.0


class Target(NamedTuple):
    """The gateway, and what is known of it.

    With `sendgrid_source` and its private key, mails are told by that webhook. `secret` is the
    gateway's STREAMER_SECRET: with it those mails can be linked to the prospects that they went
    to; without it they stand for persons of their own.
    """

    gateway_url: str
    token: str
    sendgrid_source: str | None = None
    sendgrid_private_key: ec.EllipticCurvePrivateKey | None = None
    secret: bytes | None = None


class Progress(NamedTuple):
    """How far it is: events that the gateway took, repetitions included, and different ones."""

    sent: int
    distinct: int
    seconds: float
    retries: int


OnProgress = Callable[[Progress], None]


async def run(
    target: Target,
    *,
    seed: int = 1,
    speed: float = DEFAULT_SPEED,
    duration: float | None = None,
    on_progress: OnProgress | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Progress:
    """Simulate for `duration` seconds, or until cancelled; what was sent."""
    async with GatewayClient(target.gateway_url, target.token, transport=transport) as client:
        simulation = _Simulation(target, client, seed, speed)
        try:
            await simulation.live(duration, on_progress or (lambda _: None))
        except ExceptionGroup as group:
            # One is enough to say: the requests under way fail alike.
            raise _first(group) from None
        return simulation.progress()


class _Simulation:
    def __init__(self, target: Target, client: GatewayClient, seed: int, speed: float) -> None:
        self._target = target
        self._client = client
        self._begun = time.time()
        scenario = Scenario(seed, int(self._begun), speed, _identify(target))
        self._happenings = scenario.happenings()
        self._next = next(self._happenings)
        self._disorder = Disorder(dice(seed, "delivery"))
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._sent = 0
        self._distinct = 0

    def progress(self) -> Progress:
        return Progress(self._sent, self._distinct, time.time() - self._begun, self._client.retries)

    async def live(self, duration: float | None, on_progress: OnProgress) -> None:
        """Tell everything when it is due; whatever goes wrong for good ends it."""
        async with asyncio.TaskGroup() as tasks:
            now = 0.0
            while duration is None or now < duration:
                due = list(self._due(now))
                self._distinct += len(due)
                await self._tell_plans(due)
                events = [each for each in due if each.event["type"] != "campaign.planned"]
                await self._tell(tasks, self._disorder.pass_on(events, now))
                on_progress(self.progress())
                await asyncio.sleep(TICK_SECONDS)
                now = time.time() - self._begun
            await self._tell(tasks, self._disorder.rest())
        on_progress(self.progress())

    def _due(self, now: float) -> Iterator[Happening]:
        while self._next.due <= now:
            yield self._next
            self._next = next(self._happenings)

    async def _tell_plans(self, due: Sequence[Happening]) -> None:
        for happening in due:
            event = happening.event
            if event["type"] != "campaign.planned":
                continue
            try:
                # Right after a start the reads, which a plan needs, may not be complete.
                async with asyncio.timeout(_PLAN_PATIENCE):
                    await self._client.put_plan(event["campaign"], event["data"])
            except (TimeoutError, GatewayUnavailable):
                await self._client.post_events(msgspec.json.encode([event]))
            self._sent += 1

    async def _tell(self, tasks: asyncio.TaskGroup, happenings: Sequence[Happening]) -> None:
        mails = [each for each in happenings if self._is_told_by_vendor(each)]
        events = [each.event for each in happenings if not self._is_told_by_vendor(each)]
        for batch in _batches(mails, _MAILS):
            await self._begin(tasks, self._deliver, batch)
        for batch in _batches(events, _BATCH):
            await self._begin(tasks, self._post, batch)

    def _is_told_by_vendor(self, happening: Happening) -> bool:
        return happening.address is not None and _by_webhook(self._target)

    async def _begin(
        self, tasks: asyncio.TaskGroup, send: Callable[[Any], Any], batch: Sequence[Any]
    ) -> None:
        """Send without waiting for the answer, unless too many are under way already."""
        await self._room.acquire()

        async def sending() -> None:
            try:
                await send(batch)
                self._sent += len(batch)
            finally:
                self._room.release()

        tasks.create_task(sending())

    async def _post(self, events: Sequence[dict[str, Any]]) -> None:
        await self._client.post_events(msgspec.json.encode(events))

    async def _deliver(self, mails: Sequence[Happening]) -> None:
        source, key = self._target.sendgrid_source, self._target.sendgrid_private_key
        if source is None or key is None:
            return
        body = sendgrid.body([sendgrid.item(each.event, each.address or "") for each in mails])
        await self._client.post_webhook(
            source, body, lambda: sendgrid.signed(key, body, int(time.time()))
        )


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _by_webhook(target: Target) -> bool:
    return target.sendgrid_source is not None and target.sendgrid_private_key is not None


def _identify(target: Target) -> Callable[[str], str] | None:
    secret = target.secret
    if not _by_webhook(target):
        return None
    if secret is None:
        # Whatever it is, it is not the prospect's own subject.
        return lambda address: f"mail-of-{address.partition('@')[0]}"
    identities = Identities(secret)
    return lambda address: identities.email(address) or ""


def _batches(all_of_them: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for first in range(0, len(all_of_them), size):
        yield all_of_them[first : first + size]
