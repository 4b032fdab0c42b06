"""A history is read from hours exactly, zeros included."""

import pytest

from streamer.errors import Malformed
from streamer.exposition.history import Query, minutes_text, points, read_query, rfc3339

NOW = 1_772_447_420  # 2026-03-02T10:30:20Z
HOUR = NOW // 3600


def asked(**parameters: str) -> Query:
    named = {"channel": "email", "milestone": "sent", **parameters}
    return read_query({name.rstrip("_"): value for name, value in named.items()}, NOW)


def test_without_more_it_is_the_last_day_by_the_minute() -> None:
    query = asked()
    assert (query.step, query.steps) == (60, 1441)
    assert query.start == NOW - 86_400 - 20


def test_times_are_rfc_3339_or_seconds() -> None:
    query = asked(from_="2026-03-02T11:00:00+01:00", to="1772447420")
    assert query.start == 1_772_445_600
    assert query.steps == 31


def test_steps_begin_at_multiples_of_the_step() -> None:
    query = asked(from_="2026-03-01T07:00:00Z", to="2026-03-02T01:00:00Z", step="86400")
    assert [rfc3339(t) for t, _ in points(query, {})] == [
        "2026-03-01T00:00:00Z",
        "2026-03-02T00:00:00Z",
    ]


def test_ten_thousand_points_are_the_most() -> None:
    assert asked(
        from_="1772000000", to=str(1_772_000_000 - 1_772_000_000 % 60 + 600_000)
    ).steps == (10_000)
    with pytest.raises(Malformed, match="10001 points"):
        asked(from_="1771999980", to="1772600040")


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"channel": "fax"}, "channel must be one of email"),
        ({"milestone": "read"}, "milestone of email must be"),
        ({"channel": ""}, "channel must be"),
        ({"step": "90"}, "multiple of 60"),
        ({"step": "0"}, "multiple of 60"),
        ({"step": "-60"}, "multiple of 60"),
        ({"step": "1e3"}, "multiple of 60"),
        ({"step": "9" * 5000}, "multiple of 60"),
        ({"from_": "yesterday"}, "from must be RFC 3339"),
        ({"from_": "2026-03-02T10:00:00"}, "from must be RFC 3339"),
        ({"to": ""}, "to must be RFC 3339"),
        ({"to": "9999999999"}, "between 2000 and 2100"),
        ({"from_": "1772447420", "to": "1772447420"}, "from must be before to"),
    ],
)
def test_what_cannot_be_answered_has_a_reason(parameters: dict[str, str], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        asked(**parameters)


def test_minutes_are_added_up_by_step() -> None:
    minutes = [0] * 60
    minutes[0], minutes[29], minutes[59] = 1, 20, 300
    cells = {HOUR: minutes_text(minutes).encode(), HOUR + 1: b"0:4000 1:50000"}
    query = Query("email", "sent", HOUR * 3600, 1800, 3)
    assert points(query, cells) == [
        (HOUR * 3600, 21),
        (HOUR * 3600 + 1800, 300),
        (HOUR * 3600 + 3600, 54_000),
    ]


def test_what_lies_outside_is_not_counted() -> None:
    query = Query("email", "sent", HOUR * 3600 + 60, 60, 1)
    assert list(query.hours()) == [HOUR]
    assert points(query, {HOUR: b"0:1 1:2 2:4"}) == [(HOUR * 3600 + 60, 2)]


def test_an_hour_without_counts_is_an_empty_text() -> None:
    assert minutes_text([0] * 60) == ""
