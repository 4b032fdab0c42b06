"""The whole simulator against a gateway of its own that verifies, forgets and remembers."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from streamer.errors import SettingsError
from streamer.identity.identities import Identities
from streamer.ingest.vendors import Delivery
from streamer.ingest.vendors.sendgrid import VENDOR
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.run import Progress, Target, run
from streamer.simulator.sendgrid import verification_key
from streamer.simulator.setup import DemoSources, prepare

URL = "http://gateway.test"
SECRET = b"not a secret"


class Gateway:
    """Takes what is right and refuses the rest; the first request of each kind is answered 503."""

    def __init__(self, demo: DemoSources) -> None:
        self.plans: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        self.refused: list[bytes] = []
        self.deaf_to_plans = False
        self._verify = VENDOR.verifier([verification_key(demo.private_key)], {})
        self._seen: set[str] = set()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        kind = request.url.path.split("/")[2]
        if kind not in self._seen or (kind == "campaigns" and self.deaf_to_plans):
            self._seen.add(kind)
            self.refused.append(request.content)
            return httpx.Response(503, headers={"Retry-After": "0"})
        if kind == "campaigns":
            self.plans.append(request.url.path.rpartition("/")[2])
            return httpx.Response(202)
        body = json.loads(request.content)
        if kind == "simulator":
            headers = {name.lower(): value for name, value in request.headers.raw}
            stamp = float(headers[b"x-twilio-email-event-webhook-timestamp"])
            assert self._verify(Delivery("POST", headers, b"", request.content, stamp))
            self.mails += body
            return httpx.Response(200)
        self.events += body
        return httpx.Response(202, json={"accepted": len(body)})


@pytest.fixture
def demo(tmp_path: Path) -> DemoSources:
    return prepare(tmp_path)


async def simulate(gateway: Gateway, target: Target) -> Progress:
    return await run(target, duration=0.5, transport=httpx.MockTransport(gateway))


async def test_each_channel_takes_its_own_way_and_nothing_is_lost(demo: DemoSources) -> None:
    gateway = Gateway(demo)
    progress = await simulate(gateway, Target(URL, "t", demo.source, demo.private_key, SECRET))
    assert gateway.plans == [campaign.id for campaign in CAMPAIGNS]
    types = {event["type"] for event in gateway.events}
    assert {"sms.sent", "postal.sent", "phone.made", "linkedin.invited", "email.replied"} <= types
    assert "email.sent" not in types
    assert {"processed", "delivered", "bounce", "open"} <= {each["event"] for each in gateway.mails}
    assert progress.sent == len(gateway.events) + len(gateway.mails) + len(gateway.plans)
    ids = {event["id"] for event in gateway.events if event["type"] != "cost.incurred"}
    corrected = {
        (event["id"], event["time"]) for event in gateway.events if event["type"] == "cost.incurred"
    }
    mails = {each["sg_event_id"] for each in gateway.mails}
    assert progress.distinct == len(ids) + len(corrected) + len(mails) + len(gateway.plans)
    assert progress.sent > 1.05 * progress.distinct


async def test_what_was_not_taken_is_told_again_as_it_was(demo: DemoSources) -> None:
    gateway = Gateway(demo)
    progress = await simulate(gateway, Target(URL, "t", demo.source, demo.private_key, SECRET))
    told_again = [body for body in gateway.refused if body.startswith(b"[")]
    assert len(told_again) == 2
    for body in told_again:
        first = json.loads(body)[0]
        assert first in gateway.events + gateway.mails
    assert progress.retries >= 3


async def test_with_the_secret_mails_belong_to_their_prospects(demo: DemoSources) -> None:
    gateway = Gateway(demo)
    await simulate(gateway, Target(URL, "t", demo.source, demo.private_key, SECRET))
    links = [event for event in gateway.events if event["type"] == "prospect.linked"]
    linked = {name for event in links for name in event["data"]["identities"]}
    recipients = {Identities(SECRET).email(each["email"]) for each in gateway.mails}
    assert len(recipients & linked) > 0.8 * len(recipients)
    assert "@" not in json.dumps(gateway.events)


async def test_without_a_webhook_mails_are_events_like_all_others(demo: DemoSources) -> None:
    gateway = Gateway(demo)
    await simulate(gateway, Target(URL, "t"))
    assert gateway.mails == []
    assert "email.sent" in {event["type"] for event in gateway.events}


async def test_a_plan_that_cannot_be_put_is_told_as_an_event(
    demo: DemoSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.simulator.run._PLAN_PATIENCE", 0.05)
    gateway = Gateway(demo)
    gateway.deaf_to_plans = True
    await simulate(gateway, Target(URL, "t"))
    planned = [event for event in gateway.events if event["type"] == "campaign.planned"]
    assert [event["campaign"] for event in planned] == [campaign.id for campaign in CAMPAIGNS]


async def test_a_token_that_is_refused_ends_it_with_one_sentence() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(401))
    with pytest.raises(SettingsError, match="refuses the token"):
        await run(Target(URL, "t"), duration=5, transport=transport)


async def test_it_can_be_cancelled_at_any_time(demo: DemoSources) -> None:
    gateway = Gateway(demo)
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
