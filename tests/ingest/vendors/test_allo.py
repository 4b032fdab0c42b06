"""Allo's calls, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.errors import SettingsError
from tests.ingest.vendors.telling import case_of, data_of, tell

CASE = case_of("allo")


def told(topic: str = "call.completed", **changes: Any) -> dict[str, Any]:
    """One topic as Allo sends it; `changes` are of the call, None takes a field away."""
    call = {
        "id": "cll_abc",
        "result": "ANSWERED",
        "from_number": "+33186000000",
        "to_number": "+33612345678",
        "user_email": "sdr@example.fr",
    }
    whole = {name: each for name, each in (call | changes).items() if each is not None}
    stamp = "2026-03-02T10:03:45.123456Z"
    return {"topic": topic, "version": "2.0", "timestamp": stamp, "data": whole}


async def test_a_call_is_one_touch_of_its_own_id(tmp_path: Path) -> None:
    events, _ = await tell(CASE, tmp_path, told(), told(id="cll_def"))
    assert [event.message for event in events] == ["cll_abc", "cll_abc", "cll_def", "cll_def"]
    assert len({event.subject for event in events}) == 1


async def test_a_call_without_its_start_is_of_when_it_was_told(tmp_path: Path) -> None:
    events, _ = await tell(CASE, tmp_path, told(), told(started_at="2026-03-02T10:00:00Z"))
    assert [event.time for event in events[::2]] == [
        "2026-03-02T10:03:45.123456Z",
        "2026-03-02T10:00:00Z",
    ]


async def test_a_rep_is_known_by_the_hash_of_his_address_or_as_the_source_says(
    tmp_path: Path,
) -> None:
    events, _ = await tell(CASE, tmp_path, told())
    assert "@" not in data_of(events[0])["rep"]
    events, _ = await tell(CASE, tmp_path, told(), reps={"sdr@example.fr": "Ana"})
    assert data_of(events[0]) == {"rep": "Ana"}


@pytest.mark.parametrize(
    ("ends", "events", "letters"),
    [
        ({"from_number": "+33186000001"}, 2, 0),
        ({"from_number": "+33612345678", "to_number": "+33186000000"}, 0, 0),
        ({"to_number": "+33186000001"}, 0, 0),
        ({"from_number": "+33199000000"}, 0, 1),
        ({"from_number": None}, 0, 1),
    ],
)
async def test_the_sources_numbers_say_which_way_a_call_went(
    tmp_path: Path, ends: dict[str, Any], events: int, letters: int
) -> None:
    found = await tell(CASE, tmp_path, told(**ends))
    assert (len(found.events), len(found.letters)) == (events, letters)


@pytest.mark.parametrize(
    "numbers", [None, [], "+33186000000", ["0186000000"], [7], ["+33186000000", 7]]
)
def test_the_sources_numbers_are_needed_and_international(tmp_path: Path, numbers: object) -> None:
    with pytest.raises(SettingsError, match="must list your Allo numbers"):
        CASE.sources(tmp_path, numbers=numbers)


@pytest.mark.parametrize("result", ["LEVITATED", None])
async def test_a_result_that_is_new_still_says_that_the_call_was_made(
    tmp_path: Path, result: str | None
) -> None:
    events, letters = await tell(CASE, tmp_path, told(result=result))
    assert [event.type for event in events] == ["phone.made"]
    assert "data.result" in letters[0].reason


@pytest.mark.parametrize(
    "event",
    [
        told(id=None),
        told(started_at="soon"),
        told("call.levitated"),
        told() | {"topic": 7},
        told() | {"timestamp": None},
        told() | {"data": None},
    ],
)
async def test_what_lacks_what_is_needed_is_not_understood(
    tmp_path: Path, event: dict[str, Any]
) -> None:
    events, letters = await tell(CASE, tmp_path, event)
    assert (events, len(letters)) == ([], 1)
