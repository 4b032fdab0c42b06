"""The tables of milestones agree with each other and with the catalogue."""

import numpy as np
import pytest

from streamer.kpis.catalogue import MILESTONES, REP_ROWS
from streamer.state.layout import LAYOUTS, NONE, WORDS, Layout
from streamer.state.series import COUNTS, REP_MILESTONES


def test_what_is_counted_is_what_the_catalogue_names() -> None:
    named = {(channel, name) for channel, names in MILESTONES.items() for name in names}
    assert set(COUNTS) == named
    assert len(COUNTS) == len(named)
    assert {row.id for row in REP_ROWS} == {*REP_MILESTONES, "seconds"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.channel)
def test_one_pass_over_what_is_implied_reaches_every_end(layout: Layout) -> None:
    chance = np.random.default_rng(1)
    times = chance.integers(1, 100, (len(layout.milestones), 200)).astype(np.uint32)
    times[chance.random(times.shape) < 0.6] = NONE
    once = times.copy()
    layout.close(once)
    again = once.copy()
    layout.close(again)
    assert (again == once).all()
    for proof, proved in layout.implies:
        assert (once[layout.column[proved]] <= once[layout.column[proof]]).all()
    assert (once <= times).all()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.channel)
def test_every_milestone_proves_a_contact(layout: Layout) -> None:
    times = np.full((len(layout.milestones), len(layout.milestones)), NONE, np.uint32)
    np.fill_diagonal(times, 7)
    layout.close(times)
    assert (times[layout.column[layout.contact]] == 7).all()


def test_a_word_that_may_come_without_a_message_is_a_milestone_where_it_exists() -> None:
    words = {word for layout in LAYOUTS for word in layout.milestones}
    assert set(WORDS) <= words
