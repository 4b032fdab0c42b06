"""The gateway in front of a real Kafka: clients of others, and Kafka going away and coming back."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from streamer.embedded.kafka import EmbeddedKafka
from streamer.identity.identities import Identities
from streamer.settings import Settings
from streamer.transport.people import IDENTITIES, INBOUND, partition_of
from tests.ingest.running import (
    PARTITIONS,
    Running,
    records_of,
    running,
    stored,
    unique,
    until,
)
from tests.ingest.support import SECRET, TOKEN, Signer, event, settings

pytestmark = pytest.mark.kafka

MIB = 1024 * 1024


def before(kafka: str, **overrides: str) -> Settings:
    return settings(KAFKA=kafka, **overrides)


def cloud_event(campaign: str, number: str) -> CloudEvent:
    return CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": number,
            "source": "/sdk",
            "type": "email.bounced",
            "time": datetime(2026, 3, 2, 10, 30, tzinfo=UTC),
            "subject": "prospect é 100%",
            "campaign": campaign,
            "message": f"m{number}",
            "datacontenttype": "application/json",
        },
        data={"bounce": "soft"},
    )


async def test_the_official_sdk_is_understood_in_every_mode(kafka: str) -> None:
    campaign = unique('sdk "é" 100%')
    first, second = cloud_event(campaign, "1"), cloud_event(campaign, "2")
    batch = [json.loads(JSONFormat().write(cloud_event(campaign, n))) for n in ("3", "4")]
    async with running(before(kafka)) as it:
        await it.ready()
        for message in (to_structured(first, JSONFormat()), to_binary(second, JSONFormat())):
            answer = await it.client.post(
                "/v1/events", content=message.body, headers=message.headers
            )
            assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
        answer = await it.client.post(
            "/v1/events",
            content=json.dumps(batch),
            headers={"content-type": "application/cloudevents-batch+json"},
        )
        assert answer.json() == {"accepted": 2}
    found = [each for record in await records_of(kafka, campaign) for each in record]
    assert sorted(each.id for each in found) == ["1", "2", "3", "4"]
    assert {each.subject for each in found} == {"prospect é 100%"}
    assert [each.data for each in found] == [{"bounce": "soft"}] * 4


async def test_curl_sends_events(kafka: str) -> None:
    campaign = unique("curl")
    async with running(before(kafka)) as it:
        await it.ready()
        words = ["curl", "-sS", "-w", " %{http_code}", f"http://{it.gateway}/v1/events"]
        words += [
            "-H",
            f"Authorization: Bearer {TOKEN}",
            "-d",
            json.dumps(event(campaign=campaign)),
        ]
        for kind, status in (("application/cloudevents+json", "202"), ("text/plain", "415")):
            done = await asyncio.to_thread(
                subprocess.run,
                [*words, "-H", f"Content-Type: {kind}"],
                check=True,
                capture_output=True,
            )
            assert done.stdout.decode().endswith(f" {status}")
    assert len(await records_of(kafka, campaign)) == 1


async def test_concurrent_requests_share_records(kafka: str) -> None:
    campaign = unique("shared")
    async with running(before(kafka)) as it:
        await it.ready()
        posts = (
            it.client.post("/v1/events", json=event(campaign=campaign, id=str(n)))
            for n in range(200)
        )
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {202}
    records = await records_of(kafka, campaign)
    assert sorted(int(each.id) for record in records for each in record) == list(range(200))
    assert len(records) < 100


async def test_events_of_the_largest_size_are_taken(kafka: str) -> None:
    campaign = unique("large")
    async with running(before(kafka)) as it:
        await it.ready()
        large = event(campaign=campaign, data={"x": "y" * 500_000})
        answers = await asyncio.gather(
            *(it.client.post("/v1/events", json=[large, large]) for _ in range(8))
        )
        assert {answer.status_code for answer in answers} == {202}
    assert sum(map(len, await records_of(kafka, campaign))) == 16


async def post(it: Running, campaign: str, number: int, size: int = 0) -> int:
    body = event(campaign=campaign, id=str(number), data={"x": "y" * size})
    answer = await it.client.post("/v1/events", json=body)
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
    return answer.status_code


@pytest.mark.slow
async def test_kafka_killed_and_back_loses_nothing_that_was_acknowledged(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    broker = private_kafka()
    taken: set[int] = set()
    async with running(before(broker.bootstrap)) as it:
        await it.ready()
        assert await post(it, "c", 0) == 202
        await asyncio.to_thread(broker.kill)
        begun = time.monotonic()
        refused = await asyncio.gather(*(post(it, "c", number) for number in range(1, 21)))
        assert set(refused) == {503}
        assert time.monotonic() - begun < 8
        await until(lambda: is_unready(it))
        assert (await it.client.get("/healthz")).status_code == 200
        await asyncio.to_thread(broker.start)
        await it.ready()
        for number in range(21, 41):
            if await post(it, "c", number) == 202:
                taken.add(number)
        assert len(taken) > 15, "it has recovered by itself"
    found = {int(each.id) for record in await records_of(broker.bootstrap, "c") for each in record}
    assert taken | {0} <= found


async def is_unready(it: Running) -> bool:
    return (await it.client.get("/readyz")).status_code == 503


@pytest.mark.slow
async def test_a_kafka_that_hangs_holds_no_more_than_the_bound(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    broker = private_kafka()
    bound = 4 * MIB
    given = before(broker.bootstrap, MAX_BUFFERED_BYTES=str(bound))
    async with running(given) as it:
        await it.ready()
        assert await post(it, "c", 0) == 202
        assert broker.child is not None
        assert broker.child.pid is not None
        os.kill(broker.child.pid, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            answers = await asyncio.gather(*(post(it, "c", n, 300_000) for n in range(40)))
            assert set(answers) == {503}
            assert time.monotonic() - begun < 8
            assert await held(it) <= bound
            begun = time.monotonic()
            assert await post(it, "c", 1, 400_000) == 503
            assert time.monotonic() - begun < 1, "at once, since there is no room"
            await until(lambda: is_unready(it))
        finally:
            os.kill(broker.child.pid, signal.SIGCONT)
        await it.ready()

        async def is_taken() -> bool:
            return await post(it, "c", 2, 300_000) == 202

        await until(is_taken, 20)

        async def is_empty() -> bool:
            return await held(it) == 0

        await until(is_empty, 20)


async def held(it: Running) -> float:
    shown = (await it.client.get(f"http://{it.metrics}/metrics")).text
    line = next(row for row in shown.splitlines() if row.startswith("streamer_gateway_held_bytes "))
    return float(line.split()[1])


@pytest.mark.slow
async def test_it_starts_before_kafka_and_works_once_kafka_is_there(
    private_kafka: Callable[[], EmbeddedKafka],
) -> None:
    broker = private_kafka()
    bootstrap = broker.bootstrap
    await asyncio.to_thread(broker.stop)
    async with running(before(bootstrap)) as it:
        assert await is_unready(it)
        assert await post(it, "c", 0) == 503
        await asyncio.to_thread(broker.start)
        await it.ready()
        assert await post(it, "c", 1) == 202
    ids = [each.id for record in await records_of(bootstrap, "c") for each in record]
    assert "1" in ids


async def test_events_and_links_of_a_person_meet_in_one_partition(
    kafka: str, tmp_path: Path
) -> None:
    campaign, signer = unique("persons"), Signer()
    people = [f"{number}@{campaign}.example.fr" for number in range(40)]
    file = tmp_path / "sources.toml"
    file.write_text(
        '[sources.sg]\nvendor = "sendgrid"\nsecrets = ["env:SG_KEY"]\ncampaign_from = "cmp"\n'
    )
    sent = [
        {"email": each, "timestamp": 1_772_445_600, "event": word, "sg_event_id": word + each}
        | {"sg_message_id": each, "cmp": campaign if word == "processed" else None}
        for each in people
        for word in ("processed", "open")
    ]
    body = json.dumps(sent).encode()
    async with running(before(kafka, SOURCES=str(file), SG_KEY=signer.public)) as it:
        await it.ready()
        headers = signer.headers(body, int(time.time()))
        answer = await it.client.post("/webhooks/sg", content=body, headers=headers)
        assert answer.status_code == 200
        plan = {"name": campaign}
        assert (await it.client.put(f"/v1/campaigns/{campaign}", json=plan)).status_code == 202
    identities = [Identities(SECRET.encode()).email(each) for each in people]
    inbound = {
        each.key.decode(): each.partition for each in await stored(kafka, INBOUND) if each.key
    }
    told = await stored(kafka, IDENTITIES)
    linked = {
        link["identity"]: record.partition
        for record in told
        for link in json.loads(record.value)
        if link.get("campaign") == campaign
    }
    assert {each: inbound.get(str(each)) for each in identities} == linked
    assert linked == {each: partition_of(str(each), PARTITIONS) for each in identities}
    copies = [each.partition for each in told if b'"plan"' in each.value]
    assert set(copies) == set(range(PARTITIONS))


async def test_a_long_list_is_taken_while_it_arrives_and_others_are_served_meanwhile(
    kafka: str,
) -> None:
    campaign, count = unique("list"), 20_000
    waits: list[float] = []

    async def lines() -> AsyncIterator[bytes]:
        yield b"id;E-mail\r\n"
        for start in range(0, count, 1_000):
            yield "".join(
                f"p-{n};{n}@{campaign}.example.fr\r\n" for n in range(start, start + 1_000)
            ).encode()

    async with running(before(kafka)) as it:
        await it.ready()
        path = f"/v1/campaigns/{campaign}/prospects"
        kind = {"content-type": "text/csv"}
        putting = asyncio.create_task(it.client.put(path, content=lines(), headers=kind))
        while not putting.done():
            begun = time.monotonic()
            assert await post(it, unique("beside"), 1) == 202
            waits.append(time.monotonic() - begun)
        answer = await putting
        assert (answer.status_code, answer.json()) == (202, {"accepted": count, "refused": []})
    assert len(waits) > 5
    assert sorted(waits)[len(waits) // 2] < 1.0
    found = [each for record in await records_of(kafka, campaign) for each in record]
    assert {each.subject for each in found} == {f"p-{n}" for n in range(count)}
    links = [
        (link["identity"], record.partition)
        for record in await stored(kafka, IDENTITIES)
        for link in json.loads(record.value)
        if link.get("campaign") == campaign
    ]
    assert len(links) == 2 * count
    assert all(partition_of(identity, PARTITIONS) == place for identity, place in links)
