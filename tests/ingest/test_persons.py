"""What names a person: where it goes, and what the gateway learns and tells of persons by it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamer.events import TYPES, check
from streamer.identity.decisions import choose
from streamer.identity.identities import Identities
from streamer.ingest.bodies import Budget
from streamer.ingest.intake import Intake
from streamer.ingest.packing import Packer
from streamer.ingest.routing import CONTACT_TYPES
from streamer.ingest.sources import read_sources
from streamer.transport import deadletters
from streamer.transport.people import Alias, Link
from tests.ingest.support import (
    AUTHORISED,
    SECRET,
    Bench,
    FakeKafka,
    Signer,
    bench,
    event,
    settings,
)

SIGNER = Signer()
AT = 1_772_445_600
SOMEBODY = Identities(SECRET.encode()).email("a@example.fr")
assert SOMEBODY is not None


def told(word: str = "delivered", **changes: Any) -> dict[str, Any]:
    whole = {
        "email": "a@example.fr",
        "timestamp": AT,
        "event": word,
        "sg_event_id": f"{word}-1",
        "sg_message_id": "m1.filter1",
        "cmp": "c",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


@asynccontextmanager
async def endpoint(tmp_path: Path, largest: int = 10_000, more: str = "") -> AsyncIterator[Bench]:
    file = tmp_path / "sources.toml"
    table = 'vendor = "sendgrid"\nsecrets = ["env:SG_KEY"]\ncampaign_from = "cmp"\n' + more
    file.write_text(f"[sources.sg]\n{table}")
    given = settings(SOURCES=str(file), SG_KEY=SIGNER.public)
    async with bench(read_sources(given), MAX_EVENT_BYTES=str(largest)) as it:
        yield it


async def post(it: Bench, *events: object) -> httpx.Response:
    body = json.dumps(events).encode()
    headers = SIGNER.headers(body, int(time.time()))
    return await it.client.post("/webhooks/sg", content=body, headers=headers)


def reasons(it: Bench) -> list[str]:
    secret = SECRET.encode()
    sealed = it.kafka.letters()
    return [deadletters.read(secret, each.key, each.value).reason for each in sealed]


async def test_with_a_campaign_it_is_a_touchpoint_and_nothing_else(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        assert (await post(it, told("open"))).status_code == 200
        (found,) = it.kafka.events()
        assert (found.campaign, found.subject) == ("c", SOMEBODY)
        assert len(it.kafka.records) == 1


async def test_without_one_it_goes_to_the_person(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        assert (await post(it, told("open", cmp=None), told("click"))).status_code == 200
        assert [each.type for each in it.kafka.events()] == ["email.clicked"]
        ((key, events),) = it.kafka.inbound().items()
        assert key == SOMEBODY
        (found,) = events
        assert found["subject"] == SOMEBODY
        assert "campaign" not in found
        assert it.kafka.letters() == []
        # With its campaign, once that is found, it is an event like any other.
        assert not isinstance(check(found | {"campaign": "c"}), tuple)
        assert b'outcome="taken",source="sg"} 2.0' in it.gateway.metrics.render()


async def test_with_neither_it_is_set_aside_with_what_to_do(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        assert (await post(it, told("open", cmp=None, email=None))).status_code == 200
        assert it.kafka.inbound() == {}
        assert "set campaign, or campaign_from" in reasons(it)[0]


async def test_events_of_persons_are_judged_like_all_others(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        no_touch = {"cmp": None, "sg_message_id": None}
        await post(it, told("open", **no_touch), told("click", cmp=None))
        assert reasons(it) == ["its message email.opened must name its touch"]
        assert [each["type"] for each in it.kafka.inbound()[str(SOMEBODY)]] == ["email.clicked"]


async def test_one_as_large_as_may_be_is_taken_without_a_campaign_too(tmp_path: Path) -> None:
    async with endpoint(tmp_path, largest=1000) as it:
        await post(it, told("open", cmp=None, sg_message_id="m"))
        ((found,),) = it.kafka.inbound().values()
        left = 1000 - len(msgspec.json.encode(found))
        assert left > 0
        await post(it, told("open", cmp=None, sg_message_id="m" * (1 + left)))
        await post(it, told("open", cmp=None, sg_message_id="m" * (2 + left)))
        assert sum(map(len, it.kafka.inbound().values())) == 2
        assert reasons(it) == ["it is above 1000 bytes"]


async def test_it_is_acknowledged_before_success_is_answered(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        it.kafka.away = True
        assert (await post(it, told("open", cmp=None))).status_code == 503
        assert (await post(it, told("processed"))).status_code == 503
        it.kafka.away = False
        assert (await post(it, told("processed"))).status_code == 200
        assert it.kafka.links() == [Link(str(SOMEBODY), "c", AT)], "nothing was remembered too soon"


async def test_what_proves_our_contact_links_the_person_with_the_campaign(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        other = Identities(SECRET.encode()).email("b@example.fr")
        await post(it, told("processed"), told("bounce", type="bounce", email="b@example.fr"))
        assert set(it.kafka.links()) == {Link(str(SOMEBODY), "c", AT), Link(str(other), "c", AT)}


async def test_a_contact_is_told_once_and_one_of_another_second_again(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        await post(it, told("processed"), told("delivered"))
        await post(it, told("processed"))
        assert it.kafka.links() == [Link(str(SOMEBODY), "c", AT)]
        await post(it, told("delivered", timestamp=AT + 1), told("processed", cmp="d"))
        await post(it, told("processed", timestamp=AT - 1))
        assert it.kafka.links()[1:] == [
            Link(str(SOMEBODY), "c", AT + 1),
            Link(str(SOMEBODY), "d", AT),
            Link(str(SOMEBODY), "c", AT - 1),
        ]


async def test_a_contact_under_a_pseudonym_links_the_address_as_well(tmp_path: Path) -> None:
    async with endpoint(tmp_path, more='prospect_from = "p"\n') as it:
        await post(it, told("delivered", p="p_8"), told("open", p="p_8"))
        assert {each.subject for each in it.kafka.events()} == {"p_8"}
        # A reply by mail names nothing but its address.
        assert set(it.kafka.links()) == {Link("p_8", "c", AT), Link(str(SOMEBODY), "c", AT)}
        await post(it, told("click", p="p_8", cmp=None))
        assert list(it.kafka.inbound()) == ["p_8"]


contacts = st.lists(
    st.builds(Link, st.sampled_from("pq"), st.sampled_from("AB"), st.integers(AT, AT + 90)),
    min_size=1,
    max_size=8,
)


def campaign_of(identity: str, links: Iterable[Link | Alias]) -> str | None:
    """Of an event after all of them."""
    mine = [
        (link.campaign, link.at)
        for link in links
        if isinstance(link, Link) and link.identity == identity
    ]
    return choose(mine, {}, AT + 90)


@given(contacts, st.randoms(use_true_random=False))
@example([Link("p", "A", AT), Link("p", "B", AT + 10), Link("p", "A", AT + 20)], Random(0))
def test_the_last_contact_is_the_same_in_every_order_of_arrival(
    links: list[Link], chance: Random
) -> None:
    async def take(kafka: FakeKafka, arrivals: Sequence[Link]) -> None:
        intake = Intake(Packer(kafka, Budget(1_000_000)), 8)
        while arrivals:
            cut = chance.randint(1, len(arrivals))
            await intake.take((), (), arrivals[:cut])
            arrivals = arrivals[cut:]

    arrivals = links + chance.sample(links, len(links) // 2)
    chance.shuffle(arrivals)
    kafka = FakeKafka()
    asyncio.run(take(kafka, arrivals))
    sent = kafka.links()
    assert len(sent) == len(set(sent)), "what is told again is sent once"
    for identity in "pq":
        assert campaign_of(identity, sent) == campaign_of(identity, links)


async def test_what_is_not_taken_links_nobody(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        await post(it, told("processed", sg_message_id=None))
        assert reasons(it) != []
        assert it.kafka.links() == []


def test_every_word_of_contact_is_a_type_and_no_answer_is_one() -> None:
    assert {"email.sent", "phone.unreached", "linkedin.accepted"} < CONTACT_TYPES <= TYPES.keys()
    answers = {"opened", "clicked", "replied", "opted_out", "read", "meeting", "linked"}
    assert not {each for each in CONTACT_TYPES if TYPES[each].word in answers}


@pytest.mark.parametrize("kind", ["campaign.planned", "campaign\\u002eplanned"])
async def test_every_plan_is_copied_to_every_partition(kind: str) -> None:
    async with bench() as it:
        plan = event(type="P", id="2", data={"start": "2026-03-02"}, message=None, subject=None)
        body = json.dumps([event(), plan, event(campaign="d")]).replace('"P"', f'"{kind}"')
        assert (await it.post(body.encode())).status_code == 202
        assert it.kafka.plans() == [plan | {"type": "campaign.planned"}]
        answer = await it.client.put("/v1/campaigns/c", json={"name": "x"}, headers=AUTHORISED)
        assert it.kafka.plans()[1] == answer.json()


async def test_a_plan_that_is_not_copied_is_not_answered() -> None:
    async with bench() as it:
        it.kafka.away = True
        plan = event(type="campaign.planned")
        assert (await it.post(plan)).status_code == 503
