"""`PUT /v1/campaigns/{campaign}/prospects`: good lines are safe, bad ones are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from streamer.identity.identities import Identities
from streamer.transport.people import Link
from tests.ingest.support import AUTHORISED, SECRET, Bench, bench

WHO = Identities(SECRET.encode())
MAIL, PHONE = str(WHO.email("a@example.fr")), str(WHO.phone("0612345678"))
LIST = "id;E-mail;Tél;Nom\np-1;a@example.fr;06 12 34 56 78;Durand\np-2;nobody;;\n;a@example.fr;;\n"


async def put(
    it: Bench,
    content: bytes | AsyncIterator[bytes],
    kind: str = "text/csv",
    campaign: str = "c",
    headers: Mapping[str, str] = AUTHORISED,
) -> httpx.Response:
    path = f"/v1/campaigns/{campaign}/prospects"
    return await it.client.put(path, content=content, headers={**headers, "content-type": kind})


async def test_good_lines_are_joined_and_linked_and_bad_ones_told() -> None:
    async with bench() as it:
        answer = await put(it, LIST.encode("cp1252"))
        assert (answer.status_code, answer.json()) == (
            202,
            {
                "accepted": 2,
                "refused": [
                    {
                        "line": 3,
                        "field": "E-mail",
                        "reason": "is no mail address, or more than one",
                    }
                ],
                "ignored": ["Nom"],
            },
        )
        joined = {each.subject: (each.data or {})["identities"] for each in it.kafka.events()}
        assert joined == {"p-1": [MAIL, PHONE], MAIL: []}
        assert {each.type for each in it.kafka.events()} == {"prospect.linked"}
        assert set(it.kafka.links()) == {Link(each, "c") for each in ("p-1", MAIL, PHONE)}
        assert b"streamer_listed_prospects_total 2.0" in it.gateway.metrics.render()


async def test_nothing_of_a_person_leaves_in_the_clear() -> None:
    async with bench() as it:
        answer = await put(it, LIST.encode())
        for personal in (b"a@example", b"612345678", b"Durand", b"nobody"):
            assert all(personal not in record.value for record in it.kafka.records)
            assert personal not in answer.content


async def test_the_same_list_again_is_the_same_events() -> None:
    async with bench() as it:
        for _ in range(2):
            await put(it, LIST.encode())
        found = [(each.source, each.id) for each in it.kafka.events()]
        assert found[:2] == found[2:]
        await put(it, LIST.encode(), campaign="d%2F1")
        assert it.kafka.events()[-1].campaign == "d/1"
        assert it.kafka.events()[-1].source == "/v1/campaigns/d%2F1/prospects"
        assert len({each.id for each in it.kafka.events()}) == 4


async def test_json_lines_are_taken_too() -> None:
    async with bench() as it:
        lines = [{"id": "p-1", "phone": ["06 12 34 56 78"]}, {"score": 3}]
        content = "\n".join(map(json.dumps, lines)).encode()
        answer = (await put(it, content, "application/x-ndjson; charset=utf-8")).json()
        assert answer["accepted"] == 1
        assert answer["refused"][0]["line"] == 2
        assert answer["ignored"] == ["score"]
        assert set(it.kafka.links()) == {Link("p-1", "c"), Link(PHONE, "c")}


async def test_of_many_refusals_the_first_are_told_and_all_counted() -> None:
    async with bench() as it:
        answer = (await put(it, b"email\n" + b"x\n" * 1000)).json()
        assert answer["accepted"] == 0
        assert len(answer["refused"]) == 100
        assert answer["more_refused"] == 900


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "text/csv", 400),
        (b"nom;prenom\nx;y\n", "text/csv", 400),
        (b"PK\x03\x04", "text/csv", 400),
        (b"id\n1\n", "text/csv; charset=utf-16", 415),
        (b"id\n1\n", "application/json", 415),
        (b"{}", "application/x-ndjson; charset=windows-1252", 415),
    ],
)
async def test_what_is_no_list_is_refused_whole(content: bytes, kind: str, status: int) -> None:
    async with bench() as it:
        answer = await put(it, content, kind)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert it.kafka.records == []


async def test_who_may_and_how() -> None:
    async with bench() as it:
        assert (await put(it, b"id\n1\n", headers={})).status_code == 401
        wrong = await it.client.post("/v1/campaigns/c/prospects", headers=AUTHORISED)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "PUT")
        packed = AUTHORISED | {"content-encoding": "gzip"}
        assert (await put(it, b"id\n1\n", headers=packed)).status_code == 415
        assert (await put(it, b"id\n1\n", campaign="%ff")).status_code == 404


async def test_above_its_size_it_is_refused_at_once_or_where_it_is_noticed() -> None:
    async with bench(MAX_LIST_BYTES="3000") as it:
        assert (await put(it, b"id\n" + b"1\n" * 2000)).status_code == 413
        assert it.kafka.records == []

        async def unannounced() -> AsyncIterator[bytes]:
            yield b"id\n"
            for number in range(1000):
                yield b"%d\n" % number

        assert (await put(it, unannounced())).status_code == 413


async def test_it_is_answered_once_kafka_has_all_and_not_before() -> None:
    async with bench() as it:
        it.kafka.away = True
        assert (await put(it, LIST.encode())).status_code == 503
        it.kafka.away = False
        it.kafka.acknowledges.clear()
        putting = asyncio.create_task(put(it, LIST.encode()))
        await it.kafka.received(1)
        assert not putting.done()
        it.kafka.acknowledges.set()
        assert (await putting).status_code == 202


async def test_a_list_is_sent_on_while_it_arrives_and_never_held() -> None:
    async with bench(MAX_BUFFERED_BYTES="100000") as it:
        most = 0

        async def long() -> AsyncIterator[bytes]:
            nonlocal most
            yield b"id;crm\n"
            for start in range(0, 20_000, 500):
                yield b"".join(b"p-%d;%d\n" % (n, n) for n in range(start, start + 500))
                most = max(most, len(it.kafka.events()))

        answer: dict[str, Any] = (await put(it, long())).json()
        assert answer == {"accepted": 20_000, "refused": []}
        assert len({each.id for each in it.kafka.events()}) == 20_000
        assert most >= 19_000, "what came early was safe before the last came"


async def test_lines_that_say_nothing_hold_nobody_up() -> None:
    async with bench() as it:
        putting = asyncio.create_task(put(it, b"id\n" + b"\n" * 200_000 + b"!\n" * 50_000))
        turns = 0
        while not putting.done():
            turns += 1
            await asyncio.sleep(0)
        assert (await putting).json()["accepted"] == 50_000
        assert turns > 50
