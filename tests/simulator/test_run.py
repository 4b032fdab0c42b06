"""The whole simulator against a gateway of its own that refuses at first and remembers."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamer.errors import SettingsError
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.client import Refused
from streamer.simulator.happening import Happening
from streamer.simulator.run import Progress, Target, Told, run
from streamer.simulator.setup import Setup, prepare
from streamer.simulator.vendors import simulated

URL = "http://gateway.test"
SECRET = b"not a secret"
BY_EVENTS = {"email.replied", "postal.replied", "cost.incurred", "phone.completed"}
BY_VENDORS = {"email.sent", "sms.sent", "phone.made", "linkedin.invited", "lead.qualified"}


class Gateway:
    """Takes everything, save that each source and route is away the first time."""

    def __init__(self, away: int = 429) -> None:
        self.plans: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.webhooks: list[tuple[str, bytes]] = []
        self.refused: list[bytes] = []
        self.prospects: list[str] = []
        self.refuses: list[dict[str, Any]] = []
        self.deaf_to_plans = False
        self._away = away
        self._seen: set[str] = set()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        _, first, second, *_ = request.url.path.split("/")
        kind = second if first == "webhooks" else request.url.path
        if kind not in self._seen or (second == "campaigns" and self.deaf_to_plans):
            self._seen.add(kind)
            self.refused.append(request.content)
            return httpx.Response(self._away, headers={"Retry-After": "0"})
        if request.url.path.endswith("/prospects"):
            self.prospects += request.content.decode().splitlines()[1:]
            return httpx.Response(202, json={"accepted": 1, "refused": self.refuses})
        if second == "campaigns":
            self.plans.append(request.url.path.rpartition("/")[2])
            return httpx.Response(202)
        if first == "webhooks":
            self.webhooks.append((kind, request.content))
            return httpx.Response(200)
        body = json.loads(request.content)
        self.events += body
        return httpx.Response(202, json={"accepted": len(body)})


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return prepare(tmp_path)


async def simulate(gateway: Gateway, target: Target, **options: Any) -> Progress:
    transport = httpx.MockTransport(gateway)
    return await run(target, patience=0.5, transport=transport, **{"duration": 1.0, **options})


def each_of(happened: list[Told]) -> list[tuple[Happening, str | None]]:
    return [(each, told.vendor) for told in happened for each in told.happenings]


def lines_of(happened: list[Told]) -> dict[str | None, set[str]]:
    found: dict[str | None, set[str]] = {}
    for happening, vendor in each_of(happened):
        if happening.due >= 0:
            found.setdefault(vendor, set()).add(happening.event["type"])
    return found


async def test_each_teller_takes_its_own_way_and_nothing_is_lost(setup: Setup) -> None:
    gateway = Gateway()
    happened: list[Told] = []
    progress = await simulate(
        gateway,
        Target(URL, "t", setup, SECRET),
        speed=60_000.0,
        on_told=happened.append,
    )
    assert gateway.plans == [campaign.id for campaign in CAMPAIGNS]
    lines = lines_of(happened)
    assert set(lines) == {None, *simulated()}
    by_events, by_vendors = lines.pop(None), set[str]().union(*lines.values())
    assert by_events & BY_VENDORS == set()
    assert by_events >= BY_EVENTS
    assert by_vendors >= BY_VENDORS
    assert by_vendors & BY_EVENTS == {"phone.completed"}
    assert "prospect.linked" not in {event["type"] for event in gateway.events}
    assert len(set(gateway.prospects)) > 1000
    assert progress.lost == 0
    assert progress.sent == len(each_of(happened))
    assert progress.sent > 1.02 * progress.distinct
    assert progress.distinct == len({str(each.event) for each, _ in each_of(happened)})


async def test_what_was_not_taken_is_told_again_as_it_was(setup: Setup) -> None:
    gateway = Gateway()
    progress = await simulate(gateway, Target(URL, "t", setup, SECRET), speed=60_000.0)
    taken = Counter(body for _, body in gateway.webhooks)
    ours = (b'[{"spec', b"id,email", b'{"name"')
    webhooks = [body for body in gateway.refused if not body.startswith(ours)]
    assert len(webhooks) >= len(simulated())
    assert all(taken[body] for body in webhooks)
    assert progress.retries >= len(gateway.refused)


async def test_vendors_call_while_our_own_routes_are_away(setup: Setup) -> None:
    gateway = Gateway()
    calling = asyncio.Event()

    async def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/events":
            await calling.wait()
        answer = await gateway(request)
        if len(gateway.webhooks) > 200:
            calling.set()
        return answer

    async with asyncio.timeout(60):
        target = Target(URL, "t", setup, SECRET)
        transport = httpx.MockTransport(respond)
        progress = await run(target, speed=60_000.0, duration=2.0, transport=transport)
    assert progress.lost == 0


async def test_what_a_vendor_gives_up_is_said(setup: Setup) -> None:
    # To Brevo a server error is final.
    progress = await simulate(Gateway(away=503), Target(URL, "t", setup, SECRET), speed=60_000.0)
    assert progress.lost > 0


async def test_it_goes_on_beyond_its_duration_while_there_shall_be_more() -> None:
    asked = iter([True] * 6 + [False] * 9)
    short = await simulate(Gateway(), Target(URL, "t"), duration=0.1)
    longer = await simulate(Gateway(), Target(URL, "t"), duration=0.1, more=lambda: next(asked))
    assert longer.distinct > short.distinct


async def test_history_is_imported_since_no_vendor_tells_it_again(setup: Setup) -> None:
    gateway = Gateway()
    happened: list[Told] = []
    target = Target(URL, "t", setup, SECRET)
    await simulate(gateway, target, duration=0.1, on_told=happened.append)
    history = {vendor for happening, vendor in each_of(happened) if happening.due < 0}
    assert history == {None}


@pytest.mark.parametrize("target", [Target(URL, "t"), Target(URL, "t", None, SECRET)])
async def test_without_sources_all_goes_by_the_events_route(target: Target) -> None:
    gateway = Gateway()
    await simulate(gateway, target)
    assert gateway.webhooks == []
    assert {event["type"] for event in gateway.events} >= BY_VENDORS


async def test_a_list_that_is_refused_ends_it(setup: Setup) -> None:
    gateway = Gateway()
    gateway.refuses = [{"line": 2, "field": "phone", "reason": "is no phone number"}]
    with pytest.raises(Refused, match="lines of a prospect list"):
        await simulate(gateway, Target(URL, "t", setup, SECRET))


async def test_a_plan_that_cannot_be_put_is_told_as_an_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streamer.simulator.run._PLAN_PATIENCE", 0.05)
    gateway = Gateway()
    gateway.deaf_to_plans = True
    await simulate(gateway, Target(URL, "t"))
    planned = [event for event in gateway.events if event["type"] == "campaign.planned"]
    assert [event["campaign"] for event in planned] == [campaign.id for campaign in CAMPAIGNS]


async def test_a_token_that_is_refused_ends_it_with_one_sentence() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(401))
    with pytest.raises(SettingsError, match="refuses the token"):
        await run(Target(URL, "t"), duration=5, transport=transport)


async def test_it_can_be_cancelled_at_any_time() -> None:
    gateway = Gateway()
    begun = asyncio.Event()
    task = asyncio.create_task(
        run(
            Target(URL, "t"),
            on_progress=lambda _: begun.set(),
            transport=httpx.MockTransport(gateway),
        )
    )
    async with asyncio.timeout(30):
        await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
