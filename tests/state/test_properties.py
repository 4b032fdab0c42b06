"""The promise as properties: the numbers are a function of the set of events, and of nothing else.

The judge is a naive recount that shares no code with the state.
"""

from collections.abc import Iterator
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.state import Epoch, Partition, ledger
from streamer.state.minutes import MINUTE
from tests.numbers import numbers_of
from tests.recount.recount import SECTIONS, compare, history, recount
from tests.recount.strategies import NOW_SECONDS, event_sets
from tests.recount.stream import START, stream
from tests.state.stored import Stored, apply

Event = dict[str, Any]


def differences(partition: Partition, events: list[Event], now: int) -> list[str]:
    """What the partition says that the recount does not, or the other way round."""
    partition.refresh()
    if "c" not in partition.campaigns():
        nothing = recount([], now)
        return compare(recount(events, now), {name: nothing[name] for name in SECTIONS})
    return compare(recount(events, now), numbers_of(partition.snapshot("c", now)))


@given(event_sets(), st.randoms(use_true_random=False))
def test_any_order_any_repetition_any_split_give_the_recounts_numbers(
    events: list[Event], chance: Random
) -> None:
    sent = events + [event for event in events if chance.random() < 0.3]
    chance.shuffle(sent)
    partition = Partition(Epoch(1, 1))
    while sent:
        cut = chance.randint(1, len(sent))
        apply(partition, list(sent[:cut]))
        sent = sent[cut:]
        if chance.random() < 0.5:
            partition.refresh()
    assert differences(partition, events, NOW_SECONDS) == []


@pytest.fixture(autouse=True)
def small_ledger() -> Iterator[None]:
    """Let deltas be folded, and others' records be written anew, at the size of a test."""
    with patch.multiple(
        ledger,
        _SMALLEST_LIMIT=200,
        _SMALLEST_FOLD=100,
        _ROW_BYTES=1,
        _FOREIGN_SLACK=0,
        _LARGEST_VALUE=400,
    ):
        yield


@given(event_sets(), st.randoms(use_true_random=False))
def test_any_checkpoint_any_crash_and_any_restore_give_the_recounts_numbers(
    events: list[Event], chance: Random
) -> None:
    assert crash_through(events, chance) == []


@pytest.mark.parametrize("seed", range(20))
def test_long_histories_of_crashes_give_the_recounts_numbers(seed: int) -> None:
    events = list(stream(seed, 400, touches_per_campaign=60, duplicates=0.2, disorder=0.5))
    events = [{**event, "campaign": "c"} for event in events]
    assert crash_through(events, Random(seed)) == []


def crash_through(events: list[Event], chance: Random) -> list[str]:
    """Feed events to a sequence of writers of which most crash at the worst moment."""
    stored = Stored(chance)
    partition = stored.recover(chance.choice([1, 2, 8]))
    committed = position = 0
    while position < len(events) or committed < len(events):
        cut = chance.randint(1, 8)
        apply(partition, list(events[position : position + cut]))
        position = min(position + cut, len(events))
        draw = chance.random()
        if draw < 0.4 or position == len(events):
            stored.write(partition.checkpoint())
            partition.written()
            committed = position
        if draw > 0.8:
            if draw > 0.9:
                stored.write_some(partition.checkpoint())
            partition = stored.recover(chance.choice([1, 2, 8]))
            position = committed
    return differences(partition, events, NOW_SECONDS)


def with_long_ids(events: list[Event], chance: Random) -> list[Event]:
    """The same events in one campaign, with ids so long that pages are cut, unevenly."""
    pads = {name: "-" * chance.choice([0, 40, 150]) for name in ("message", "subject")}
    return [
        {**event, "campaign": "c"}
        | {
            name: event[name] + pad * (len(event[name]) % 3)
            for name, pad in pads.items()
            if isinstance(event.get(name), str)
        }
        for event in events
    ]


@pytest.mark.parametrize("seed", range(12))
def test_a_kill_after_any_of_the_records_of_a_checkpoint_loses_nothing(seed: int) -> None:
    chance = Random(seed)
    events = list(stream(seed, 160, touches_per_campaign=50, duplicates=0.1, disorder=0.3))
    events = with_long_ids(events, chance)
    page_rows = chance.choice([3, 8, 16])
    stored = Stored(chance)
    partition = stored.recover(page_rows)
    committed = 0
    while committed < len(events):
        position = min(committed + chance.randint(1, 30), len(events))
        apply(partition, list(events[committed:position]))
        records = partition.checkpoint()
        expected = recount(events[:position], NOW_SECONDS)
        for count in range(len(records) + 1):
            heir = stored.with_first(records, count).recover(page_rows)
            apply(heir, list(events[committed:position]))
            heir.refresh()
            assert compare(expected, numbers_of(heir.snapshot("c", NOW_SECONDS))) == [], count
        stored.write(records)
        partition.written()
        committed = position
        if chance.random() < 0.2:
            partition = stored.recover(page_rows)


@pytest.mark.parametrize("seed", range(3))
def test_25_hours_without_an_event_equal_the_recount_at_each_minute(seed: int) -> None:
    events = list(stream(seed, 60, touches_per_campaign=8, rate=0.05))
    events = [{**event, "campaign": "c"} for event in events]
    partition = Partition(Epoch(1, 1))
    apply(partition, list(events))
    for minute in range(25 * 60 + 1):
        now = START + minute * MINUTE + minute % MINUTE
        assert differences(partition, events, now) == []


@given(event_sets())
def test_the_hours_served_are_the_recounts_history(events: list[Event]) -> None:
    partition = Partition(Epoch(1, 1))
    apply(partition, list(events))
    partition.refresh()
    served: dict[tuple[str, str], dict[int, int]] = {}
    for hour in partition.hours_changed():
        minutes = served.setdefault((hour.channel, hour.milestone), {})
        minutes.update(
            {hour.hour * 60 + minute: count for minute, count in enumerate(hour.minutes) if count}
        )
    for (channel, milestone), minutes in served.items():
        assert history(events, channel, milestone) == dict(sorted(minutes.items()))
