"""What is taken and what is rejected, event by event."""

from typing import Any

import pytest

from streamer.events import Event, Problem, check, loads
from streamer.events.fields import amount, whole

SENT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/sources/demo",
    "type": "email.sent",
    "time": "2026-03-02T10:00:00Z",
    "campaign": "c",
    "subject": "p1",
    "message": "m1",
}


def fields_at_fault(candidate: object) -> list[str]:
    found = check(candidate)
    assert isinstance(found, tuple)
    return [problem.field for problem in found]


def test_a_sound_event_is_taken_with_its_second() -> None:
    found = check(SENT)
    assert isinstance(found, Event)
    assert found.at == 1_772_445_600
    assert found.kind is not None
    assert found.kind.channel == "email"


def test_empty_names_are_absent() -> None:
    found = check({**SENT, "subject": "", "data": None})
    assert isinstance(found, Event)
    assert found.subject is None


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"specversion": "0.3"}, ["specversion"]),
        ({"id": ""}, ["id"]),
        ({"source": None}, ["source"]),
        ({"type": 7}, ["type"]),
        ({"campaign": ["c"]}, ["campaign"]),
        ({"time": "2026-03-02T10:00:00"}, ["time"]),
        ({"time": 1772445600}, ["time"]),
        ({"subject": 7}, ["subject"]),
        ({"message": {}}, ["message"]),
        ({"message": None}, ["message"]),
        ({"data": []}, ["data"]),
        ({"id": "", "time": ""}, ["id", "time"]),
        ({"note": "\ud800"}, ["note"]),
        ({"data": {"a": ["\udfff"]}}, ["data"]),
        ({"type": "email.bounced"}, ["data.bounce"]),
        ({"type": "email.bounced", "data": {"bounce": ["hard"]}}, ["data.bounce"]),
        ({"type": "email.replied", "subject": None, "message": ""}, ["subject"]),
        ({"type": "meeting.booked", "subject": None}, ["subject"]),
        ({"type": "meeting.booked", "subject": None, "data": {"channel": "fax"}}, ["subject"]),
        ({"type": "customer.won", "subject": ""}, ["subject"]),
        ({"type": "prospect.linked"}, ["data.identities"]),
        ({"type": "prospect.linked", "data": {"identities": [""]}}, ["data.identities"]),
        ({"type": "cost.incurred", "data": {"amount": "1e3"}}, ["data.amount"]),
        ({"type": "cost.incurred", "data": {"amount": True}}, ["data.amount"]),
    ],
)
def test_every_fault_is_named(change: dict[str, Any], fields: list[str]) -> None:
    assert fields_at_fault({**SENT, **change}) == fields


@pytest.mark.parametrize("candidate", [None, 1, "x", [SENT]])
def test_only_objects_are_events(candidate: object) -> None:
    assert check(candidate) == (Problem("", "an event is a JSON object"),)


def test_an_unknown_type_in_a_sound_envelope_is_unknown_not_rejected() -> None:
    found = check({**SENT, "type": "phone.replied", "message": None})
    assert isinstance(found, Event)
    assert found.kind is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0, 0),
        (2.9, 2),
        (-0.0, 0),
        (2_147_483_647.9, 2_147_483_647),
        (2_147_483_648, None),
        (-0.5, None),
        (True, None),
        ("7", None),
        (float("inf"), None),
    ],
)
def test_whole_numbers_are_cut_and_bounded(value: object, read: int | None) -> None:
    assert whole(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("+1.5", "1.500000"),
        (-15, "-15.000000"),
        (0.1, "0.100000"),
        ("90.0000005", "90.000000"),
        ("90.0000015", "90.000002"),
        ("1000000000000", "1000000000000.000000"),
        ("1000000000000.0000001", None),
        ("-0", "0.000000"),
        (".5", None),
        ("5.", None),
        ("\u0661", None),
        (" 5", None),
        (1e13, None),
    ],
)
def test_amounts_are_rounded_half_even_and_bounded_as_written(
    value: object, read: str | None
) -> None:
    found = amount(value)
    assert (None if found is None else str(found)) == read


@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b"\xff", b"{", b"[" * 100_000])
def test_what_is_not_strict_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        loads(raw)


def test_numbers_of_any_length_are_json() -> None:
    assert loads(b"1" * 5_000) == float("inf")
