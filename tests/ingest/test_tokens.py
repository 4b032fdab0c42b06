"""Used tokens: on a real server, in the route, and whatever of them fails in between."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from streamer.embedded.redis import EmbeddedRedis
from streamer.errors import ProofUnavailable, RedisUnavailable
from streamer.exposition.snapshots import connect
from streamer.ingest.app import Gateway, Parts
from streamer.ingest.sources import read_sources
from streamer.ingest.tokens import CLAIM_SECONDS, RedisTokens, TokenUsed, Use
from streamer.transport import deadletters
from tests.ingest.support import SECRET, Bench, FakeKafka, FakePlans, bench, settings
from tests.ingest.vendors.mailgun import KEYS, proof

LIFE = 3600
ONE, OTHER = Use("token", "body", LIFE), Use("token", "other", LIFE)


@asynccontextmanager
async def store(url: str, cluster: str | None = None) -> AsyncIterator[RedisTokens]:
    name = cluster or uuid4().hex
    async with connect(url) as client:
        yield RedisTokens(client, lambda: name)


async def test_a_used_token_serves_its_own_body_only(redis_url: str) -> None:
    async with store(redis_url) as tokens:
        await tokens.claim(ONE)
        await tokens.remember(ONE)
        await tokens.claim(ONE)
        with pytest.raises(TokenUsed):
            await tokens.claim(OTHER)
        await tokens.claim(Use("another", "other", LIFE))


async def test_while_a_token_is_being_used_another_body_is_to_come_again(redis_url: str) -> None:
    async with store(redis_url) as tokens:
        await tokens.claim(ONE)
        await tokens.claim(ONE)
        with pytest.raises(ProofUnavailable):
            await tokens.claim(OTHER)


async def test_of_many_bodies_at_once_one_is_taken(redis_url: str) -> None:
    async with store(redis_url) as tokens:
        uses = [Use("token", str(number), LIFE) for number in range(20)]
        found = await asyncio.gather(*map(tokens.claim, uses), return_exceptions=True)
        assert found.count(None) == 1
        assert sum(isinstance(each, ProofUnavailable) for each in found) == 19


async def test_a_claim_lapses_and_a_use_lasts(redis_url: str) -> None:
    cluster = uuid4().hex
    async with store(redis_url, cluster) as tokens, connect(redis_url) as client:
        key = f"streamer:{{{cluster}}}:token:token"
        await tokens.claim(ONE)
        assert 0 < await client.ttl(key) <= CLAIM_SECONDS
        await client.expire(key, 1)
        await tokens.claim(ONE)
        assert await client.ttl(key) > CLAIM_SECONDS - 5, "claimed anew"
        await tokens.remember(ONE)
        assert await client.ttl(key) > LIFE - 5
        await tokens.claim(ONE)
        assert await client.ttl(key) > LIFE - 5, "still used"
        await client.delete(key)
        await tokens.claim(OTHER)


async def test_clusters_do_not_share_tokens(redis_url: str) -> None:
    async with store(redis_url) as tokens, store(redis_url) as others:
        await tokens.claim(ONE)
        await tokens.remember(ONE)
        await others.claim(OTHER)


async def test_without_redis_nothing_can_be_told_and_it_is_back_when_redis_is(
    private_redis: Callable[[], EmbeddedRedis],
) -> None:
    server = private_redis()
    async with store(server.url) as tokens:
        await tokens.claim(ONE)
        await asyncio.to_thread(server.kill)
        for call in (tokens.claim, tokens.remember):
            with pytest.raises(RedisUnavailable):
                await call(ONE)
        await asyncio.to_thread(server.start)
        await tokens.claim(ONE)
        await tokens.remember(ONE)
        with pytest.raises(TokenUsed):
            await tokens.claim(OTHER)


# In the route. Mailgun is the vendor whose signature leaves the body out.


def body(event: str = "opened", number: str = "1", token: str = "t" * 50) -> bytes:
    told = {
        "signature": proof("first", time.time(), token),
        "event-data": {
            "event": event,
            "id": number,
            "timestamp": 1_772_445_600.5,
            "recipient": "prospect@example.fr",
            "message": {"headers": {"message-id": "m@mg.example.fr"}},
        },
    }
    return json.dumps(told).encode()


SOURCES = """
[sources.mg]
vendor = "mailgun"
secrets = ["env:MG_KEY"]
campaign = "c"
[sources.another]
vendor = "mailgun"
secrets = ["env:MG_KEY"]
campaign = "d"
"""


@asynccontextmanager
async def mailgun(tmp_path: Path) -> AsyncIterator[Bench]:
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    given = settings(SOURCES=str(file), MG_KEY=KEYS["first"])
    async with bench(read_sources(given)) as it:
        yield it


async def post(it: Bench, content: bytes, source: str = "mg") -> int:
    return (await it.client.post(f"/webhooks/{source}", content=content)).status_code


async def test_the_same_body_again_is_a_success_and_another_is_refused(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        first = body()
        assert [await post(it, first) for _ in range(3)] == [200, 200, 200]
        assert {event.id for event in it.kafka.events()} == {"1:1772445600.500000"}
        forged = first.replace(b'"opened"', b'"complained"')
        assert await post(it, forged) == 401
        assert await post(it, first + b" ") == 401, "not even a space"
        assert {event.type for event in it.kafka.events()} == {"email.opened"}


async def test_what_came_to_one_source_cannot_be_repeated_at_another(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        first = body()
        assert await post(it, first) == 200
        assert await post(it, first, "another") == 401
        assert {event.campaign for event in it.kafka.events()} == {"c"}


async def test_a_token_is_used_only_once_kafka_has_acknowledged(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        it.kafka.away = True
        assert await post(it, body()) == 503
        assert it.tokens.used == {}
        it.kafka.away = False
        # Mailgun does not promise that a retry is the same to the byte.
        assert await post(it, body() + b" ") == 200
        assert len(it.tokens.used) == 1


async def test_when_redis_is_away_nothing_is_taken_and_the_retry_counts(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        it.tokens.away = True
        assert await post(it, body()) == 503
        assert it.kafka.records == []
        it.tokens.away = False
        assert await post(it, body()) == 200
        assert len(it.kafka.events()) == 1


async def test_what_cannot_be_remembered_is_no_success_and_counts_once(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        it.tokens.forgetful = True
        assert await post(it, body()) == 503
        it.tokens.forgetful = False
        assert await post(it, body()) == 200
        assert len({event.id for event in it.kafka.events()}) == 1


async def test_what_never_comes_again_is_set_aside_when_redis_is_away(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        it.tokens.away = True
        assert await post(it, body("delivered")) == 200
        assert it.kafka.events() == []
        (letter,) = [
            deadletters.read(SECRET.encode(), key, value) for _, key, value in it.kafka.letters()
        ]
        assert "Redis" in letter.reason
        assert b"signature" not in (letter.value or b"")
        assert b'"delivered"' in (letter.value or b"")


async def test_a_forged_signature_claims_no_token(tmp_path: Path) -> None:
    async with mailgun(tmp_path) as it:
        forged = body().replace(b'"signature": "', b'"signature": "00', 1)
        assert await post(it, forged) == 401
        assert it.tokens.claimed == []


async def test_two_gateways_take_one_body_of_a_token(redis_url: str, tmp_path: Path) -> None:
    """Both bodies are authentic; Kafka holds its acknowledgement back until both have asked."""
    file = tmp_path / "sources.toml"
    file.write_text(SOURCES)
    given = settings(SOURCES=str(file), MG_KEY=KEYS["first"])
    kafka, cluster = FakeKafka(), uuid4().hex
    kafka.acknowledges.clear()
    async with store(redis_url, cluster) as one, store(redis_url, cluster) as two:
        clients = []
        for tokens in (one, two):
            parts = Parts(kafka, FakePlans(), read_sources(given), tokens=tokens)
            transport = httpx.ASGITransport(Gateway(given, parts))
            clients.append(httpx.AsyncClient(transport=transport, base_url="http://gateway"))
        first = asyncio.create_task(clients[0].post("/webhooks/mg", content=body()))
        await kafka.received(1)
        second = await clients[1].post("/webhooks/mg", content=body("complained"))
        kafka.acknowledges.set()
        assert (second.status_code, (await first).status_code) == (503, 200)
        again = await clients[1].post("/webhooks/mg", content=body("complained"))
        assert again.status_code == 401
        assert [event.type for event in kafka.events()] == ["email.opened"]
        for client in clients:
            await client.aclose()
