from collections import Counter
from itertools import islice
from typing import Any

import pytest

from streamer.events import CHANNELS, TYPES, Event, check, parse_time
from streamer.kpis.catalogue import CATALOGUE
from streamer.simulator.campaigns import CAMPAIGNS, REPS
from streamer.simulator.scenario import HISTORY, Scenario
from tests.recount.recount import recount
from tests.simulator.happened import START, first_minute, of_campaign

Key = tuple[str, str, str]


def values(campaign: str, until: float) -> dict[Key, Any]:
    counted = recount(
        of_campaign(campaign, until), START + int(until), campaign=campaign, every_row=True
    )
    return {(row["channel"], row["kpi"], row["window"]): row["value"] for row in counted["kpis"]}


def test_every_event_is_sound() -> None:
    for happening in first_minute():
        found = check(happening.event)
        assert isinstance(found, Event), (happening.event, found)
        assert found.kind is not None


def test_events_come_in_the_order_in_which_they_are_told_and_are_dated_so() -> None:
    dues = [happening.due for happening in first_minute()]
    assert dues == sorted(dues)
    assert dues[0] == -HISTORY
    for happening in first_minute():
        micros = parse_time(happening.event["time"])
        assert micros is not None
        assert abs(micros / 1e6 - START - happening.due) < 0.01


def test_the_same_seed_and_start_make_the_same_events() -> None:
    first, second = (list(islice(Scenario(7, START).happenings(), 3000)) for _ in range(2))
    assert first == second
    assert first != list(islice(Scenario(8, START).happenings(), 3000))


def test_two_runs_have_no_touch_in_common_so_that_both_count() -> None:
    runs = [
        {each.event.get("message") for each in islice(Scenario(1, start).happenings(), 3000)}
        for start in (START, START + 1)
    ]
    assert runs[0] & runs[1] == {None}


def test_ids_are_unique_save_an_invoice_that_is_corrected() -> None:
    told = Counter((each.event["type"], each.event["id"]) for each in first_minute())
    assert {kind for (kind, _), times in told.items() if times > 1} == {"cost.incurred"}


def test_every_type_of_the_vocabulary_happens_within_a_minute() -> None:
    assert {happening.event["type"] for happening in first_minute()} == set(TYPES)


@pytest.mark.parametrize("campaign", [campaign.id for campaign in CAMPAIGNS])
def test_every_kpi_of_every_campaign_has_a_value_after_a_minute(campaign: str) -> None:
    found = values(campaign, 60.0)
    wanted = {(kpi.channel, kpi.id, "campaign") for kpi in CATALOGUE}
    assert {key for key, value in found.items() if value is not None} >= wanted


def test_every_kpi_of_the_first_campaign_moves_within_a_minute() -> None:
    before, after = (values(CAMPAIGNS[0].id, until) for until in (0.0, 60.0))
    keys = [(kpi.channel, kpi.id, "campaign") for kpi in CATALOGUE]
    assert [key for key in keys if before[key] == after[key]] == []


def test_windows_differ() -> None:
    counted = recount(of_campaign(CAMPAIGNS[0].id), START + 60, campaign=CAMPAIGNS[0].id)
    sent = {
        row["window"]: row["value"]
        for row in counted["milestones"]
        if (row["channel"], row["milestone"]) == ("email", "sent")
    }
    assert 0 < sent["5m"] < sent["1h"] < sent["24h"] < sent["campaign"]


def test_the_rules_that_are_hard_to_count_all_come_up() -> None:
    counted = recount(of_campaign(CAMPAIGNS[0].id), START + 60, campaign=CAMPAIGNS[0].id)
    attributed = {(row["channel"], row["milestone"]) for row in counted["attributed"]}
    assert {(channel, "replied") for channel in CHANNELS if channel != "phone"} <= attributed
    assert {("sms", "opted_out"), ("email", "meeting")} <= attributed
    assert {row["rep"] for row in counted["rep_seconds"]} == set(REPS)
    assert [row["currency"] for row in counted["cost_left_out"]] == ["USD"]


def test_the_plan_grows_before_it_is_used_up() -> None:
    # Ten thousand times as fast: months in a few seconds of events.
    plans: list[dict[str, Any]] = []
    for happening in Scenario(1, START).happenings():
        if happening.event["campaign"] != CAMPAIGNS[2].id:
            continue
        if happening.event["type"] == "campaign.planned":
            plans.append(happening.event["data"]["planned"])
        if len(plans) == 2:
            break
    assert all(plans[1][channel] > plans[0][channel] for channel in CHANNELS)


def test_mails_carry_the_identity_that_their_vendor_will_give_them() -> None:
    scenario = Scenario(1, START, identify=lambda address: f"hash of {address}")
    told = list(islice(scenario.happenings(), 2000))
    mails = [happening for happening in told if happening.address]
    assert mails
    assert all(each.event["subject"] == f"hash of {each.address}" for each in mails)
    links = [each.event for each in told if each.event["type"] == "prospect.linked"]
    linked = {name for event in links for name in event["data"]["identities"]}
    assert {each.event["subject"] for each in mails[:50]} & linked
    assert not any("@" in str(event["subject"]) for event in links)
