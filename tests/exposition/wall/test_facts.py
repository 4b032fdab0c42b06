"""What the pages know of the catalogue is complete, in both languages."""

import json
from typing import Any

import pytest

from streamer.events.vocabulary import TYPES
from streamer.exposition.wall.facts import SILENT_AFTER, facts
from streamer.kpis.catalogue import CATALOGUE, MILESTONES
from streamer.kpis.limits import LIMITS, MINIMUM_SENT

FACTS: dict[str, Any] = json.loads(facts())


@pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: f"{kpi.channel}.{kpi.id}")
def test_every_kpi_is_explained(kpi: Any) -> None:
    fact = FACTS["kpis"][f"{kpi.channel}.{kpi.id}"]
    for words in (fact["help"], fact["formula"]):
        assert words["fr"]
        assert words["en"]
    assert fact["formula"]["fr"].count("÷") == fact["formula"]["en"].count("÷")
    channel, milestone = fact["series"]
    assert milestone in MILESTONES[channel]
    assert len(fact["feeds"]) == len(fact["milestones"])
    for types in fact["feeds"]:
        assert types
        assert set(types) <= set(TYPES)


def test_a_channel_lives_on_its_own_events() -> None:
    for name, fact in FACTS["kpis"].items():
        for (channel, milestone), types in zip(fact["milestones"], fact["feeds"], strict=True):
            if channel != "all" and milestone != "customer":
                own = [kind for kind in types if kind.startswith(f"{channel}.")]
                assert own == types or milestone == "meeting", name


def test_a_milestone_is_kept_up_to_date_by_those_who_tell_it_of_every_touch() -> None:
    assert FACTS["lives"].keys() == FACTS["feeders"].keys()
    assert "email.replied" in FACTS["feeders"]["email.sent"]
    assert FACTS["lives"]["email.sent"] == ["email.bounced", "email.delivered", "email.sent"]
    assert FACTS["lives"]["email.opened"] == ["email.opened"]
    for place, types in FACTS["lives"].items():
        assert types, place
        assert set(types) <= set(TYPES)


def test_shares_of_a_plan_have_no_sample() -> None:
    proportions = {name for name, fact in FACTS["kpis"].items() if fact["proportion"]}
    assert {"email.open", "sms.no_response", "all.reactivity"} <= proportions
    assert proportions.isdisjoint(
        {"email.sent_progress", "email.deliverability", "phone.qualification", "all.cac"}
    )


def test_limits_come_with_their_source() -> None:
    for (channel, kpi), limits in LIMITS.items():
        told = FACTS["kpis"][f"{channel}.{kpi}"]["limits"]
        assert told["source"].keys() == {"fr", "en"}
        assert (told["warning"], told["critical"], told["falling"]) == limits[:3]
        assert told["least"] == limits.least
    assert FACTS["minimum"] == MINIMUM_SENT


def test_silence_is_told_of_types_that_there_are() -> None:
    assert set(SILENT_AFTER) <= {name.partition(".")[0] for name in TYPES}
