from collections import Counter
from itertools import islice
from typing import Any

import pytest

from streamer.events import CHANNELS, TYPES, Event, check, parse_time
from streamer.identity.identities import Identities
from streamer.kpis.catalogue import CATALOGUE
from streamer.simulator.campaigns import CAMPAIGNS, REPS
from streamer.simulator.scenario import HISTORY, Scenario
from tests.recount.recount import recount
from tests.simulator.happened import MINUTE, SECRET, START, first_minute, of_campaign

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
        # To the second; of a call that has ended, its parts lie before.
        behind = START + happening.due - micros / 1e6
        assert 0 <= behind <= 1 or (happening.call and behind <= 1 + 30 + 1500)


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
    assert {("email", "replied"), ("sms", "replied"), ("postal", "replied")} <= attributed
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


def test_persons_are_named_as_the_gateway_names_them_and_joined_by_their_list() -> None:
    identities = Identities(SECRET)
    links = [each.event for each in first_minute() if each.event["type"] == "prospect.linked"]
    linked = {name for event in links for name in event["data"]["identities"]}
    named: Counter[str] = Counter()
    for happening in first_minute():
        subject, contact = happening.event.get("subject"), happening.contact
        if subject is None or contact is None:
            continue
        names = {
            "name": contact.name,
            "email": identities.email(contact.email),
            "phone": identities.phone(contact.phone),
            "lemlist": identities.record("lemlist", contact.lead),
            "crm": identities.record("crm", contact.record),
        }
        (kind,) = [kind for kind, name in names.items() if name == subject]
        named[kind] += 1
        assert kind == "name" or subject in linked or happening.due > MINUTE - 40
    assert min(named.values()) > 50
    assert len(named) == 5


def test_no_event_holds_an_address_of_anybody() -> None:
    for happening in first_minute():
        text = str(happening.event)
        assert "@" not in text.replace("@smtp-relay.mailin.fr>", "")
        assert happening.contact is None or happening.contact.phone not in text


def test_a_reference_has_no_more_than_a_letter_takes() -> None:
    longest = max(
        len(f"{campaign.code} {happening.contact.name}")
        for campaign in CAMPAIGNS
        for happening in first_minute()
        if happening.contact
    )
    assert longest <= 30
