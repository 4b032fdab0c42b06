"""Cal.com's words and moves, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import calcom
from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("calcom")


def told(word: object = "BOOKING_CREATED", uid: object = "b-1", **changes: Any) -> dict[str, Any]:
    attendees = [{"email": "prospect@example.fr"}, {"email": "guest@example.fr"}]
    payload = {"uid": uid, "attendees": attendees, "metadata": {"mail": "mail-3"}} | changes
    return {"triggerEvent": word, "createdAt": "2026-03-02T10:00:00.538Z", "payload": payload}


async def test_a_meeting_that_is_moved_twice_is_one_meeting_and_no_cancellation(
    tmp_path: Path,
) -> None:
    events, letters = await exchange(
        CASE,
        tmp_path,
        told(),
        told("BOOKING_RESCHEDULED", "b-2", rescheduleUid="b-1"),
        told("BOOKING_RESCHEDULED", "b-3", rescheduleUid="b-2"),
        told(uid="b-4", rescheduleUid="b-3"),
    )
    assert [event.type for event in events] == ["meeting.booked"]
    assert letters == []


async def test_a_moved_meeting_that_is_then_canceled_is_canceled(tmp_path: Path) -> None:
    moved = told("BOOKING_CANCELLED", "b-2", rescheduleUid="b-1")
    events, _ = await exchange(CASE, tmp_path, told(), moved)
    assert [event.type for event in events] == ["meeting.booked", "meeting.canceled"]


@pytest.mark.parametrize("word", sorted(calcom.IGNORED))
async def test_a_word_that_proves_nothing_is_passed_over(tmp_path: Path, word: str) -> None:
    assert await exchange(CASE, tmp_path, told(word)) == ([], [])


async def test_a_message_needs_the_channel_that_it_is_of(tmp_path: Path) -> None:
    ((event,), _) = await exchange(CASE, tmp_path, told(), message_from="mail")
    assert (event.message, event.data or None) == (None, None)
    ((event,), _) = await exchange(CASE, tmp_path, told(), message_from="mail", channel="sms")
    assert (event.message, event.data) == ("mail-3", {"channel": "sms"})


async def test_bookings_and_words_are_distinct_and_a_redelivery_is_not(tmp_path: Path) -> None:
    bodies = [told(), told(uid="b-2"), told("BOOKING_CANCELLED"), told(title="again")]
    events, _ = await exchange(CASE, tmp_path, *bodies)
    ids = [event.id for event in events]
    assert len(set(ids[:3])) == 3
    assert ids[3] == ids[0]


@pytest.mark.parametrize(
    "strange",
    [
        told("BOOKING_LEVITATED"),
        told(None),
        told(uid=None),
        told(attendees=[]),
        told(attendees=None),
        told(attendees=["prospect@example.fr"]),
        told(attendees=[{"name": "Jeanne"}]),
        told() | {"createdAt": None},
        told() | {"payload": None},
    ],
)
async def test_what_is_not_understood_is_kept(tmp_path: Path, strange: dict[str, Any]) -> None:
    events, letters = await exchange(CASE, tmp_path, strange)
    assert (len(events), len(letters)) == (0, 1)
