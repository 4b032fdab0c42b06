"""What has no data says why; what has data is never accused."""

from pathlib import Path
from typing import Any

import pytest

from streamer.exposition.sources import FEEDERS, no_data
from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from tests.exposition.cases import CASES, case, load, snapshot_of


def reasons(case: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(row["kpi"], row["channel"]): row["reason"] for row in no_data(snapshot_of(case))}


def test_a_channel_that_sent_nothing_has_no_data() -> None:
    found = reasons(case("11"))
    assert found["failed", "sms"] == "no sms event has come"
    assert ("connected", "phone") not in found
    assert ("qualification", "phone") not in found


def test_a_type_that_never_came_is_named() -> None:
    mails = reasons(case("02"))
    assert mails["complaint", "email"] == "none of these types has come: email.complained"
    assert ("soft_bounce", "email") not in mails


def test_a_meeting_alone_says_nothing_of_a_channel() -> None:
    assert reasons(case("12"))["meeting", "linkedin"] == "no linkedin event has come"


def test_a_number_that_the_plan_lacks_is_named() -> None:
    found = reasons(case("12"))
    assert "the plan names no number for email" in found["sent_progress", "email"]
    assert "the plan names no number" not in found["sent_progress", "sms"]
    assert "the plan names no key questions" in found["qualification", "phone"]
    assert ("cac", "all") not in found


def test_a_campaign_without_costs_has_no_cost_to_show() -> None:
    assert reasons(case("01"))["cac", "all"].startswith("no cost in the plan's currency is known")


def test_implied_milestones_are_fed_by_what_implies_them() -> None:
    assert FEEDERS["email", "delivered"] == {
        "email.delivered",
        "email.opened",
        "email.clicked",
        "email.replied",
        "email.complained",
        "email.unsubscribed",
        "meeting.booked",
    }
    assert FEEDERS["sms", "negative"] == {"sms.replied", "sms.opted_out"}
    assert FEEDERS["phone", "off_target"] == {"phone.completed"}
    assert FEEDERS["all", "qualified"] == {"lead.qualified", "customer.won"}


def test_every_counted_milestone_can_be_fed() -> None:
    counted = {(channel, name) for channel, names in MILESTONES.items() for name in names}
    assert counted == set(FEEDERS)
    assert all(FEEDERS.values())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_was_counted_had_a_type_that_feeds_it(path: Path) -> None:
    snapshot = snapshot_of(load(path))
    seen = {kind for _, kind, _, _ in snapshot.sources}
    for channel, milestone, _, count in snapshot.milestones:
        assert not count or FEEDERS[channel, milestone] & seen
    silent = {(row["kpi"], row["channel"]) for row in no_data(snapshot)}
    for row in snapshot.kpis:
        if row.value and row.kpi != "no_response":
            assert (row.kpi, row.channel) not in silent


def test_no_kpi_is_listed_twice() -> None:
    listed = [(row["kpi"], row["channel"]) for row in no_data(snapshot_of(case("01")))]
    assert len(listed) == len(set(listed)) <= len(CATALOGUE)
