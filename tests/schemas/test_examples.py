"""Schemas and code say the same of every example, and of events made at random."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.events import TYPES, Event, check
from tests.schemas.folder import examples, label, read, refused, validator


@pytest.mark.parametrize("path", examples(), ids=label)
def test_an_example_is_valid_and_taken(path: Path) -> None:
    event = read(path)
    assert event["type"] == path.parent.name
    assert list(validator(path.parent.name).iter_errors(event)) == []
    assert list(validator("event").iter_errors(event)) == []
    assert isinstance(check(event), Event)


@pytest.mark.parametrize("path", refused(), ids=label)
def test_a_refused_example_is_refused_for_its_field(path: Path) -> None:
    case = read(path)
    found = check(case["event"])
    assert isinstance(found, tuple)
    assert [problem.field for problem in found] == [case["field"]]


@pytest.mark.parametrize("path", refused(), ids=label)
def test_a_schema_refuses_what_it_can_and_the_rest_is_marked(path: Path) -> None:
    case = read(path)
    assert validator("event").is_valid(case["event"]) == (case["refused_by"] == "check")


WORDS = st.sampled_from(
    ["hard", "soft", "email", "phone", "fax", "", "1e3", "12.5", "-0.1", "1" * 13, "p-8"]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**13), 10**13),
    st.floats(allow_nan=False, allow_infinity=False),
    WORDS,
    st.lists(WORDS, max_size=2),
    st.dictionaries(WORDS, WORDS, max_size=1),
)
DATA = st.dictionaries(
    st.sampled_from(
        ["bounce", "channel", "identities", "amount", "currency", "sentiment", "outcome", "planned"]
    ),
    VALUES,
    max_size=3,
)
TIMES = st.sampled_from(
    [
        "2026-03-02T10:30:00Z",
        "2026-03-02t23:59:60.1234567-00:00",
        "2026-03-02T10:30:00",
        "now",
        "",
        7,
    ]
)
ENVELOPES = st.fixed_dictionaries(
    {
        "specversion": st.just("1.0"),
        "id": st.just("e1"),
        "source": st.just("/s"),
        "type": st.sampled_from([*TYPES, "fax.sent"]),
        "time": TIMES,
        "campaign": st.sampled_from(["c", "c", "c", "", None]),
    },
    optional={
        "subject": st.sampled_from(["p-8", "", None, 7]),
        "message": st.sampled_from(["m-1", "", None, 7]),
        "data": st.one_of(DATA, st.just([]), st.none()),
    },
)


@given(ENVELOPES)
def test_schema_and_code_agree_on_any_event(event: dict[str, Any]) -> None:
    taken = isinstance(check(event), Event)
    assert validator("event").is_valid(event) == taken
