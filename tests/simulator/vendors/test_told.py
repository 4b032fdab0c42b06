"""What simulated vendors send is what the gateway's own reading of these vendors takes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from streamer.ingest.sources import Source, read_sources
from streamer.ingest.vendors import Delivery
from streamer.settings import Settings
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.happening import Happening
from streamer.simulator.setup import Setup, prepare
from streamer.simulator.vendors import Attempt, Request, Simulated, simulated
from tests.simulator.happened import SECRET, START, Told, facts_of, first_minute, told

VENDORS = sorted(simulated())
BASE = "https://prospects.example.fr"


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return prepare(tmp_path_factory.mktemp("simulator"))


@pytest.fixture(scope="module")
def sources(setup: Setup) -> Mapping[str, Source]:
    env = {**setup.environment, "STREAMER_SECRET": SECRET.decode()}
    return read_sources(Settings.from_environment(env))


@cache
def told_by(name: str) -> tuple[Happening, ...]:
    return tuple(each for each in first_minute() if simulated()[name].tells(each))


def deliveries(
    vendor: Simulated, setup: Setup, happenings: tuple[Happening, ...]
) -> Iterator[tuple[Request, Delivery]]:
    secret = setup.secrets[vendor.name]
    for request in vendor.requests(happenings, secret):
        written = request.written
        url = f"{BASE}/webhooks/{request.source}" + ("?" if written.query else "") + written.query
        headers = vendor.headers(Attempt(secret, url, written.body, START))
        raw = {name.lower().encode(): value.encode() for name, value in headers.items()}
        yield (
            request,
            Delivery("POST", raw, written.query.encode(), written.body, START, url=url),
        )


@pytest.mark.parametrize("name", VENDORS)
def test_each_request_is_authentic_and_a_forged_one_is_not(
    name: str, setup: Setup, sources: Mapping[str, Source]
) -> None:
    vendor = simulated()[name]
    another = vendor.secret()
    for request, delivery in deliveries(vendor, setup, told_by(name)[:200]):
        assert sources[request.source].verify(delivery)
        url, body = delivery.url, delivery.body.replace(setup.secrets[name].encode(), b"guess")
        headers = vendor.headers(Attempt(another, url, body, START))
        raw = {key.lower().encode(): value.encode() for key, value in headers.items()}
        assert not sources[request.source].verify(delivery._replace(headers=raw, body=body))


@pytest.mark.parametrize("name", VENDORS)
def test_the_gateway_reads_the_same_events(
    name: str, setup: Setup, sources: Mapping[str, Source]
) -> None:
    vendor = simulated()[name]
    wanted: set[Told] = set()
    found: set[Told] = set()
    for request, delivery in deliveries(vendor, setup, told_by(name)):
        source = sources[request.source]
        wanted |= {told(each, dated=vendor.dates) for each in request.happenings}
        for item in source.vendor.read(delivery, source.wishes):
            assert item.not_understood == ""
            found |= {
                (
                    each.type,
                    source.campaign_of(each.campaign) or "",
                    each.subject,
                    each.message,
                    int(each.at) if vendor.dates else None,
                    facts_of(each.data or {}),
                )
                for each in item.touchpoints
            }
    assert wanted - found == set()
    assert found - wanted == set()


@pytest.mark.parametrize("name", VENDORS)
def test_a_repetition_has_the_same_ids_and_nothing_else_has(
    name: str, setup: Setup, sources: Mapping[str, Source]
) -> None:
    vendor = simulated()[name]
    known: dict[tuple[str, str], set[Told]] = defaultdict(set)
    for _ in range(2):
        for happening in told_by(name)[:1500]:
            for request, delivery in deliveries(vendor, setup, (happening,)):
                source = sources[request.source]
                for item in source.vendor.read(delivery, source.wishes):
                    for each in item.touchpoints:
                        if each.type == happening.event["type"]:
                            known[request.source, each.id].add(told(happening, dated=vendor.dates))
    # A call that is tagged the same again is told under the same id, at another time.
    assert [ids for ids, ways in known.items() if len({way[:4] for way in ways}) > 1] == []


@pytest.mark.parametrize("name", VENDORS)
def test_every_type_that_its_teller_has_is_told(name: str) -> None:
    vendor = simulated()[name]
    of_teller = {each.event["type"] for each in first_minute() if each.teller == vendor.teller}
    # Complaints are rare.
    assert of_teller - {each.event["type"] for each in told_by(name)} <= {"email.complained"}


@pytest.mark.parametrize("name", VENDORS)
def test_it_tries_again_for_no_longer_than_its_contract_says(name: str) -> None:
    vendor = simulated()[name]
    assert vendor.delays
    assert sum(vendor.delays) <= vendor.vendor.retries.horizon
    # An assumption never stands in for what is known.
    assert bool(vendor.vendor.retries.delays) != bool(vendor.assumed)


def test_each_happening_has_one_teller_at_most() -> None:
    for happening in first_minute():
        tellers = [each.name for each in simulated().values() if each.tells(happening)]
        assert len(tellers) <= 1


def test_a_source_has_a_campaign_of_its_own_only_where_the_vendor_names_none(
    sources: Mapping[str, Source],
) -> None:
    fixed = {source.vendor.name for source in sources.values() if source.campaign}
    assert fixed == {"aircall", "pipedrive"}
    assert len([each for each in sources if each.startswith("aircall-")]) == len(CAMPAIGNS)
