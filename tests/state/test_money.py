"""When a plan runs: the moments that its start and end stand for."""

from typing import Any

import pytest

from streamer.state.money import read_terms

DAY = 1_772_409_600  # 2026-03-02T00:00:00Z


@pytest.mark.parametrize(
    ("plan", "start", "end"),
    [
        ({"start": "2026-03-02", "end": "2026-03-02"}, DAY, DAY + 86_400),
        (
            {"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T11:30:00Z"},
            DAY + 36_000,
            DAY + 41_400,
        ),
        ({"start": "2026-03-02", "time_zone": "Europe/Paris"}, DAY - 3_600, None),
        ({"start": "2026-03-02", "time_zone": "nowhere"}, DAY, None),
        ({"start": "soon", "end": 5}, None, None),
        ({}, None, None),
    ],
)
def test_a_bare_date_is_its_whole_day_and_what_is_malformed_is_left_out(
    plan: dict[str, Any], start: int | None, end: int | None
) -> None:
    terms = read_terms(plan)
    assert (terms.start, terms.end) == (start, end)
