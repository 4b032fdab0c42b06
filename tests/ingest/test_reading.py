"""A request is taken whole or refused with every reason; what is taken the worker takes too."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.errors import Malformed, TooLarge
from streamer.events import TYPES, Event, check, decode_record
from streamer.ingest import reading
from streamer.ingest.problems import Refused
from streamer.ingest.reading import RECORD_BYTES, Fragment, judge, read_events, rfc3339
from tests.ingest.support import event

LIMIT = 524_288
VECTOR = json.loads(
    (Path(__file__).parents[1] / "vectors" / "19-taken-and-rejected.json").read_bytes()
)


def read(value: object, shape: reading.Shape = "either") -> list[Fragment]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_events(body, shape, LIMIT)


def stored(fragments: list[Fragment]) -> list[Event]:
    found = []
    for fragment in fragments:
        batch = decode_record(fragment.key, b"[" + fragment.body + b"]")
        assert batch.rejected == []
        assert len(batch.events) + batch.unknown == fragment.events
        found += batch.events
    return found


def test_the_worked_case_is_refused_for_exactly_its_rejected_events() -> None:
    with pytest.raises(Refused) as caught:
        read(VECTOR["events"])
    assert sorted({error.index for error in caught.value.errors}) == VECTOR["rejected"]


def test_the_worked_case_without_its_rejected_events_is_taken_whole() -> None:
    good = [each for at, each in enumerate(VECTOR["events"]) if at not in VECTOR["rejected"]]
    fragments = read(good)
    assert sum(fragment.events for fragment in fragments) == len(good)
    assert len(stored(fragments)) == len(good) - len(VECTOR["unknown"])


def test_events_of_our_own_are_judged_as_all_others_are() -> None:
    named = [each for each in VECTOR["events"] if isinstance(each.get("campaign"), str)]
    encoded = [(each["campaign"], json.dumps(each).encode()) for each in named]
    with pytest.raises(Refused) as expected:
        read(named)
    with pytest.raises(Refused) as caught:
        judge(encoded, LIMIT)
    assert caught.value.errors == expected.value.errors
    refused = {error.index for error in expected.value.errors}
    good = [each for at, each in enumerate(encoded) if at not in refused]
    assert judge(good, LIMIT) == read(b"[" + b",".join(raw for _, raw in good) + b"]")


def test_an_event_of_our_own_goes_to_no_other_campaign_than_its_own() -> None:
    raw = json.dumps(event(campaign="a")).encode()
    assert [fragment.key for fragment in judge([("b", raw)], LIMIT)] == [b"a"]


def test_every_reason_is_given_with_the_place_and_the_id() -> None:
    with pytest.raises(Refused) as caught:
        read([event(), event(id="x", time="yesterday", campaign=""), 7])
    told = [(error.index, error.id, error.field) for error in caught.value.errors]
    assert told == [(1, "x", "campaign"), (1, "x", "time"), (2, None, "")]


def test_base64_data_is_refused() -> None:
    for given_event in (event(data_base64="e30="), event(data_base64="")):
        with pytest.raises(Refused) as caught:
            read(given_event)
        assert [error.field for error in caught.value.errors] == ["data_base64"]


def test_events_of_a_campaign_stand_together_as_they_came() -> None:
    body = b'[{"a":1.50, %s},{ %s },{%s}]' % tuple(
        json.dumps(event(id=str(n), campaign=campaign))[1:-1].encode()
        for n, campaign in enumerate(["b", "a", "b"])
    )
    fragments = read(body)
    assert [(f.key, f.events) for f in fragments] == [(b"b", 2), (b"a", 1)]
    assert b'"a":1.50' in fragments[0].body


def test_shapes_are_promises() -> None:
    assert read([], "batch") == []
    assert read([], "either") == []
    with pytest.raises(Malformed, match="array"):
        read(event(), "batch")
    with pytest.raises(Malformed, match="not an array"):
        read([event()], "one")
    with pytest.raises(Refused):
        read("text", "either")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b"\xff",
        b"\xef\xbb\xbf[]",
        b"[NaN]",
        b"nul",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        json.dumps(event()).encode("utf-16"),
    ],
)
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_a_deep_field_is_refused_or_taken_and_never_a_crash() -> None:
    for depth in (10, 500, 900, 990, 1_500, 20_000):
        deep = json.dumps(event())[:-1] + ',"data":{"x":' + "[" * depth + "]" * depth + "}}"
        try:
            stored(read(deep.encode()))
        except Malformed:
            assert depth > 10


def test_a_number_beyond_all_bounds_in_an_optional_field_does_no_harm() -> None:
    for number in (b"1e999", b"-1e999", b"1" + b"0" * 5_000):
        body = json.dumps(event(type="phone.made")).encode()[:-1] + b',"data":{"duration":%s}}'
        (found,) = stored(read(body % number))
        assert found.id == "1"


def test_an_event_above_its_limit_is_too_large_and_at_it_is_not() -> None:
    body = json.dumps(event(data={"x": ""})).encode()
    room = LIMIT - len(body)
    assert stored(read(body.replace(b'"x": ""', b'"x": "%s"' % (b"a" * room))))
    with pytest.raises(TooLarge):
        read(body.replace(b'"x": ""', b'"x": "%s"' % (b"a" * (room + 1))))


def test_a_campaign_above_a_record_is_cut_between_events() -> None:
    fragments = read([event(id=str(n), data={"x": "y" * 50_000}) for n in range(30)])
    assert len(fragments) == 3
    assert all(len(fragment.body) <= RECORD_BYTES for fragment in fragments)
    assert len(stored(fragments)) == 30


def test_the_last_of_two_equal_keys_stands_everywhere() -> None:
    body = json.dumps(event(campaign="x")).encode()[:-1] + b',"campaign":"y"}'
    (found,) = stored(read(body))
    assert found.campaign == "y"


def test_escaped_text_is_as_good_as_plain() -> None:
    (found,) = stored(read(json.dumps(event(campaign="é\U0001f600")).encode()))
    assert found.campaign == "é\U0001f600"
    with pytest.raises(Refused):
        read(json.dumps(event(subject="\ud800")).encode())


texts = st.one_of(st.just(""), st.sampled_from(["c", "é", "\U0001f600", "\ud800"]), st.text())
values: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), texts, st.just([])
)
changes = st.dictionaries(
    st.sampled_from([*event(), "data", "data_base64", "other", "_kind", "_at"]),
    st.one_of(values, st.dictionaries(texts, values, max_size=3), st.sampled_from(sorted(TYPES))),
    max_size=3,
)
candidates = st.one_of(changes.map(lambda each: event() | each), values)


def is_sound(candidate: Any) -> bool:
    return isinstance(check(candidate), Event) and candidate.get("data_base64") is None


@given(st.lists(candidates, max_size=4))
def test_a_request_is_taken_exactly_when_every_event_is_sound(given_events: list[Any]) -> None:
    unsound = {at for at, each in enumerate(given_events) if not is_sound(each)}
    if unsound:
        with pytest.raises(Refused) as caught:
            read(given_events, "batch")
        assert {error.index for error in caught.value.errors} == unsound
    else:
        found = stored(read(given_events, "batch"))
        assert len(found) == sum(each["type"] in TYPES for each in given_events)


@given(st.binary(max_size=200))
def test_whatever_the_bytes_the_answer_is_a_declared_one(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        stored(read(body))


@given(st.floats(-60_000_000_000, 250_000_000_000) | st.integers(-(10**14), 10**14).map(float))
def test_a_moment_is_written_as_the_standard_library_does(seconds: float) -> None:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except ValueError:
        with pytest.raises(ValueError, match=r"moment|year"):
            rfc3339(seconds)
    else:
        assert rfc3339(seconds) == moment.isoformat().replace("+00:00", "Z")
