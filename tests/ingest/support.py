"""What tests of the gateway share: a Kafka that is not there, an application, and its client."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.routing import BaseRoute

from streamer.errors import KafkaUnavailable, ProofUnavailable, RedisUnavailable
from streamer.events import Event, decode_record, split_record
from streamer.ingest.app import Gateway, Parts
from streamer.ingest.packing import Record
from streamer.ingest.sources import Source
from streamer.ingest.tokens import TokenUsed, Use
from streamer.settings import Settings
from streamer.state import Snapshot
from streamer.transport.people import (
    IDENTITIES,
    INBOUND,
    Alias,
    Link,
    Plan,
    partition_of,
    read_entry,
)
from streamer.transport.topics import DEADLETTERS, TOUCHPOINTS

TOKEN = "t0ken"  # noqa: S105 - a test's own
SECRET = "a secret of at least sixteen"  # noqa: S105
AUTHORISED = {"authorization": f"Bearer {TOKEN}"}


def settings(**overrides: str) -> Settings:
    """Settings with a token and a secret; keywords are variables without their prefix."""
    env = {
        "STREAMER_KAFKA": "127.0.0.1:1",
        "STREAMER_TOKENS": f"test={TOKEN},other=0ther",
        "STREAMER_SECRET": SECRET,
        "STREAMER_GATEWAY": "127.0.0.1:0",
        "STREAMER_GATEWAY_METRICS": "127.0.0.1:0",
    }
    return Settings.from_environment(
        env | {name if "_KEY" in name else f"STREAMER_{name}": v for name, v in overrides.items()}
    )


class Sealed(NamedTuple):
    """A record of the dead letters."""

    topic: str
    key: bytes
    value: bytes


class FakeKafka:
    """Keeps what it is sent; can be away, and can hold its acknowledgements back."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False
        self.acknowledges = asyncio.Event()
        self.acknowledges.set()

    async def send(self, record: Record) -> None:
        """Acknowledge, or not."""
        if self.away:
            raise KafkaUnavailable("It is away.")
        self.records.append(record)
        await self.acknowledges.wait()

    def why_not_ready(self) -> str:
        """Why it would not acknowledge."""
        return "It is away." if self.away else ""

    async def received(self, count: int) -> None:
        """Wait until so many records have come."""
        async with asyncio.timeout(5):
            while len(self.records) < count:  # noqa: ASYNC110 - any record may be the one
                await asyncio.sleep(0.001)

    def touchpoints(self) -> list[Record]:
        """The records of the topic of events."""
        return [record for record in self.records if record.topic == TOUCHPOINTS]

    def letters(self) -> list[Sealed]:
        """The records of the topic of dead letters."""
        found = (record for record in self.records if record.topic == DEADLETTERS)
        return [Sealed(record.topic, record.key or b"", record.value) for record in found]

    def inbound(self) -> dict[str, list[dict[str, Any]]]:
        """The events without a campaign by their key."""
        found: dict[str, list[dict[str, Any]]] = {}
        for record in self.records:
            if record.topic == INBOUND:
                found.setdefault((record.key or b"").decode(), []).append(json.loads(record.value))
        return found

    def links(self) -> list[Link | Alias]:
        """All links and names, each in the partition of its identity."""
        found: list[Link | Alias] = []
        for record in self._identities():
            if b'"plan"' not in record.value:
                entries = [read_entry(raw) for raw in split_record(record.value)]
                links = [each for each in entries if isinstance(each, Link | Alias)]
                assert len(links) == len(entries)
                assert {partition_of(each.identity, 8) for each in links} == {record.partition}
                found += links
        return found

    def plans(self) -> list[dict[str, Any]]:
        """All plans; each partition has a copy of every one."""
        copies: dict[int | None, list[dict[str, Any]]] = {number: [] for number in range(8)}
        for record in self._identities():
            if b'"plan"' in record.value:
                (plan,) = msgspec.json.decode(record.value, type=list[Plan])
                copies[record.partition].append(plan.plan)
        assert all(each == copies[0] for each in copies.values())
        return copies[0]

    def _identities(self) -> list[Record]:
        return [record for record in self.records if record.topic == IDENTITIES]

    def events(self) -> list[Event]:
        """Every event as the worker reads it; none may be rejected."""
        found: list[Event] = []
        for record in self.touchpoints():
            batch = decode_record(record.key, record.value)
            assert batch.rejected == []
            found += batch.events
        return found


class FakePlans:
    """Knows the times of plans in force by campaign; can be away."""

    def __init__(self) -> None:
        self.micros: dict[str, int] = {}
        self.away = False

    async def find(self, campaign: str) -> Snapshot | None:
        """A snapshot in which nothing but the plan's time is true."""
        if self.away:
            raise RedisUnavailable("It is away.")
        if campaign not in self.micros:
            return None
        return _snapshot(campaign, self.micros[campaign])


class FakeTokens:
    """Remembers used tokens, but no claims; can be away, from the claim on or after it."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {}
        self.claimed: list[Use] = []
        self.away = False
        self.forgetful = False

    async def claim(self, use: Use, /) -> None:
        """Let it pass unless another body has used it."""
        if self.away:
            raise RedisUnavailable("It is away.")
        self.claimed.append(use)
        if self.used.get(use.token, use.body) != use.body:
            raise TokenUsed("It was used.")

    async def remember(self, use: Use, /) -> None:
        """Note it, or not."""
        if self.away or self.forgetful:
            raise RedisUnavailable("It is away.")
        self.used[use.token] = use.body


class FakeFetcher:
    """Has some pages, and notes what is asked of it; can be away, or only for visits."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = pages
        self.fetched: list[str] = []
        self.visited: list[str] = []
        self.away = False
        self.refuses_visits = False

    async def fetch(self, url: str, /) -> bytes:
        """The page, if there is one."""
        self.fetched.append(url)
        if self.away or url not in self.pages:
            raise ProofUnavailable("It is not to be had.")
        return self.pages[url]

    async def visit(self, url: str, /) -> None:
        """Note that it was asked for."""
        self.visited.append(url)
        if self.away or self.refuses_visits:
            raise ProofUnavailable("It is not to be had.")


def _snapshot(campaign: str, micros: int) -> Snapshot:
    lists: dict[str, Any] = {
        name: []
        for name in (
            "kpis",
            "milestones",
            "attributed",
            "unattributed",
            "rep_milestones",
            "rep_seconds",
            "cost_left_out",
            "sources",
        )
    }
    return Snapshot(
        campaign=campaign,
        as_of=0,
        name="",
        currency="EUR",
        plan={},
        plan_micros=micros,
        planned={},
        incomplete=False,
        end=None,
        drift=[],
        **lists,
    )


class Bench:
    """A gateway over fakes, and a client of it."""

    def __init__(
        self, given: Settings, client: httpx.AsyncClient, gateway: Gateway, kafka: FakeKafka
    ) -> None:
        self.settings = given
        self.client = client
        self.gateway = gateway
        self.kafka = kafka
        self.plans = FakePlans()
        self.tokens = FakeTokens()
        self.fetcher = FakeFetcher({})

    async def post(self, body: object, **options: Any) -> httpx.Response:
        """Post events as JSON, or bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = AUTHORISED | {"content-type": "application/json"} | options.pop("headers", {})
        kept = {name: value for name, value in headers.items() if value is not None}
        return await self.client.post("/v1/events", content=raw, headers=kept, **options)


@asynccontextmanager
async def bench(
    sources: Mapping[str, Source] | None = None,
    openapi: bytes | None = None,
    reads: Sequence[BaseRoute] = (),
    pages: Mapping[str, bytes] | None = None,
    **overrides: str,
) -> AsyncIterator[Bench]:
    """A gateway over fakes; `pages` are what it can fetch, other keywords are settings."""
    given, kafka, plans = settings(**overrides), FakeKafka(), FakePlans()
    tokens, fetcher = FakeTokens(), FakeFetcher(pages or {})
    parts = Parts(kafka, plans, sources or {}, reads, openapi, tokens, fetcher)
    gateway = Gateway(given, parts)
    transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        made = Bench(given, client, gateway, kafka)
        made.plans, made.tokens, made.fetcher = plans, tokens, fetcher
        yield made


def event(**changes: Any) -> dict[str, Any]:
    """A sound event; a change to None takes the attribute away."""
    sound = {
        "specversion": "1.0",
        "id": "1",
        "source": "/test",
        "type": "email.sent",
        "time": "2026-03-02T10:30:00Z",
        "campaign": "c",
        "message": "m1",
        "subject": "p1",
    }
    return {name: value for name, value in (sound | changes).items() if value is not None}


class Signer:
    """A key pair as SendGrid has one for each event webhook."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public = base64.b64encode(der).decode()

    def headers(self, body: bytes, timestamp: int | str) -> dict[str, str]:
        """The headers that sign a body."""
        signature = self._key.sign(f"{timestamp}".encode() + body, ec.ECDSA(SHA256()))
        return {
            "content-type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": str(timestamp),
        }
