"""The running server: clients that misbehave, ports, and an end in order."""

import asyncio
import contextlib
import json
import resource
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
    monkeypatch.setattr(bodies.body_of.__init__, "__defaults__", (0.3,))
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


async def test_a_later_head_that_never_ends_is_disconnected_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with quick(monkeypatch):
        async with running(settings(KAFKA=NO_KAFKA)) as it, connection(it.gateway) as ends:
            reader, writer = ends
            writer.write(whole)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"POST /v1/events HTT")
            # Of what it answered there is a body left; a second answer there is not.
            assert b"HTTP/1.1" not in await asyncio.wait_for(reader.read(), 3)


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


async def trickle(writer: asyncio.StreamWriter, part: bytes) -> None:
    """Write a little again and again, until the other side has had enough."""
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)


async def test_clients_that_trickle_win_no_time_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with quick(monkeypatch):
        async with running(settings(KAFKA=NO_KAFKA)) as it:
            for begun, part, answer in (
                (b"POST /v1/events HTTP/1.1\r\nX: ", b"a", b""),
                (b"POST /v1/events HTTP/1.1\r\n", b"X: a\r\n", b""),
                (head() + chunk(b"["), chunk(b" "), b"HTTP/1.1 408 "),
            ):
                async with connection(it.gateway) as (reader, writer):
                    writer.write(begun)
                    trickling = asyncio.create_task(trickle(writer, part))
                    await still_serves(it)
                    try:
                        # What came first: to write on after the answer resets the connection.
                        told = await asyncio.wait_for(reader.read(1_000), 3)
                    except ConnectionError:
                        told = b""
                    assert told.startswith(answer)
                    trickling.cancel()


async def test_a_flood_without_end_is_cut_off_and_others_are_served_meanwhile() -> None:
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        async with connection(it.gateway) as (reader, writer):
            writer.write(head())
            flooding = asyncio.create_task(flood(reader, writer, chunk(b" " * 100_000)))
            served = 0
            while not flooding.done():
                await still_serves(it)
                served += 1
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await flooding
            assert served > 1
        await still_serves(it)


async def test_a_thousand_slow_clients_do_not_stop_the_others() -> None:
    with many_files():
        async with running(settings(KAFKA=NO_KAFKA)) as it:
            slow = [await asyncio.open_connection(*it.gateway) for _ in range(1_000)]
            for number, (_, writer) in enumerate(slow):
                writer.write(head() + chunk(b"[") if number % 2 else head()[:-2])
            await still_serves(it)
            waiting = [asyncio.ensure_future(reader.read(1)) for reader, _ in slow]
            await still_serves(it)
            assert not any(each.done() for each in waiting), "whoever came last was served first"
            for _, writer in slow:
                writer.close()
            await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.kafka
async def test_a_thousand_connections_at_once_are_all_served(kafka: str) -> None:
    campaign = unique("thousand")

    async def post(it: Running, number: int) -> bytes:
        body = json.dumps(event(campaign=campaign, id=str(number))).encode()
        async with connection(it.gateway) as (reader, writer):
            writer.write(head(extra=f"Content-Length: {len(body)}") + body)
            return await reader.readline()

    with many_files():
        async with running(settings(KAFKA=kafka)) as it:
            await it.ready()
            answers = await asyncio.gather(*(post(it, number) for number in range(1_000)))
    assert {answer.split()[1] for answer in answers} == {b"202"}
    found = [each.id for record in await records_of(kafka, campaign) for each in record]
    assert sorted(map(int, found)) == list(range(1_000))


@contextmanager
def many_files() -> Iterator[None]:
    """Room for both ends of a thousand connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_taken_port_is_a_clear_sentence() -> None:
    async with running(settings(KAFKA=NO_KAFKA)) as it:
        for name, at in (("GATEWAY", it.gateway), ("GATEWAY_METRICS", it.metrics)):
            with pytest.raises(StartError, match=f"STREAMER_{name}={at} is taken"):
                await serve(settings(**{name: str(at)}), plans=FakePlans(), sources={})
    with pytest.raises(StartError, match="is no address of this machine"):
        await serve(settings(GATEWAY="no.such.host.invalid:80"), plans=FakePlans(), sources={})


async def test_an_event_limit_above_what_the_topics_take_is_refused() -> None:
    given = settings(MAX_EVENT_BYTES="3000000", MAX_REQUEST_BYTES="3000000")
    with pytest.raises(SettingsError, match="the largest record that the topics take"):
        await serve(given, plans=FakePlans(), sources={})


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
