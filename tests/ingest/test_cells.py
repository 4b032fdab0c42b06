"""Cells as people write them: read in one way, or refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.ingest.cells import amount, duration, moment

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("12", "12"),
        ("12,5", "12.5"),
        ("12.50", "12.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50 €", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("1234,567", "1234.567"),
        ("0,125", "0.125"),
        ("-12,50", "-12.50"),
    ],
)
def test_amounts_are_read_with_either_mark(text: str, read: str) -> None:
    assert amount(text) == read


@pytest.mark.parametrize("text", ["1,234", "12.345", "-1.234"])
def test_an_amount_that_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="thousands or decimals"):
        amount(text)


@pytest.mark.parametrize("text", ["", "x", "1,2,3", "1.23,4.5", "12e3", "٣", "9" * 20, "--1"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        amount(text)


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_an_amount_written_in_french_is_what_it_was(euros: int, cents: int) -> None:
    written = f"{euros:,}".replace(",", "\u202f") + f",{cents:02d}"
    assert amount(written) == f"{euros}.{cents:02d}"


@pytest.mark.parametrize(("text", "read"), [("75", 75), ("1:15", 75), ("1:01:15", 3675)])
def test_durations_are_seconds_or_clocks(text: str, read: int) -> None:
    assert duration(text) == read


@pytest.mark.parametrize("text", ["-1", "1,5", "x", "", "9" * 30])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no whole number"):
        duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "02/03/2026 10:30",
        "2/3/2026 10h30",
        "02-03-2026 10:30:00",
        "02.03.2026 à 10h30",
        "2026-03-02 10:30",
        "2026-03-02T10:30:00",
        "2026-03-02T09:30:00Z",
        "2026-03-02T10:30:00+01:00",
    ],
)
def test_moments_are_read_day_first_and_in_the_zone_unless_they_tell(text: str) -> None:
    found = moment(text, "", PARIS)
    assert found.first == found.last == datetime(2026, 3, 2, 9, 30, tzinfo=UTC).timestamp()


def test_the_hour_may_stand_apart() -> None:
    assert moment("02/03/2026", "10:30", PARIS) == moment("02/03/2026 10:30", "", PARIS)


def test_a_bare_day_is_all_of_it_in_the_zone_also_when_the_clock_changes() -> None:
    found = moment("29/03/2026", "", PARIS)
    assert found.last - found.first == 23 * 3600 - 1


@pytest.mark.parametrize(
    "text", ["03/25/2026", "31/02/2026", "02/03/26", "02/03/2026 25:00", "45292", "2/3", "soon"]
)
def test_what_is_no_moment_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment"):
        moment(text, "", PARIS)
