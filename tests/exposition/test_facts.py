"""Facts have names in both languages, and their data the fields of the contract."""

import pytest

from streamer.events.vocabulary import BOUNCES, OUTCOMES, SENTIMENTS, TYPES
from streamer.exposition.fact_words import WORDS, channel_of, field_of, in_order, type_of, word
from streamer.exposition.facts import ENOUGH, FEEDERS, siblings


def test_every_type_and_every_value_has_a_name() -> None:
    valued = {f"email.bounced:{each}" for each in BOUNCES}
    valued |= {f"phone.completed:{each}" for each in OUTCOMES}
    valued |= {
        f"{name}:{each}" for name in TYPES if name.endswith(".replied") for each in SENTIMENTS
    }
    assert set(TYPES) | valued <= set(WORDS)
    assert {type_of(fact) for fact in WORDS} == set(TYPES)
    assert all(label.fr and label.en for label in WORDS.values())


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        ("email.opened", ""),
        ("email.bounced:soft", "bounce"),
        ("sms.replied:negative", "sentiment"),
        ("phone.completed:negative", "outcome"),
        ("phone.completed:none", "outcome"),
        ("phone.made:duration", "duration"),
    ],
)
def test_a_fact_stands_in_a_field_of_the_data(fact: str, field: str) -> None:
    assert field_of(fact) == field


def test_facts_are_shown_in_the_order_of_their_table() -> None:
    assert in_order({"sms.sent", "new", "email.opened", "email.sent"}) == [
        "email.sent",
        "email.opened",
        "sms.sent",
        "new",
    ]
    assert word("new", "fr") == "new"
    assert channel_of("phone.completed:meeting") == "phone"
    assert channel_of("meeting.booked") is None


def test_what_is_enough_for_a_milestone_can_reach_it() -> None:
    for place, alternatives in ENOUGH.items():
        for facts in alternatives:
            assert facts <= FEEDERS[place], place


def test_siblings_stand_in_the_same_field_of_the_same_type() -> None:
    types = frozenset({"phone.completed", "email.replied"})
    found = siblings({"phone.completed:meeting", "sms.replied:negative"}, types)
    assert found == {f"phone.completed:{each}" for each in OUTCOMES if each != "none"}
