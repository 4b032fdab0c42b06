"""What has no data says why; what has data is never accused."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from streamer.exposition.facts import ENOUGH, FEEDERS, TOTALS, of_unknown, with_types
from streamer.exposition.sources import Feed, no_data, places, unfed
from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from streamer.state import Snapshot
from tests.exposition.cases import CASES, case, load, snapshot_of

TIME = "2026-03-02T09:00:00Z"
NOW = "2026-03-02T10:30:20Z"
CALLS = frozenset({"phone.made", "phone.connected", "phone.unreached", "phone.completed:duration"})
OUTCOMES = frozenset({"phone.completed:meeting", "phone.completed:negative"})


def reasons(told: dict[str, Any], *feeds: Feed) -> dict[tuple[str, str], str]:
    return listed(snapshot_of(told), *feeds)


def listed(snapshot: Snapshot, *feeds: Feed) -> dict[tuple[str, str], str]:
    return {(row["kpi"], row["channel"]): row["reason"] for row in no_data(snapshot, feeds)}


def came(*events: dict[str, Any]) -> dict[str, Any]:
    """A campaign to which these events came, from `/crm` unless they say otherwise."""
    full = [
        {
            "specversion": "1.0",
            "id": str(number),
            "source": "/crm",
            "time": TIME,
            "campaign": "c",
            "subject": "p",
            "message": "m",
            **event,
        }
        for number, event in enumerate(events)
    ]
    return {"now": NOW, "events": full}


def feed(name: str, *facts: str, **keys: Any) -> Feed:
    given = {"campaigns": frozenset({"c"}), **keys}
    return Feed(name, name.capitalize(), facts=frozenset(facts), **given)


MAILS = feed("mails", "email.delivered", "email.opened", "email.bounced:hard", "email.replied")
PLAN = {"type": "campaign.planned", "data": {"planned": {"email": 5, "phone": 5}}}


def test_a_source_that_can_tell_it_is_enough_before_anything_came() -> None:
    found = reasons(came(PLAN), MAILS)
    assert ("open", "email") not in found
    assert ("hard_bounce", "email") not in found
    assert ("sent_progress", "email") not in found, "each mail is delivered or bounces"


def test_what_no_source_can_tell_is_named_with_its_source() -> None:
    found = reasons(came(PLAN), MAILS)
    assert found["complaint", "email"] == (
        "Mails ([sources.mails]) tells no spam complaints: connect one that does, or post "
        "email.complained to /v1/events"
    )
    assert "tells no soft bounces" in found["soft_bounce", "email"]


def test_a_reply_without_a_sentiment_is_no_negative_one() -> None:
    found = reasons(came(PLAN), MAILS)
    assert ("reply", "email") not in found
    assert found["negative", "email"] == (
        "Mails ([sources.mails]) tells no negative replies to mails: connect one that does, or "
        "post email.replied with data.sentiment to /v1/events"
    )


def test_tags_that_are_not_mapped_are_what_to_map() -> None:
    calls = feed("calls", *CALLS, by_tags=CALLS | OUTCOMES)
    found = reasons(came(PLAN), calls)
    assert found["negative", "phone"] == (
        "Calls ([sources.calls]) tells no refusals on calls: map its tags in [sources.calls].tags"
    )
    assert ("average_duration", "phone") not in found
    assert "durations" not in found.get(("connected", "phone"), "")
    mapped = reasons(came(PLAN), calls._replace(facts=CALLS | OUTCOMES))
    assert ("negative", "phone") not in mapped
    assert "tells no invitations to call back" in mapped["callback", "phone"]


def test_stages_that_are_not_mapped_are_what_to_map() -> None:
    crm = feed("crm", "customer.won", by_stages=frozenset({"customer.won", "lead.qualified"}))
    found = reasons(came(PLAN), MAILS, crm)
    assert found["lead_conversion", "all"].endswith("map its stages in [sources.crm].stages")
    assert ("conversion", "email") not in found


def test_calls_without_a_duration_have_no_mean_of_it() -> None:
    silent = feed("calls", "phone.made", "phone.completed")
    assert "tells no durations of calls" in reasons(came(PLAN), silent)["average_duration", "phone"]


def test_a_rate_over_what_is_only_implied_is_told() -> None:
    sent = {"type": "email.opened", "source": "/sources/mails"}
    found = reasons(came(PLAN, sent), feed("mails", "email.sent", "email.opened"))
    assert found["open", "email"] == (
        "Mails ([sources.mails]) tells no mails delivered, so that those counted are only what "
        "other events prove: connect one that does, or post email.delivered to /v1/events"
    )


def test_a_source_that_feeds_another_campaign_is_none_of_this_one() -> None:
    other = MAILS._replace(campaigns=frozenset({"summer"}))
    assert (
        "no source of this campaign tells of email" in reasons(came(PLAN), other)["open", "email"]
    )
    delivered = {"type": "email.delivered", "source": "/sources/mails"}
    assert ("open", "email") not in reasons(came(PLAN, delivered), other)


def test_what_came_from_elsewhere_is_known_by_its_types_alone() -> None:
    replied = {"type": "email.replied"}
    found = reasons(came(PLAN, replied))
    assert ("reply", "email") not in found
    assert found["negative", "email"] == (
        "no source of this campaign tells negative replies to mails: no email.replied that came "
        "is known to have had data.sentiment; send it"
    )


def test_one_sentiment_that_was_counted_shows_that_sentiments_are_told() -> None:
    positive = {"type": "email.replied", "data": {"sentiment": "positive"}}
    assert ("negative", "email") not in reasons(came(PLAN, positive))
    neutral = {"type": "email.replied", "data": {"sentiment": "neutral"}}
    assert ("negative", "email") in reasons(came(PLAN, neutral)), "known per type only"


def test_one_outcome_and_one_duration_that_were_counted_show_that_they_are_told() -> None:
    made = {"type": "phone.completed", "data": {"outcome": "callback", "duration": 60}}
    found = reasons(came(PLAN, made))
    assert not {("negative", "phone"), ("average_duration", "phone")} & found.keys()
    assert "data.key_answers" in found["key_answers", "phone"]


def test_a_bounce_always_says_its_kind() -> None:
    bounced = {"type": "email.bounced", "data": {"bounce": "soft"}}
    assert ("hard_bounce", "email") not in reasons(came(PLAN, bounced))
    assert of_unknown({"email.bounced"}) == with_types({"email.bounced:hard", "email.bounced:soft"})


def test_what_a_source_sent_and_cannot_tell_any_more_has_come() -> None:
    complained = {"type": "email.complained", "source": "/sources/mails"}
    assert ("complaint", "email") not in reasons(came(PLAN, complained), MAILS)


def test_customers_alone_say_nothing_of_the_leads_that_were_lost() -> None:
    crm = feed("crm", "customer.won")
    assert "tells leads qualified" in reasons(came(PLAN), MAILS, crm)["lead_conversion", "all"]


def test_kpis_that_facts_leave_without_data_are_told_whatever_the_plan() -> None:
    found = {kpi.id for kpi in unfed(frozenset({"sms.sent", "sms.delivered"}), {"sms"})}
    assert {"no_response", "negative", "opt_out", "failed", "reactivity"} <= found
    assert found.isdisjoint({"sent_progress", "deliverability", "delivered_of_sent"})


def test_a_channel_that_sent_nothing_has_no_data() -> None:
    found = reasons(case("11"))
    assert found["failed", "sms"] == (
        "no source of this campaign tells of sms, and no sms event has come: connect one, or post "
        "its events to /v1/events"
    )
    assert ("connected", "phone") not in found
    assert ("qualification", "phone") not in found


def test_a_type_that_never_came_is_named() -> None:
    mails = reasons(case("02"))
    assert mails["complaint", "email"] == (
        "no source of this campaign tells spam complaints: connect one that does, or post "
        "email.complained to /v1/events"
    )
    assert ("soft_bounce", "email") not in mails


def test_a_meeting_alone_says_nothing_of_a_channel() -> None:
    assert reasons(case("12"))["meeting", "linkedin"].startswith(
        "no source of this campaign tells of linkedin"
    )


def test_a_number_that_the_plan_lacks_is_named() -> None:
    found = reasons(case("12"))
    assert "the plan names no number for email" in found["sent_progress", "email"]
    assert "the plan names no number" not in found["sent_progress", "sms"]
    assert "the plan names no key questions" in found["qualification", "phone"]
    assert ("cac", "all") not in found


def test_a_campaign_without_costs_has_no_cost_to_show() -> None:
    assert reasons(case("01"))["cac", "all"].startswith("no cost in the plan's currency is known")


def test_implied_milestones_are_fed_by_what_implies_them() -> None:
    assert FEEDERS["email", "clicked"] == {"email.clicked"}
    assert FEEDERS["email", "opened"] == {
        "email.opened",
        "email.clicked",
        "email.replied",
        "email.replied:negative",
        "email.replied:positive",
    }
    assert FEEDERS["sms", "negative"] == {"sms.replied:negative", "sms.opted_out"}
    assert FEEDERS["phone", "off_target"] == {"phone.completed:off_target"}
    assert FEEDERS["all", "qualified"] == {"lead.qualified", "customer.won"}


def test_every_counted_milestone_can_be_fed() -> None:
    counted = {(channel, name) for channel, names in MILESTONES.items() for name in names}
    totals = {("phone", total) for total in TOTALS}
    assert counted | totals == set(FEEDERS) == set(ENOUGH)
    assert all(FEEDERS.values())
    assert all(ENOUGH.values())
    asked = {at for kpi in CATALOGUE for at in places(kpi)}
    assert asked <= set(FEEDERS)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_was_counted_had_a_type_that_feeds_it(path: Path) -> None:
    snapshot = snapshot_of(load(path))
    seen = {kind for _, kind, _, _ in snapshot.sources}
    for channel, milestone, _, count in snapshot.milestones:
        assert not count or {fact.partition(":")[0] for fact in FEEDERS[channel, milestone]} & seen
    silent = {(row["kpi"], row["channel"]) for row in no_data(snapshot)}
    for row in snapshot.kpis:
        if row.value and row.kpi != "no_response":
            assert (row.kpi, row.channel) not in silent


def test_no_kpi_is_listed_twice() -> None:
    listed = [(row["kpi"], row["channel"]) for row in no_data(snapshot_of(case("01")))]
    assert len(listed) == len(set(listed)) <= len(CATALOGUE)


def test_without_rows_of_kpis_totals_are_not_known() -> None:
    older = msgspec.structs.replace(snapshot_of(case("11")), kpis=[])
    assert ("average_duration", "phone") in listed(older)
