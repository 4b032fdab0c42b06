"""Reading of RFC 3339 by the counting rules."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.events.times import parse_seconds, parse_time

NOON = 1_772_452_800  # 2026-03-02T12:00:00Z


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-03-02T12:00:00Z", NOON * 1_000_000),
        ("2026-03-02t12:00:00z", NOON * 1_000_000),
        ("2026-03-02T13:00:00+01:00", NOON * 1_000_000),
        ("2026-03-02T06:30:00-05:30", NOON * 1_000_000),
        ("2026-03-02T11:59:60Z", NOON * 1_000_000),
        ("2026-03-02T12:00:00.5Z", NOON * 1_000_000 + 500_000),
        ("2026-03-02T12:00:00.9999999Z", NOON * 1_000_000 + 999_999),
        ("2000-01-01T00:00:00Z", 946_684_800 * 1_000_000),
        ("1999-12-31T23:30:00-00:30", 946_684_800 * 1_000_000),
        ("2100-01-01T00:59:59+01:00", 4_102_444_799 * 1_000_000),
    ],
)
def test_moments_are_read_to_the_microsecond_and_cut(text: str, micros: int) -> None:
    assert parse_time(text) == micros
    assert parse_seconds(text) == micros // 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02",
        "2026-03-02 12:00:00Z",
        "2026-03-02T12:00:00",
        "2026-03-02T12:00Z",
        "2026-03-02T12:00:00.Z",
        "2026-03-02T12:00:61Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T12:60:00Z",
        "2026-02-29T12:00:00Z",
        "2026-13-02T12:00:00Z",
        "2026-03-02T12:00:00+24:00",
        "2026-03-02T12:00:00+01:60",
        "2026-03-02T12:00:00+0100",
        "2026-03-02T12:00:00Z\n",
        "٢٠٢٦-03-02T12:00:00Z",
        "1999-12-31T23:59:59Z",
        "2099-12-31T23:59:60Z",
        "2100-01-01T00:00:00Z",
    ],
)
def test_what_is_no_moment_of_this_century_is_refused(text: str) -> None:
    assert parse_time(text) is None
    assert parse_seconds(text) == -1


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - offsets follow
    st.sampled_from(
        ["Z", "z", "+02:00", "-11:45", ".25Z", ".0z", ".75Z", ".9+01:00", ".999999999-00:30"]
    ),
)
def test_the_fast_reading_of_recurring_halves_agrees_with_the_exact_one(
    moment: datetime, tail: str
) -> None:
    text = moment.replace(microsecond=0).isoformat() + tail
    exact = parse_time(text)
    assert exact is not None
    assert parse_seconds(text) == exact // 1_000_000
    assert parse_seconds(text) == exact // 1_000_000


@pytest.mark.parametrize(
    "tail", [".Z", ".1", ".1x", ".1 Z", ".-1Z", ".²Z", ".1+0200", ".1ZZ", ".1.2Z"]
)
def test_the_fast_reading_refuses_what_the_exact_one_does(tail: str) -> None:
    second = "2026-03-02T10:30:05"
    for known in ("Z", ".1Z", ".1+02:00"):
        assert parse_seconds(second + known) > 0
    assert parse_seconds(second + tail) == -1


def test_utc_is_what_the_standard_library_says() -> None:
    assert parse_seconds("2026-03-02T12:00:00Z") == int(
        datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    )
