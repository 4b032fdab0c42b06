"""From what happens to what is counted: the real gateway makes the same events of it.

The vendors' requests go through a gateway that verifies, reads and packs them, over a Kafka that is
not there; the naive recount counts both ends.
"""

import asyncio
import json
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from streamer.ingest.app import Gateway, Parts
from streamer.ingest.sources import read_sources
from streamer.settings import Settings
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.happening import Happening
from streamer.simulator.run import Target, run
from streamer.simulator.run import Told as Heard
from streamer.simulator.setup import prepare
from streamer.simulator.vendors import simulated
from tests.ingest.support import SECRET, TOKEN, FakeKafka, FakePlans, settings
from tests.recount.recount import compare, recount
from tests.simulator.happened import Told, told

SPEED = 60_000.0
"""Four days in six seconds: letters arrive and deals are won while vendors tell it."""
PUT = {"campaign.planned", "prospect.linked"}
UNDATED = {
    f"/sources/{source}"
    for vendor in simulated().values()
    if not vendor.dates
    for source, _ in vendor.sources()
}


class Run(NamedTuple):
    """What the simulator told and by whom, and what stands in the topic then."""

    told: list[tuple[Happening, str | None]]
    events: list[dict[str, Any]]
    letters: int
    now: int


async def simulate(folder: Path, duration: float) -> Run:
    setup = prepare(folder)
    env = {**setup.environment, "STREAMER_SECRET": SECRET}
    sources = read_sources(Settings.from_environment(env))
    kafka = FakeKafka()
    gateway = Gateway(settings(), Parts(kafka, FakePlans(), sources))
    heard: list[tuple[Happening, str | None]] = []

    def hear(told: Heard) -> None:
        assert told.delivered.taken
        heard.extend((each, told.vendor) for each in told.happenings)

    await run(
        Target("http://gateway", TOKEN, setup, SECRET.encode()),
        speed=SPEED,
        duration=duration,
        patience=2.0,
        on_told=hear,
        transport=httpx.ASGITransport(gateway),
    )
    events: list[dict[str, Any]] = []
    for record in kafka.touchpoints():
        value = json.loads(record.value)
        events += value if isinstance(value, list) else [value]
    return Run(heard, events, len(kafka.letters()), int(time.time()))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(simulate(tmp_path_factory.mktemp("simulator"), 6.0))


def dated(vendor: str | None) -> bool:
    return vendor is None or simulated()[vendor].dates


def as_told(happening: Happening, vendor: str | None) -> Told:
    return told(happening, dated=dated(vendor) and happening.event["type"] not in PUT)


def as_read(event: dict[str, Any]) -> Told:
    undated = event["source"] in UNDATED or event["type"] in PUT
    # The teller matters for what it cannot tell only, and this was told.
    return told(Happening(0.0, event), dated=not undated)


def test_every_vendor_told_something_and_nothing_was_set_aside(ran: Run) -> None:
    times = Counter(vendor for _, vendor in ran.told)
    assert set(times) == {None, *simulated()}
    assert min(times.values()) >= 20
    assert ran.letters == 0


def test_what_stands_in_the_topic_is_what_happened(ran: Run) -> None:
    wanted = {as_told(*each) for each in ran.told}
    found = {as_read(event) for event in ran.events}
    assert list(wanted - found)[:5] == []
    assert list(found - wanted)[:5] == []


@pytest.mark.parametrize("campaign", [campaign.id for campaign in CAMPAIGNS])
def test_the_numbers_are_those_of_what_happened(ran: Run, campaign: str) -> None:
    happened = [each for each in redated(ran) if each["campaign"] == campaign]
    read = [each for each in ran.events if each["campaign"] == campaign]
    wanted, found = (
        recount(events, ran.now, campaign=campaign, every_row=True) for events in (happened, read)
    )
    assert compare(wanted, found) == []
    assert found["rejected"] == []


def test_an_event_that_was_not_told_would_show(ran: Run) -> None:
    campaign = CAMPAIGNS[0].id
    read = [each for each in ran.events if each["campaign"] == campaign]
    number = next(each["message"] for each in read if each["type"] == "sms.sent")
    fewer = [each for each in read if each.get("message") != number]
    wanted, found = (recount(events, ran.now, campaign=campaign) for events in (read, fewer))
    assert compare(wanted, found) != []


def redated(ran: Run) -> list[dict[str, Any]]:
    """What happened, each once; what a vendor told without a date at the time of its reception."""
    received: dict[Told, dict[str, str]] = defaultdict(dict)
    for event in ran.events:
        if event["source"] in UNDATED:
            times = received[as_read(event)]
            times[event["id"]] = min(event["time"], times.get(event["id"], event["time"]))
    waiting = {key: sorted(times.values()) for key, times in received.items()}
    happened: dict[tuple[str, str], dict[str, Any]] = {}
    for happening, vendor in sorted(ran.told, key=lambda each: each[0].due):
        event = happening.event
        key = (event["id"], event["time"])
        if key in happened:
            continue
        happened[key] = event
        if not dated(vendor):
            happened[key] = {**event, "time": waiting[as_told(happening, vendor)].pop(0)}
    return list(happened.values())
