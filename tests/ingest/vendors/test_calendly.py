"""Calendly's words, moves and signatures, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.errors import SettingsError
from tests.ingest.support import bench
from tests.ingest.vendors.cases import is_taken, now
from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("calendly")

URI = "https://api.calendly.com/scheduled_events/EV/invitees/"


def told(word: object = "invitee.created", invitee: str = "1", **changes: Any) -> dict[str, Any]:
    payload = {"uri": URI + invitee, "email": "prospect@example.fr", "rescheduled": False} | changes
    return {"event": word, "created_at": "2026-03-02T10:00:00.000001Z", "payload": payload}


async def test_a_meeting_that_is_moved_twice_is_one_meeting_and_no_cancellation(
    tmp_path: Path,
) -> None:
    canceled = "invitee.canceled"
    events, letters = await exchange(
        CASE,
        tmp_path,
        told(),
        told(canceled, rescheduled=True, new_invitee=URI + "2"),
        told(invitee="2", old_invitee=URI + "1"),
        # The two halves of a move may come in any order.
        told(invitee="3", old_invitee=URI + "2"),
        told(canceled, "2", rescheduled=True, old_invitee=URI + "1", new_invitee=URI + "3"),
    )
    assert [event.type for event in events] == ["meeting.booked"]
    assert letters == []


async def test_a_moved_meeting_that_is_then_canceled_is_moved_only(tmp_path: Path) -> None:
    moved = told("invitee.canceled", "2", old_invitee=URI + "1", rescheduled=False)
    events, _ = await exchange(CASE, tmp_path, told(), moved)
    assert [event.type for event in events] == ["meeting.booked", "meeting.canceled"]


async def test_a_first_booking_that_is_told_after_it_was_moved_counts(tmp_path: Path) -> None:
    late = told(rescheduled=True, new_invitee=URI + "2", status="canceled")
    events, _ = await exchange(CASE, tmp_path, late)
    assert [event.type for event in events] == ["meeting.booked"]


async def test_a_message_needs_the_channel_that_it_is_of(tmp_path: Path) -> None:
    tracked = told(tracking={"utm_term": "mail-3"})
    ((event,), _) = await exchange(CASE, tmp_path, tracked, message_from="utm_term")
    assert (event.message, event.data or None) == (None, None)
    ((event,), _) = await exchange(
        CASE, tmp_path, tracked, message_from="utm_term", channel="linkedin"
    )
    assert (event.message, event.data) == ("mail-3", {"channel": "linkedin"})


def test_a_channel_that_is_none_is_told(tmp_path: Path) -> None:
    for wrong in ("fax", "", 3):
        with pytest.raises(SettingsError, match=r"channel of \[sources.it\] must be one of: email"):
            CASE.sources(tmp_path, channel=wrong)


async def test_invitees_and_words_are_distinct(tmp_path: Path) -> None:
    bodies = [told(), told(invitee="2"), told("invitee.canceled"), told(name="again")]
    events, _ = await exchange(CASE, tmp_path, *bodies)
    ids = [event.id for event in events]
    assert len(set(ids[:3])) == 3
    assert ids[3] == ids[0]


@pytest.mark.parametrize(
    "strange",
    [
        told("invitee.levitated"),
        told(None),
        told(uri=None),
        told(email=None),
        told() | {"created_at": "2026-03-02T10:00:00"},
        told() | {"payload": []},
    ],
)
async def test_what_is_not_understood_is_kept(tmp_path: Path, strange: dict[str, Any]) -> None:
    events, letters = await exchange(CASE, tmp_path, strange)
    assert (len(events), len(letters)) == (0, 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda header: header.replace("v1=", "v0="),
        lambda header: header.replace("t=", "t=1"),
        lambda header: header.replace("t=", "t=-"),
        lambda header: header.partition(",")[2],
        lambda header: header + "00",
        lambda _: "t=,v1=",
    ],
)
async def test_a_signature_that_is_not_whole_is_refused(tmp_path: Path, spoil: Any) -> None:
    right = CASE.sign(CASE.sample("booked"), "first", now())
    header = right.headers["Calendly-Webhook-Signature"]
    async with bench(CASE.sources(tmp_path)) as it:
        for given in (spoil(header), header):
            headers = {"Calendly-Webhook-Signature": given}
            response = await it.client.post("/webhooks/it", content=right.body, headers=headers)
            assert is_taken(CASE, response.status_code) == (given == header)
