"""Outages are chosen so that every vendor survives them, or so that none does."""

import pytest

from streamer.simulator.attempts import squeeze
from streamer.simulator.outages import LASTS, Outage, beyond, survives, within
from streamer.simulator.vendors import simulated

SCHEDULES = [squeeze(vendor.delays, 15.0) for vendor in simulated().values()]


@pytest.mark.parametrize("seed", range(40))
def test_every_vendor_survives_what_is_within_the_contract(seed: int) -> None:
    outages = within(seed, SCHEDULES)
    assert {each.part for each in outages} == set(LASTS)
    assert all(survives(delays, outages) for delays in SCHEDULES)


@pytest.mark.parametrize("seed", range(10))
def test_no_vendor_survives_what_is_beyond_it(seed: int) -> None:
    outages = beyond(seed, SCHEDULES)
    assert not any(survives(delays, outages) for delays in SCHEDULES)


def test_seeds_differ_in_what_is_away_first_and_when() -> None:
    chosen = [within(seed, SCHEDULES) for seed in range(20)]
    assert {outages[0].part for outages in chosen} == set(LASTS)
    assert len({outages[0].begins for outages in chosen}) == 20
    assert within(3, SCHEDULES) == within(3, SCHEDULES)


def test_an_attempt_between_two_outages_is_enough_and_one_in_each_is_not() -> None:
    outages = [Outage("gateway", 0.0, 3.0), Outage("kafka", 8.0, 7.0)]
    assert survives([4.0], outages) is False  # what is first called at 4.5 of the second one
    assert survives([4.0, 4.0], outages) is True
    assert survives([9.0, 9.0], outages) is True
    # From the first into the second, and never again.
    assert survives([10.0], outages) is False


def test_schedules_that_no_start_is_quick_enough_for_are_refused() -> None:
    with pytest.raises(ValueError, match="short enough"):
        within(1, [(1.0, 1.0)])
