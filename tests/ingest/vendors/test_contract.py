"""What every vendor's endpoint must do, whatever the vendor."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streamer.ingest.vendors import vendors
from streamer.transport import deadletters
from tests.ingest.support import SECRET, Bench, bench
from tests.ingest.vendors.cases import CASES, Case, now

PERSON = b"prospect@example.fr"


@pytest.fixture(params=CASES, ids=lambda case: case.vendor)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def open_bench(case: Case, tmp_path: Path) -> AbstractAsyncContextManager[Bench]:
    return bench(case.source(tmp_path))


async def post(
    it: Bench, body: bytes, headers: Mapping[str, str], source: str = "it"
) -> httpx.Response:
    return await it.client.post(f"/webhooks/{source}", content=body, headers=dict(headers))


def is_success(case: Case, response: httpx.Response) -> bool:
    return response.status_code == vendors()[case.vendor].retries.taken.status


def letters(it: Bench) -> list[deadletters.DeadLetter]:
    return [deadletters.read(SECRET.encode(), key, value) for _, key, value in it.kafka.letters()]


def test_every_vendor_is_under_the_contract() -> None:
    assert {case.vendor for case in CASES} == set(vendors())


async def test_a_right_signature_counts(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        for number, body in enumerate(case.bodies, start=1):
            assert is_success(case, await post(it, body, case.sign(body, now())))
            assert len(it.kafka.events()) == number
        assert all(event.source == "/sources/it" for event in it.kafka.events())
        assert it.kafka.letters() == []


async def test_while_a_secret_is_rotated_both_are_right(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        body = case.bodies[0]
        assert is_success(case, await post(it, body, case.sign_rotated(body, now())))
        assert is_success(case, await post(it, body, case.sign(body, now())))


async def test_nothing_unproved_is_taken(case: Case, tmp_path: Path) -> None:
    body = case.bodies[0]
    proofs = dict(case.sign(body, now()))
    # The kind of content proves nothing, and is not asked.
    proofs.pop("content-type", None)
    wrong: list[tuple[bytes, Mapping[str, str]]] = [
        (body, case.sign_wrong(body, now())),
        (body, {}),
        (body + b" ", proofs),
        (case.bodies[1], proofs),
        (b"", proofs),
        (body, case.sign(body, now() - case.horizon - 60)),
        (body, case.sign(body, now() + 2 * case.horizon)),
        *((body, {name: each for name, each in proofs.items() if name != gone}) for gone in proofs),
        *((body, proofs | {name: "x"}) for name in proofs),
        *((body, proofs | {name: ""}) for name in proofs),
    ]
    async with open_bench(case, tmp_path) as it:
        for raw, headers in wrong:
            response = await post(it, raw, headers)
            assert response.status_code == vendors()[case.vendor].retries.refused
            assert it.kafka.records == []


async def test_a_source_that_is_unknown_looks_like_a_wrong_signature(
    case: Case, tmp_path: Path
) -> None:
    async with open_bench(case, tmp_path) as it:
        body = case.bodies[0]
        wrong = await post(it, body, case.sign_wrong(body, now()))
        for path in ("nobody", "%FF", "it/a/b/c", ""):
            unknown = await post(it, body, case.sign(body, now()), path)
            assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)
        assert it.kafka.records == []


async def test_a_late_retry_counts(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        body = case.bodies[0]
        late = case.sign(body, now() - case.horizon + 60)
        assert is_success(case, await post(it, body, late))
        assert len(it.kafka.events()) == 1


async def test_the_same_bytes_after_a_failure_count(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        body = case.bodies[0]
        headers = case.sign(body, now())
        it.kafka.away = True
        failed = await post(it, body, headers)
        assert failed.status_code == vendors()[case.vendor].retries.away
        assert int(failed.headers["retry-after"]) > 0
        it.kafka.away = False
        assert is_success(case, await post(it, body, headers))
        assert len(it.kafka.events()) == 1


async def test_a_redelivery_has_the_same_ids_and_is_a_success(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        body = case.batch
        for moment in (now() - 3600, now()):
            assert is_success(case, await post(it, body, case.sign(body, moment)))
        events = it.kafka.events()
        half = len(events) // 2
        assert [event.id for event in events[:half]] == [event.id for event in events[half:]]
        assert len({event.id for event in events}) == half
        assert events[:half] == events[half:]


async def test_a_batch_is_one_record_of_its_campaign(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        assert is_success(case, await post(it, case.batch, case.sign(case.batch, now())))
        assert len(it.kafka.touchpoints()) == 1
        assert len(it.kafka.events()) == len(case.bodies)


async def test_what_is_not_understood_is_kept_sealed_and_is_a_success(
    case: Case, tmp_path: Path
) -> None:
    async with open_bench(case, tmp_path) as it:
        for _ in range(2):
            assert is_success(case, await post(it, case.strange, case.sign(case.strange, now())))
        assert it.kafka.events() == []
        first, again = letters(it)
        assert first.value is not None
        assert first.value in case.strange
        assert (first.topic, first.source) == ("webhooks", "it")
        assert first.reason
        assert it.kafka.letters()[0].key == it.kafka.letters()[1].key, "shown once"
        assert (first.offset, first.position) == (again.offset, again.position)


BROKEN: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "truncated": lambda body: body[: len(body) // 2],
    "garbled": lambda body: body[:20] + b"\x00\xff\xfe" + body[20:],
    "empty": lambda _: b"",
    "nested deeply": lambda _: b"[" * 100_000,
    "nested deeply within": lambda body: body[:-1] + b"," + b"[" * 50_000 + b"]" * 50_000 + b"]",
    "in another charset": lambda body: body.replace(b"prospect", b"p\xe9rospect"),
    "in utf-16": lambda body: body.decode().encode("utf-16"),
    "a number": lambda _: b"7",
    "a list of numbers": lambda _: b"[1,2,3]",
    "an empty object": lambda _: b"{}",
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_broken_body_that_is_authentic_is_kept(
    case: Case, tmp_path: Path, how: str
) -> None:
    async with open_bench(case, tmp_path) as it:
        body = BROKEN[how](case.bodies[0])
        assert is_success(case, await post(it, body, case.sign(body, now())))
        assert letters(it)
        assert (await post(it, body, {})).status_code == vendors()[case.vendor].retries.refused


async def test_a_huge_body_is_413(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        body = case.bodies[0] + b" " * 1_048_576
        assert (await post(it, body, case.sign(body, now()))).status_code == 413
        assert it.kafka.records == []


async def test_nothing_personal_leaves_in_the_clear(
    case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="streamer")
    async with open_bench(case, tmp_path) as it:
        for body in (case.batch, case.strange, case.bodies[0][:-1]):
            assert PERSON in body
            await post(it, body, case.sign(body, now()))
            await post(it, body, case.sign_wrong(body, now()))
        assert len(it.kafka.records) == 3
        for record in it.kafka.records:
            assert PERSON not in record.key + record.value
        assert PERSON.decode() not in caplog.text
        assert PERSON not in it.gateway.metrics.render()


async def test_requests_and_events_are_counted_by_source_and_outcome(
    case: Case, tmp_path: Path
) -> None:
    async with open_bench(case, tmp_path) as it:
        await post(it, case.batch, case.sign(case.batch, now()))
        await post(it, case.strange, case.sign(case.strange, now()))
        await post(it, case.batch, {})
        await post(it, case.batch, {}, "nobody")
        shown = it.gateway.metrics.render().decode()
    for line in (
        'streamer_webhook_requests_total{outcome="taken",source="it"} 2.0',
        'streamer_webhook_requests_total{outcome="refused",source="it"} 1.0',
        'streamer_webhook_requests_total{outcome="refused",source="unknown"} 1.0',
        f'streamer_webhook_events_total{{outcome="taken",source="it"}} {len(case.bodies)}.0',
        'streamer_webhook_events_total{outcome="dead_lettered",source="it"} 1.0',
    ):
        assert line in shown
    assert "nobody" not in shown


async def test_other_methods_are_405(case: Case, tmp_path: Path) -> None:
    async with open_bench(case, tmp_path) as it:
        assert (await it.client.get("/webhooks/it")).status_code == 405


@given(body=st.binary(max_size=300), data=st.data())
@hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
async def test_random_bytes_are_never_a_500_nor_a_success_unproved(
    case: Case, tmp_path: Path, body: bytes, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(case.batch)))
    async with open_bench(case, tmp_path) as it:
        for raw in (body, case.batch[:cut] + body + case.batch[cut:]):
            refused = await post(it, raw, case.sign(case.batch + b" ", now()))
            assert refused.status_code == vendors()[case.vendor].retries.refused
            assert it.kafka.records == []
            assert is_success(case, await post(it, raw, case.sign(raw, now())))
            it.kafka.records.clear()
