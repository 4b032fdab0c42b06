"""Running the simulation against a gateway, in real time.

What a vendor tells goes to that vendor's endpoint, signed and tried again as the vendor does it;
plans and prospect lists are put; all else goes by the events' route, and so does history, which no
vendor tells once it has passed. What our own routes do not take is told later, with its true times.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import httpx
import msgspec

from streamer.identity.identities import Identities
from streamer.simulator import prospect_lists
from streamer.simulator.attempts import Caller, Delivered
from streamer.simulator.chances import dice
from streamer.simulator.client import GatewayClient, GatewayUnavailable, Refused
from streamer.simulator.delivery import Disorder, Habits
from streamer.simulator.happening import Happening
from streamer.simulator.scenario import DEFAULT_SPEED, Scenario
from streamer.simulator.setup import Setup
from streamer.simulator.vendors import Request, simulated, teller_of
from streamer.simulator.voice import LISTS

TICK_SECONDS: Final = 0.2
# Within how many seconds a vendor's whole schedule of attempts must fit.
PATIENCE: Final = 60.0
# How many events a request of the events' route carries; how many requests of our own routes are
# under way, and how many may wait for that.
_BATCH: Final = 500
_AT_ONCE: Final = 4
_WAITING: Final = 2000
_HABITS: Final = Habits(late=0.1, again=0.07)
# After so many seconds in which a plan cannot be put, it is told as an event.
_PLAN_PATIENCE: Final = 15.0


class Target(NamedTuple):
    """The gateway, and what is known of it.

    With `setup` and `secret`, the gateway's STREAMER_SECRET, vendors tell what they tell, and lists
    say who is who: under the secret, history names persons as vendors will. Without, all of it goes
    by the events' route.
    `public_url` is what the gateway takes itself to be called, when that is not `gateway_url`.
    """

    gateway_url: str
    token: str
    setup: Setup | None = None
    secret: bytes | None = None
    public_url: str | None = None


class Progress(NamedTuple):
    """How far it is: events told, repetitions included, and different ones; what was given up."""

    sent: int
    distinct: int
    seconds: float
    retries: int
    lost: int = 0


OnProgress = Callable[[Progress], None]


class Told(NamedTuple):
    """What a request told, by which vendor (None: the events' route), and what became of it."""

    happenings: Sequence[Happening]
    vendor: str | None
    delivered: Delivered


OnTold = Callable[[Told], None]
_TAKEN: Final = Delivered(taken=True, attempts=())


async def run(  # noqa: PLR0913 - named, each with its default
    target: Target,
    *,
    seed: int = 1,
    speed: float = DEFAULT_SPEED,
    duration: float | None = None,
    more: Callable[[], bool] = lambda: False,
    patience: float = PATIENCE,
    on_progress: OnProgress = lambda _: None,
    on_told: OnTold = lambda _: None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Progress:
    """Simulate for `duration` seconds, or until cancelled; what was sent.

    It goes on beyond the duration for as long as there shall be `more`. Each vendor's schedule of
    attempts is squeezed into `patience` seconds.
    """
    async with GatewayClient(target.gateway_url, target.token, transport=transport) as client:
        simulation = _Simulation(target, client, seed, speed, patience, on_told)
        try:
            await simulation.live(duration, more, on_progress)
        except ExceptionGroup as group:
            # One is enough to say: the requests under way fail alike.
            raise _first(group) from None
        return simulation.progress()


class _Line:
    """What one teller tells: in disorder, by a vendor's endpoint or the events' route."""

    def __init__(self, habits: Habits, seed: int, name: str, caller: Caller | None = None) -> None:
        self.disorder = Disorder(dice(seed, "delivery", name), habits)
        self.caller = caller


class _Simulation:
    def __init__(
        self,
        target: Target,
        client: GatewayClient,
        seed: int,
        speed: float,
        patience: float,
        on_told: OnTold,
    ) -> None:
        self._client = client
        self._on_told = on_told
        self._begun = time.time()
        identities = Identities(target.secret) if target.secret else None
        self._happenings = Scenario(seed, int(self._begun), speed, identities).happenings()
        self._next = next(self._happenings)
        self._by_events = _Line(_HABITS, seed, "events")
        self._by_list = _Line(_HABITS, seed, "lists")
        self._by_vendor = _vendor_lines(target, client, seed, patience)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._places = asyncio.Semaphore(_WAITING)
        self._sent = self._distinct = self._lost = 0

    def progress(self) -> Progress:
        callers = [line.caller for line in self._by_vendor.values() if line.caller]
        retries = self._client.retries + sum(each.retries for each in callers)
        seconds = time.time() - self._begun
        return Progress(self._sent, self._distinct, seconds, retries, self._lost)

    async def live(
        self, duration: float | None, more: Callable[[], bool], on_progress: OnProgress
    ) -> None:
        """Tell everything when it is due; whatever goes wrong for good ends it."""
        end = float("inf") if duration is None else duration
        async with asyncio.TaskGroup() as tasks:
            now = 0.0
            while True:
                due = list(self._due(now))
                self._distinct += len(due)
                await self._tell_plans(due)
                for line, happenings in self._sorted(due):
                    await self._tell(tasks, line, line.disorder.pass_on(happenings, now))
                on_progress(self.progress())
                if now >= end and not more():
                    break
                await asyncio.sleep(TICK_SECONDS)
                # All that is due by the end is told, however long the history has taken.
                elapsed = time.time() - self._begun
                now = elapsed if more() else min(elapsed, max(now, end))
            for line in (self._by_events, self._by_list, *self._by_vendor.values()):
                await self._tell(tasks, line, line.disorder.rest())
        on_progress(self.progress())

    def _due(self, now: float) -> Iterator[Happening]:
        while self._next.due <= now:
            yield self._next
            self._next = next(self._happenings)

    def _sorted(self, due: Sequence[Happening]) -> Iterator[tuple[_Line, Sequence[Happening]]]:
        """What each line tells of these, plans excepted; every line, as it may hold some back."""
        lines = (self._by_events, self._by_list, *self._by_vendor.values())
        sorted_: dict[_Line, list[Happening]] = {line: [] for line in lines}
        for happening in due:
            if happening.event["type"] != "campaign.planned":
                sorted_[self._line_of(happening)].append(happening)
        yield from sorted_.items()

    def _line_of(self, happening: Happening) -> _Line:
        if not self._by_vendor:
            return self._by_events
        if happening.teller == LISTS:
            return self._by_list
        # History has passed before the vendors were connected: it is imported.
        vendor = teller_of(happening) if happening.due >= 0 else None
        return self._by_vendor[vendor.name] if vendor else self._by_events

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
            self._hear(Told([happening], None, _TAKEN))

    async def _tell(
        self, tasks: asyncio.TaskGroup, line: _Line, happenings: Sequence[Happening]
    ) -> None:
        """Begin to send, without waiting for answers unless too many are awaited already."""
        if caller := line.caller:
            for request in caller.vendor.requests(happenings, caller.secret):
                await caller.place()
                tasks.create_task(self._deliver(caller, request))
            return
        if line is self._by_list:
            for campaign, prospects in prospect_lists.by_campaign(happenings):
                await self._places.acquire()
                tasks.create_task(self._in_turn(self._put, campaign, prospects))
            return
        for batch in _batches(happenings, _BATCH):
            await self._places.acquire()
            tasks.create_task(self._in_turn(self._post, batch))

    async def _in_turn(self, send: Callable[..., Awaitable[None]], *what: object) -> None:
        """Send when there is room, so that what waits for us keeps no vendor from calling."""
        try:
            async with self._room:
                await send(*what)
        finally:
            self._places.release()

    async def _deliver(self, caller: Caller, request: Request) -> None:
        delivered = await caller.deliver(request)
        self._hear(Told(request.happenings, caller.vendor.name, delivered))

    async def _post(self, happenings: Sequence[Happening]) -> None:
        await self._client.post_events(msgspec.json.encode([each.event for each in happenings]))
        self._hear(Told(happenings, None, _TAKEN))

    async def _put(self, campaign: str, prospects: Sequence[Happening]) -> None:
        answer = await self._client.put_prospects(campaign, prospect_lists.content(prospects))
        if answer["refused"]:
            raise Refused("The gateway refuses lines of a prospect list.", answer["refused"])
        self._hear(Told(prospects, None, _TAKEN))

    def _hear(self, told: Told) -> None:
        self._sent += len(told.happenings)
        self._lost += 0 if told.delivered.taken else len(told.happenings)
        self._on_told(told)


def _vendor_lines(
    target: Target, client: GatewayClient, seed: int, patience: float
) -> Mapping[str, _Line]:
    if target.setup is None or target.secret is None:
        return {}
    base = target.public_url or client.url
    return {
        name: _Line(
            vendor.habits,
            seed,
            name,
            Caller(vendor, target.setup.secrets[name], client, base, patience),
        )
        for name, vendor in simulated().items()
    }


def _first(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _batches(all_of_them: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for first in range(0, len(all_of_them), size):
        yield all_of_them[first : first + size]
