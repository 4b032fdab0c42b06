"""What every vendor's endpoint must do, whatever the vendor."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streamer.exposition.fact_words import WORDS
from streamer.identity.identities import Identities
from streamer.ingest.advice import with_every_stage, with_every_tag
from streamer.ingest.vendors import Delivery, Vendor, vendors
from streamer.settings import SETTINGS
from streamer.transport import deadletters
from tests.ingest.support import SECRET, Bench, bench
from tests.ingest.vendors.cases import CASES, URL, Case, Example, Request, is_taken, now

IDENTITIES = Identities(SECRET.encode())
JSON_TYPE: Final = "application/json"


@pytest.fixture(params=CASES, ids=lambda case: case.vendor)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def vendor_of(case: Case) -> Vendor:
    return vendors()[case.vendor]


@asynccontextmanager
async def endpoint(case: Case, tmp_path: Path, **keys: Any) -> AsyncIterator[Bench]:
    sources = case.sources(tmp_path, **keys)
    async with bench(sources, pages=case.pages, PUBLIC_URL=URL) as it:
        yield it


async def send(it: Bench, request: Request, source: str = "it") -> httpx.Response:
    target = request.target.replace("/webhooks/it", f"/webhooks/{source}", 1)
    headers = dict(request.headers)
    return await it.client.request(request.method, target, content=request.body, headers=headers)


def letters(it: Bench) -> list[deadletters.DeadLetter]:
    return [deadletters.read(SECRET.encode(), key, value) for _, key, value in it.kafka.letters()]


def proved(case: Case, name: str) -> Request:
    return case.sign(case.sample(name), "first", now())


def test_every_vendor_is_under_the_contract() -> None:
    assert {case.vendor for case in CASES} == set(vendors())


def test_every_vendor_says_how_to_connect_it_in_both_languages(case: Case) -> None:
    vendor = vendor_of(case)
    for texts in (vendor.setup, vendor.notes or {"fr": (), "en": ()}):
        assert set(texts) == {"fr", "en"}
        assert len(texts["fr"]) == len(texts["en"])
    assert any("{url}" in line for line in vendor.setup["fr"])
    assert any("{url}" in line for line in vendor.setup["en"])


def test_every_vendor_says_in_a_word_how_it_proves_itself(case: Case) -> None:
    assert 0 < len(vendor_of(case).proof) <= 50


def test_a_vendor_that_names_nobody_says_so(case: Case) -> None:
    examples = [each for each in case.examples.values() if "prospect_from" not in each.source]
    told = sum("subject" in event for each in examples for event in each.events)
    assert told or not vendor_of(case).names_person


def test_a_request_waits_for_kafka_no_longer_than_the_vendor_waits(case: Case) -> None:
    assert vendor_of(case).retries.within >= 5
    assert {setting.name for setting in SETTINGS} >= {"STREAMER_PUBLIC_URL"}


EXAMPLES: Final = [
    pytest.param(case, example, id=f"{case.vendor}-{example.name}")
    for case in CASES
    for example in case.examples.values()
]


@pytest.mark.parametrize(("case", "example"), EXAMPLES)
async def test_an_example_gives_its_events(case: Case, example: Example, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path, **example.source) as it:
        response = await send(it, case.sign(example.request, "first", now()))
        assert is_taken(case, response.status_code)
        found = it.kafka.events()
        assert [event.type for event in found] == [each["type"] for each in example.events]
        for event, wanted in zip(found, example.events, strict=True):
            assert event.source == "/sources/it"
            assert event.campaign == wanted.get("campaign", "c")
            message = wanted.get("message")
            assert bool(event.message) if message is True else event.message == message
            assert (event.data or None) == _data(wanted.get("data"))
            assert event.subject == _subject(wanted.get("subject"))
            if "id" in wanted:
                assert event.id == wanted["id"]
            if "time" in wanted:
                assert event.time == wanted["time"]
        assert len(letters(it)) == example.not_understood
        ignored = f'outcome="ignored",source="it"}} {example.ignored}.0'
        shown = it.gateway.metrics.render().decode()
        assert (ignored in shown) if example.ignored else ('outcome="ignored"' not in shown)


def _subject(told: Mapping[str, str] | str | None) -> str | None:
    if told is None or isinstance(told, str):
        return told
    ((kind, address),) = told.items()
    return IDENTITIES.of(kind, address)


def _data(told: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What an example's data say, identities given as addresses."""
    if not told or "identities" not in told:
        return told
    return {**told, "identities": [_subject(each) for each in told["identities"]]}


@pytest.mark.parametrize(("case", "example"), EXAMPLES)
def test_what_an_example_tells_the_vendor_says_it_can_tell(
    case: Case, example: Example, tmp_path: Path
) -> None:
    wishes = case.sources(tmp_path, **example.source)["it"].wishes
    told = {fact.partition(":")[0] for fact in vendor_of(case).tells(wishes)}
    assert {event["type"] for event in example.events} <= told


@pytest.mark.parametrize(("case", "example"), EXAMPLES)
def test_what_the_data_of_an_example_say_the_vendor_says_it_can_tell(
    case: Case, example: Example, tmp_path: Path
) -> None:
    told = vendor_of(case).tells(case.sources(tmp_path, **example.source)["it"].wishes)
    said = {fact for event in example.events for fact in facts_of(event)}
    assert said <= told


def facts_of(event: Mapping[str, Any]) -> list[str]:
    data = event.get("data") or {}
    words = [data[name] for name in ("bounce", "outcome", "sentiment") if name in data]
    words += [name for name in ("duration", "key_answers") if name in data]
    # An outcome that is none proves nothing.
    return [f"{event['type']}:{word}" for word in words if word != "none"]


def test_every_fact_that_a_vendor_can_tell_has_a_name(case: Case, tmp_path: Path) -> None:
    source = case.sources(tmp_path)["it"]
    assert source.tells() | with_every_tag(source) | with_every_stage(source) <= set(WORDS)


async def test_while_a_secret_is_rotated_both_are_right(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        for which in ("second", "first"):
            request = case.sign(case.sample(case.one_event), which, now())
            assert is_taken(case, (await send(it, request)).status_code)
        assert len(it.kafka.events()) == 2


def unproved(case: Case) -> list[Request]:
    """Requests that must not be taken, whatever they hold."""
    plain = case.sample(case.one_event)
    right = case.sign(plain, "first", now())
    added = {k: v for k, v in right.headers.items() if plain.headers.get(k) != v}
    # The kind of content proves nothing, and is not asked.
    added.pop("content-type", None)
    wrong = [plain, case.sign(plain, "wrong", now())]
    wrong += [right._replace(headers={**right.headers, name: each}) for name in added
              for each in ("x", "")]  # fmt: skip
    wrong += [
        right._replace(headers={k: v for k, v in right.headers.items() if k != gone})
        for gone in added
    ]
    if right.path != plain.path:
        secret, *kind = right.path[1:].split("/")
        longer = "/".join(["", f"{secret}x", *kind])
        wrong += [right._replace(path=path) for path in ("", "/x", longer)]
    if case.covers in {"body", "value"}:
        other = case.sample(case.batch or case.strange).body
        wrong += [right._replace(body=body) for body in (other, b"", b"{}", b"[]")]
    if case.covers == "body":
        wrong.append(right._replace(body=right.body + b" "))
    if case.covers == "fields":
        told = json.loads(right.body)
        changes = [{name: each + "x"} for name, each in told.items()]
        changes += [{name: None} for name in told]
        wrong += [right._replace(body=json.dumps(told | each).encode()) for each in changes]
    if case.covers in {"body", "url"} and case.horizon is None and right.query:
        wrong.append(right._replace(query=f"{right.query}&more=1"))
    if case.horizon is not None:
        for moment in (now() - case.horizon - 60, now() + 2 * case.horizon + 7200):
            wrong.append(case.sign(plain, "first", moment))
    return wrong


async def test_nothing_unproved_is_taken(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        for request in unproved(case):
            response = await send(it, request)
            assert response.status_code == vendor_of(case).retries.refused
            assert it.kafka.records == []


async def test_a_source_that_is_unknown_looks_like_a_wrong_signature(
    case: Case, tmp_path: Path
) -> None:
    async with endpoint(case, tmp_path) as it:
        wrong = await send(it, case.sign(case.sample(case.one_event), "wrong", now()))
        right = proved(case, case.one_event)._replace(path="", method="POST")
        for path in ("nobody", "%FF", "it/a/b/c", ""):
            unknown = await send(it, right, path)
            # Save for a vendor to which a 401 is final: there the right secret may still be set.
            if vendor_of(case).retries.refused == 401:
                assert unknown.content == wrong.content
            assert unknown.json()["detail"] == wrong.json()["detail"]
            assert unknown.status_code == 401
        assert it.kafka.records == []


async def test_a_late_retry_counts(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        # Where a proof has no time, a retry is the same request again.
        moment = now() - (case.horizon or 0) + 60
        late = case.sign(case.sample(case.one_event), "first", moment)
        assert is_taken(case, (await send(it, late)).status_code)
        assert len(it.kafka.events()) == 1


async def test_the_same_bytes_after_a_failure_count(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        request = proved(case, case.one_event)
        it.kafka.away = True
        failed = await send(it, request)
        assert failed.status_code == vendor_of(case).retries.away
        assert int(failed.headers["retry-after"]) > 0
        it.kafka.away = False
        assert is_taken(case, (await send(it, request)).status_code)
        assert len(it.kafka.events()) == 1


@pytest.mark.parametrize(("case", "example"), EXAMPLES)
async def test_while_redis_is_away_it_does_what_the_vendors_data_say(
    case: Case, example: Example, tmp_path: Path
) -> None:
    """Taken; or to come again if a token may be used once; or kept, if that comes only once."""
    vendor = vendor_of(case)
    async with endpoint(case, tmp_path, **example.source) as it:
        request = case.sign(example.request, "first", now())
        it.tokens.away = True
        response = await send(it, request)
        if not vendor.needs_redis:
            assert is_taken(case, response.status_code)
            assert len(it.kafka.events()) == len(example.events)
            assert len(letters(it)) == example.not_understood
            return
        if vendor.once(delivery_of(request)):
            assert is_taken(case, response.status_code)
            assert it.kafka.events() == []
            assert [letter.reason for letter in letters(it)] == [
                "its token could not be looked up, since Redis was away"
            ]
            return
        assert response.status_code == vendor.retries.away
        assert it.kafka.records == []
        it.tokens.away = False
        assert is_taken(case, (await send(it, request)).status_code)
        assert len(it.kafka.events()) == len(example.events)


def delivery_of(request: Request) -> Delivery:
    return Delivery(request.method, {}, request.query.encode(), request.body, now())


async def test_what_redis_cannot_remember_is_no_success(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        request = proved(case, case.one_event)
        it.tokens.forgetful = True
        failed = await send(it, request)
        if not vendor_of(case).needs_redis:
            assert is_taken(case, failed.status_code)
            return
        assert failed.status_code == vendor_of(case).retries.away
        it.tokens.forgetful = False
        assert is_taken(case, (await send(it, request)).status_code)
        # Kafka has both; they are one event.
        assert len({event.id for event in it.kafka.events()}) == 1


def test_every_fate_while_redis_is_away_is_some_vendors() -> None:
    """Else nothing above would have tested it."""
    fates = {
        (vendor_of(case).needs_redis, vendor_of(case).once(delivery_of(example.request)))
        for case in CASES
        for example in case.examples.values()
    }
    assert fates == {(False, False), (True, False), (True, True)}


async def test_a_defect_of_ours_is_what_the_vendor_tries_again(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect(*_: object) -> None:
        raise RuntimeError

    async with endpoint(case, tmp_path) as it:
        monkeypatch.setattr(it.gateway.packer, "take", defect)
        failed = await send(it, proved(case, case.one_event))
        assert failed.status_code == vendor_of(case).retries.away


async def test_a_redelivery_has_the_same_ids_and_is_a_success(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        for moment in (now() - 30, now()):
            for name, example in case.examples.items():
                request = case.sign(case.sample(name), "first", moment)
                if example.source:
                    continue
                assert is_taken(case, (await send(it, request)).status_code)
        ids = [(event.id, event.type, event.subject) for event in it.kafka.events()]
        half = len(ids) // 2
        assert half > 0
        assert ids[:half] == ids[half:]
        assert len(set(ids)) == half


async def test_a_batch_is_one_record_of_its_campaign(case: Case, tmp_path: Path) -> None:
    if case.batch is None:
        return  # It sends one event a request.
    async with endpoint(case, tmp_path) as it:
        assert is_taken(case, (await send(it, proved(case, case.batch))).status_code)
        assert len(it.kafka.touchpoints()) == 1
        assert len(it.kafka.events()) == len(case.examples[case.batch].events) > 1


async def test_what_is_not_understood_is_kept_sealed_and_is_a_success(
    case: Case, tmp_path: Path
) -> None:
    async with endpoint(case, tmp_path) as it:
        request = proved(case, case.strange)
        for _ in range(2):
            assert is_taken(case, (await send(it, request)).status_code)
            if not case.retries_as_is:
                request = proved(case, case.strange)
        assert it.kafka.events() == []
        first, again = letters(it)
        assert first.value
        assert (first.topic, first.source) == ("webhooks", "it")
        assert first.reason
        assert it.kafka.letters()[0].key == it.kafka.letters()[1].key, "shown once"
        assert (first.offset, first.position) == (again.offset, again.position)


BROKEN_JSON: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "truncated": lambda body: body[: len(body) // 2],
    "garbled": lambda body: body[:20] + b"\x00\xff\xfe" + body[20:],
    "empty": lambda _: b"",
    "nested deeply": lambda _: b"[" * 100_000,
    "nested deeply within": lambda body: body[:-1] + b"," + b"[" * 50_000 + b"]" * 50_000 + b"]",
    "in another charset": lambda body: body.replace(b"prospect", b"p\xe9rospect", 1),
    "in utf-16": lambda body: body.decode().encode("utf-16"),
    "a number": lambda _: b"7",
    "a list of numbers": lambda _: b"[1,2,3]",
    "an empty object": lambda _: b"{}",
    "a form": lambda _: b"a=1&b=2",
}
BROKEN_FORM: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "garbled": lambda body: body[:20] + b"\x00\xff\xfe" + body[20:],
    "empty": lambda _: b"",
    "in another charset": lambda body: body + b"&Note=%E9t%E9",
    "in utf-16": lambda body: body.decode().encode("utf-16"),
    "of very many fields": lambda _: b"&".join(b"f%d=1" % number for number in range(5_000)),
    "json": lambda _: b'{"a": 1}',
}


def broken_bodies(case: Case) -> list[tuple[str, Request]]:
    sample = case.sample(case.one_event)
    if not sample.body:
        return []
    table = BROKEN_JSON if sample.body.lstrip()[:1] in b"[{" else BROKEN_FORM
    made = [(how, sample._replace(body=spoil(sample.body))) for how, spoil in table.items()]
    return [(how, request) for how, request in made if request.body != sample.body]


BROKEN: Final = [
    pytest.param(case, request, id=f"{case.vendor}-{how}")
    for case in CASES
    for how, request in broken_bodies(case)
]


@pytest.mark.parametrize(("case", "request_"), BROKEN)
async def test_a_broken_body_that_is_authentic_is_kept(
    case: Case, request_: Request, tmp_path: Path
) -> None:
    async with endpoint(case, tmp_path) as it:
        if case.in_body:
            # Its proof is in what is broken: nothing can be believed.
            assert (await send(it, request_)).status_code == vendor_of(case).retries.refused
            assert it.kafka.records == []
            return
        assert is_taken(case, (await send(it, case.sign(request_, "first", now()))).status_code)
        assert letters(it)
        wrong = await send(it, case.sign(request_, "wrong", now()))
        assert wrong.status_code == vendor_of(case).retries.refused


HALVES: Final = [
    pytest.param(case, id=case.vendor)
    for case in CASES
    if case.sample(case.one_event).body.lstrip()[:1] in {b"[", b"{"}
]


@pytest.mark.parametrize("case", HALVES)
async def test_half_of_a_character_hides_neither_the_proof_nor_the_rest(
    case: Case, tmp_path: Path
) -> None:
    """Vendors cut texts, and an emoji in two."""
    sample = case.sample(case.one_event)
    halved = sample._replace(body=sample.body.replace(b"{", b'{"cut": "Merci \\ud83d", ', 1))
    async with endpoint(case, tmp_path) as it:
        wrong = await send(it, case.sign(halved, "wrong", now()))
        assert wrong.status_code == vendor_of(case).retries.refused
        assert is_taken(case, (await send(it, case.sign(halved, "first", now()))).status_code)
        assert len(it.kafka.events()) == 1
        assert letters(it) == []


@pytest.mark.parametrize("case", HALVES)
async def test_of_what_is_kept_half_of_a_character_loses_nothing_else(
    case: Case, tmp_path: Path
) -> None:
    sample = case.sample(case.strange)
    if sample.body.lstrip()[:1] not in {b"[", b"{"}:
        return
    halved = sample._replace(body=sample.body.replace(b"{", b'{"cut": "Merci \\ud83d", ', 1))
    async with endpoint(case, tmp_path) as it:
        assert is_taken(case, (await send(it, case.sign(halved, "first", now()))).status_code)
        (letter,) = letters(it)
        assert b"Merci" in (letter.value or b"")


async def test_a_huge_body_is_413(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        sample = case.sample(case.one_event)
        spaces = b" " * 1_048_577
        huge = case.sign(sample._replace(body=sample.body + spaces), "first", now())
        if case.in_body:
            huge = huge._replace(body=huge.body + spaces)
        assert (await send(it, huge)).status_code == 413
        assert it.kafka.records == []


async def test_nothing_personal_leaves_in_the_clear(
    case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="streamer")
    personal = [each.encode() for each in case.personal]
    samples = [case.sample(name) for name in {case.one_event, case.batch or case.strange}]
    samples += [case.sample(case.strange), broken(case)]
    async with endpoint(case, tmp_path) as it:
        for sample in samples:
            told = sample.body + sample.query.encode()
            assert not personal or any(each in told for each in personal)
            for which in ("first", "wrong"):
                await send(it, case.sign(sample, which, now()))
        assert len(it.kafka.records) >= 2
        for record in it.kafka.records:
            for each in personal:
                assert each not in (record.key or b"") + record.value
        for each in personal:
            assert each.decode() not in caplog.text
            assert each not in it.gateway.metrics.render()


def broken(case: Case) -> Request:
    """A sample whose body, if it has any, is cut."""
    sample = case.sample(case.one_event)
    return sample._replace(body=sample.body[:-1])


async def test_requests_and_events_are_counted_by_source_and_outcome(
    case: Case, tmp_path: Path
) -> None:
    async with endpoint(case, tmp_path) as it:
        await send(it, proved(case, case.one_event))
        await send(it, proved(case, case.strange))
        await send(it, case.sign(case.sample(case.one_event), "wrong", now()))
        await send(it, case.sample(case.one_event)._replace(method="POST"), "nobody")
        shown = it.gateway.metrics.render().decode()
    for line in (
        'streamer_webhook_requests_total{outcome="taken",source="it"} 2.0',
        'streamer_webhook_requests_total{outcome="refused",source="it"} 1.0',
        'streamer_webhook_requests_total{outcome="refused",source="unknown"} 1.0',
        'streamer_webhook_events_total{outcome="taken",source="it"} 1.0',
        'streamer_webhook_events_total{outcome="dead_lettered",source="it"} 1.0',
    ):
        assert line in shown
    assert "nobody" not in shown


async def test_other_methods_are_405(case: Case, tmp_path: Path) -> None:
    async with endpoint(case, tmp_path) as it:
        for method in {"GET", "POST", "PUT", "DELETE"} - vendor_of(case).methods:
            request = proved(case, case.one_event)._replace(method=method)
            assert (await send(it, request)).status_code == 405
        assert it.kafka.records == []


@given(body=st.binary(max_size=300), data=st.data())
@hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
async def test_random_bytes_are_never_a_500_nor_a_success_unproved(
    case: Case, tmp_path: Path, body: bytes, data: st.DataObject
) -> None:
    sample = case.sample(data.draw(st.sampled_from(sorted(case.examples))))
    cut = data.draw(st.integers(0, len(sample.body)))
    async with endpoint(case, tmp_path) as it:
        for raw in (body, sample.body[:cut] + body + sample.body[cut:]):
            request = sample._replace(body=raw)
            refused = await send(it, case.sign(request, "wrong", now()))
            assert refused.status_code == vendor_of(case).retries.refused
            assert it.kafka.records == []
            answer = await send(it, case.sign(request, "first", now()))
            # What was spoiled may be where the proof belongs, or what it is made of.
            assert case.in_body or is_taken(case, answer.status_code)
            assert answer.status_code < 500
            it.kafka.records.clear()
