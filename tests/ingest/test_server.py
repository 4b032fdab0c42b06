"""The running server: clients that misbehave, ports, and an end in order."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from streamer.errors import SettingsError, StartError
from streamer.ingest import bodies, protocol
from streamer.ingest.server import serve
from streamer.settings import Address
from tests.ingest.running import Running, records_of, running, unique
from tests.ingest.support import AUTHORISED, FakePlans, event, settings

NO_KAFKA = "127.0.0.1:1"


@asynccontextmanager
async def connection(
    address: Address,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.close()


def head(*, authorised: bool = True, extra: str = "Transfer-Encoding: chunked") -> bytes:
    token = f"Authorization: {AUTHORISED['authorization']}\r\n" if authorised else ""
    return (
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\n{token}"
        f"Content-Type: application/json\r\n{extra}\r\n\r\n"
    ).encode()


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


@contextmanager
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Timeouts of a fraction of a second."""
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.3)
    monkeypatch.setattr(bodies.body_of.__wrapped__, "__defaults__", (0.3,))  # type: ignore[attr-defined]
    yield


async def still_serves(it: Running) -> None:
    assert (await it.client.get("/healthz")).status_code == 200


async def test_a_body_that_never_ends_is_408_and_others_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with quick(monkeypatch):
        async with (
            running(settings(KAFKA=NO_KAFKA)) as it,
            connection(it.gateway) as (reader, writer),
        ):
            writer.write(head() + chunk(b"[" * 100))
            await still_serves(it)
            status = await asyncio.wait_for(reader.readline(), 3)
            assert status.startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_never_ends_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    with quick(monkeypatch):
        async with running(settings(KAFKA=NO_KAFKA)) as it:
            for begun in (b"", b"POST /v1/events HTT", b"POST / HTTP/1.1\r\nHost: x\r\nX: "):
                async with connection(it.gateway) as (reader, writer):
                    writer.write(begun)
                    await still_serves(it)
                    assert await asyncio.wait_for(reader.read(), 3) == b""


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, part: bytes) -> None:
    """Write without end; raises when the other side has had enough."""
    for _ in range(1_000):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    await reader.readexactly(10_000)


async def test_a_head_that_grows_without_end_is_cut_off() -> None:
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        for filler in (b"a" * 1024, b"X-A: b\r\n" * 128):
            async with connection(it.gateway) as (reader, writer):
                writer.write(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Y: ")
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                    await flood(reader, writer, filler)
            await still_serves(it)


async def test_a_refused_client_sees_why_though_it_sends_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with quick(monkeypatch):
        async with running(settings(KAFKA=NO_KAFKA)) as it:
            for opening, status in ((head(authorised=False), b"401"), (head(), b"413")):
                async with connection(it.gateway) as (reader, writer):
                    writer.write(opening)
                    for _ in range(40):
                        writer.write(chunk(b" " * 50_000))
                        await writer.drain()
                    answer = await asyncio.wait_for(reader.readline(), 3)
                    assert answer.split()[1] == status


async def test_many_slow_clients_do_not_stop_the_others() -> None:
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        open_ones = [await asyncio.open_connection(*it.gateway) for _ in range(200)]
        for _, writer in open_ones:
            writer.write(head() + chunk(b"["))
        begun = time.monotonic()
        await still_serves(it)
        assert time.monotonic() - begun < 1
        for _, writer in open_ones:
            writer.close()


async def test_a_taken_port_is_a_clear_sentence() -> None:
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        for name, at in (("GATEWAY", it.gateway), ("GATEWAY_METRICS", it.metrics)):
            with pytest.raises(StartError, match=f"STREAMER_{name}={at} is taken"):
                await serve(settings(**{name: str(at)}), plans=FakePlans())
    with pytest.raises(StartError, match="is no address of this machine"):
        await serve(settings(GATEWAY="no.such.host.invalid:80"), plans=FakePlans())


async def test_an_event_limit_above_what_the_topics_take_is_refused() -> None:
    given = settings(MAX_EVENT_BYTES="3000000", MAX_REQUEST_BYTES="3000000")
    with pytest.raises(SettingsError, match="the largest record that the topics take"):
        await serve(given, plans=FakePlans())


async def test_it_ends_within_seconds_when_kafka_is_away() -> None:
    begun = 0.0
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        posting = asyncio.create_task(it.client.post("/v1/events", json=event()))
        async with connection(it.gateway) as (_, writer):
            writer.write(head() + chunk(b"["))
            await asyncio.sleep(0.2)
            begun = time.monotonic()
    assert time.monotonic() - begun < 5
    posting.cancel()


@pytest.mark.kafka
async def test_a_request_under_way_is_finished_before_the_end(kafka: str) -> None:
    campaign = unique("leaving")
    body = json.dumps(event(campaign=campaign)).encode()
    async with running(settings(KAFKA=kafka)) as it:
        await it.ready()
        reader, writer = await asyncio.open_connection(*it.gateway)
        writer.write(head() + chunk(body[:50]))
        await asyncio.sleep(0.1)

        async def finish() -> bytes:
            await asyncio.sleep(0.5)
            writer.write(chunk(body[50:]) + b"0\r\n\r\n")
            return await reader.readline()

        finishing = asyncio.create_task(finish())
    assert (await finishing).startswith(b"HTTP/1.1 202 ")
    writer.close()
    assert len(await records_of(kafka, campaign)) == 1


async def test_the_metrics_address_has_the_metrics_and_the_health() -> None:
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        base = f"http://{it.metrics}"
        shown = await it.client.get(f"{base}/metrics")
        assert "streamer_gateway_ready 0.0" in shown.text
        assert (await it.client.get(f"{base}/healthz")).status_code == 200
        assert (await it.client.get(f"{base}/readyz")).status_code == 503
        assert (await it.client.get(f"{base}/v1/events")).status_code == 404
        assert (await it.client.get("/metrics")).status_code == 404
