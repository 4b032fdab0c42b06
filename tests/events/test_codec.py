"""Records of the topic: all readings agree, and nothing is lost between them."""

import json
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.errors import UnreadableRecord
from streamer.events import TYPES, Batch, codec, decode_record, encode_batch, split_record
from streamer.events.check import LEVELS

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
name = st.sampled_from(["", "p1", "é", None, 7])
payload = st.fixed_dictionaries(
    {},
    optional={
        "bounce": st.sampled_from(["hard", "soft", "none", 1]),
        "channel": st.sampled_from(["sms", "fax", None]),
        "identities": st.sampled_from([["p2"], [], [""], "p2"]),
        "amount": st.sampled_from(["1.5", 2, "x", 1e30, True]),
        "_kind": anything,
        "else": anything,
    },
)
candidates = st.fixed_dictionaries(
    {
        "specversion": st.sampled_from(["1.0", "1.0", "1.0", "0.3"]),
        "id": st.sampled_from(["e1", "e2", "e3", ""]),
        "source": st.just("/s"),
        "type": st.sampled_from([*TYPES, "fax.sent", "email.sent"]),
        "time": st.sampled_from(["2026-03-02T10:00:00Z", "2026-03-02T10:00:60.5+01:00", "now"]),
        "campaign": st.sampled_from(["c", "c", "c", "d"]),
    },
    optional={
        "subject": name,
        "message": name,
        "data": payload | st.sampled_from([None, [], "x"]),
        "_kind": anything,
        "_at": anything,
        "extension": anything,
    },
)


def gist(batch: Batch) -> tuple[object, ...]:
    return (
        batch.events,
        batch.unknown,
        [(r.position, r.problems, json.loads(r.raw)) for r in batch.rejected],
    )


@given(st.lists(candidates, max_size=4))
def test_all_readings_agree_with_the_exact_one(events: list[dict[str, Any]]) -> None:
    value = json.dumps(events, ensure_ascii=False).encode(errors="replace")
    quick = decode_record(b"c", value)
    with patch.object(codec, "_read_fast", return_value=None):
        each = decode_record(b"c", value)
        with patch.object(codec, "_read_each", return_value=None):
            exact = decode_record(b"c", value)
    assert gist(quick) == gist(each) == gist(exact)


@given(st.binary(max_size=40), st.binary(max_size=4))
def test_any_bytes_are_a_batch_or_unreadable(value: bytes, key: bytes) -> None:
    with suppress(UnreadableRecord):
        decode_record(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [(None, b"[]"), (b"", b"[]"), (b"\xff", b"[]"), (b"c", None), (b"c", b"5"), (b"c", b"[")],
)
def test_what_cannot_be_read_at_all_says_why(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(UnreadableRecord, match=r"^its? "):
        decode_record(key, value)


def test_one_object_is_a_batch_of_one() -> None:
    event = {
        "specversion": "1.0",
        "id": "e",
        "source": "/s",
        "type": "customer.won",
        "time": "2026-03-02T10:00:00Z",
        "campaign": "c",
        "subject": "p",
    }
    assert decode_record(b"c", encode_batch([event])[1:-1]) == decode_record(
        b"c", encode_batch([event])
    )


@given(events=st.lists(candidates | anything, max_size=4), escaped=st.booleans())
def test_events_judged_alone_are_judged_as_in_their_record(
    events: list[Any], *, escaped: bool
) -> None:
    value = json.dumps(events, ensure_ascii=escaped).encode(errors="surrogatepass")
    with suppress(UnreadableRecord):
        whole = decode_record(b"c", value)
        alone = [decode_record(b"c", b"[%b]" % raw) for raw in split_record(value)]
        assert len(alone) == len(events)
        assert sum(len(each.rejected) for each in alone) == len(whole.rejected)
        assert [event for each in alone for event in each.events] == whole.events


@pytest.mark.parametrize("value", [b"", b"7", b"{},{}", b"[{}", b'"x"'])
def test_what_is_no_record_is_not_split(value: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        split_record(value)


def test_a_record_is_split_into_its_bytes() -> None:
    assert split_record(b'[ {"a": 1.50} , 2]') == [b'{"a": 1.50}', b"2"]
    assert split_record(b' {"a":1e999} ') == [b'{"a":1e999}']
    assert split_record(b'[{"a": "\\ud800"}]') == [b'{"a": "\\ud800"}']


def test_an_event_of_another_campaign_is_rejected_at_its_position() -> None:
    event = {"specversion": "1.0", "id": "e", "source": "/s", "type": "x", "campaign": "d"}
    batch = decode_record(b"c", encode_batch([{**event, "time": "2026-03-02T10:00:00Z"}]))
    assert [(r.position, r.problems[0].field) for r in batch.rejected] == [(0, "campaign")]


def test_a_surrogate_hidden_in_a_field_that_nobody_reads_is_rejected() -> None:
    value = (
        b'[{"specversion":"1.0","id":"e","source":"/s","type":"email.sent","campaign":"c",'
        b'"time":"2026-03-02T10:00:00Z","message":"m","note":"\\ud800"}]'
    )
    assert [r.problems[0].field for r in decode_record(b"c", value).rejected] == ["note"]


def nested(levels: int, kind: str, **more: str) -> bytes:
    """A sound event of so many levels, its own included."""
    whole = {
        "specversion": "1.0",
        "id": "e",
        "source": "/s",
        "type": kind,
        "time": "2026-03-02T10:00:00Z",
        "campaign": "c",
        "message": "m",
        **more,
        "x": "@",
    }
    return json.dumps(whole).replace('"@"', "[" * (levels - 1) + "]" * (levels - 1)).encode()


@pytest.mark.parametrize("kind", ["email.sent", "campaign.planned", "fax.sent"])
@pytest.mark.parametrize("escaped", [{}, {"note": "é"}])
def test_deep_nesting_is_taken_up_to_a_bound_that_no_stack_moves(
    kind: str, escaped: dict[str, str]
) -> None:
    good = nested(2, "email.sent", id="good")
    for levels, rejected in ((LEVELS, 0), (LEVELS + 1, 1), (700, 1)):
        value = b"[" + good + b"," + nested(levels, kind, **escaped) + b"," + good + b"]"
        batch = decode_record(b"c", value)
        assert len(batch.rejected) == rejected
        assert [event.id for event in batch.events if event.id == "good"] == ["good"] * 2
    for problem in batch.rejected[0].problems:
        assert "nested deeper" in problem.reason


def test_brackets_within_texts_are_no_nesting() -> None:
    value = b"[" + nested(3, "email.sent", note="[{" * 2_000 + '\\"') + b"]"
    assert len(decode_record(b"c", value).events) == 1


@pytest.mark.parametrize("escaped", ["", "\\u0069"])
def test_a_number_of_many_digits_is_read_alike_however_the_event_is_written(escaped: str) -> None:
    value = (
        b'[{"specversion":"1.0","id":"i%s","source":"/s","type":"campaign.planned","campaign":"c",'
        b'"time":"2026-03-02T10:00:00Z","data":{"a":1%s}}]' % (escaped.encode(), b"0" * 4_299)
    )
    (event,) = decode_record(b"c", value).events
    assert isinstance((event.data or {})["a"], int)
