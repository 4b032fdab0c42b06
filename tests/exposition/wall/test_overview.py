"""The list of campaigns tells zeros from what nothing can tell."""

import json
from typing import Any

from streamer.exposition.sources import Feed
from streamer.exposition.wall.overview import overview
from tests.exposition.cases import snapshot_of

FACTS = frozenset(
    {"sms.sent", "sms.replied", "meeting.booked", "customer.won", "lead.qualified", "cost.incurred"}
)


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": kind,
        "source": "/sources/sms",
        "type": kind,
        "time": "2026-03-02T09:00:00Z",
        "campaign": "c",
        "subject": "p",
        "message": "m",
        **more,
    }


def row(*events: dict[str, Any], feeds: tuple[Feed, ...] = ()) -> dict[str, Any]:
    snapshot = snapshot_of({"events": events, "now": "2026-03-02T10:30:20Z"})
    (found,) = json.loads(overview([snapshot], feeds))["campaigns"]
    return dict(found)


def test_what_nothing_can_feed_is_named() -> None:
    found = row(event("sms.sent"))
    assert found["milestones"]["meeting"] == found["milestones"]["customer"] == 0
    assert set(found["unfed"]) == {"meeting", "customer", "cac", "reactivity"}


def test_a_connected_source_that_can_tell_makes_a_zero_of_it() -> None:
    feed = Feed("sms", "SMS", frozenset(), FACTS)
    assert row(event("sms.sent"), feeds=(feed,))["unfed"] == ["cac"]


def test_what_has_come_is_fed() -> None:
    plan = event("campaign.planned", source="/v1/campaigns", data={"cost": "12"})
    came = (event("sms.sent"), event("sms.replied"), event("meeting.booked"))
    assert row(plan, *came)["unfed"] == ["customer", "cac"]
    assert row(plan, *came, event("customer.won"))["unfed"] == []


def test_the_page_learns_who_was_heard_of_when() -> None:
    assert row(event("sms.sent"))["sources"] == [
        {
            "source": "/sources/sms",
            "type": "sms.sent",
            "first": "2026-03-02T09:00:00Z",
            "last": "2026-03-02T09:00:00Z",
        }
    ]
