"""To which touch an event without `message` belongs: the latest contact of its person.

It looks only at what events that name their touch have proved, so it has one answer whatever
the order; when later knowledge changes that answer, the touches concerned are named anew.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from streamer.events.vocabulary import CHANNELS
from streamer.state.campaign import Campaign, Rows
from streamer.state.layout import LAYOUTS, NONE, WORDS, Times
from streamer.state.lists import CHANNEL_BITS, CHANNEL_MASK, Gathered, Lists
from streamer.state.subjects import SENTIMENT_BITS

# The same meeting told twice: at most a day apart.
SAME_MEETING_SECONDS: Final = 86_400
_MEETING: Final = WORDS.index("meeting")
_ANY: Final = -1
# Fates other than a touch.
UNATTRIBUTED: Final = -1
TOLD_TWICE: Final = -2

# (person, time, channel) as one number that sorts as they do.
_TIME_BITS: Final = 32
_PERSON_SHIFT: Final = _TIME_BITS + CHANNEL_BITS

Flags = npt.NDArray[np.bool_]
NamedTimes = Callable[[int, Rows], Times]


class Candidates(NamedTuple):
    """The touches of the persons asked about, as events that name them have proved them.

    `persons` are places among those asked about; `meetings` the touches' named meetings.
    """

    persons: Rows
    channels: Rows
    rows: Rows
    contacts: Rows
    meetings: Rows
    arrived: Flags
    reached: Flags


class Questions(NamedTuple):
    """Events without message: their row, the place of their person, their time, channel, word."""

    rows: Rows
    persons: Rows
    times: Rows
    channels: Rows
    words: Rows


class Attribution:
    """Where the nameless events of one campaign went, and what that adds to touches.

    `attributed` counts touches by (channel, word), `unattributed` events by word.
    """

    __slots__ = ("_assigned", "_campaign", "_fates", "_lists", "attributed", "unattributed")

    def __init__(self, campaign: Campaign, lists: Lists) -> None:
        self._campaign = campaign
        self._lists = lists
        self._fates: dict[int, int] = {}
        self._assigned: dict[int, set[int]] = {}
        self.attributed: Counter[tuple[int, int]] = Counter()
        self.unattributed: Counter[int] = Counter()

    def update(self, roots: Rows, heard: set[int], named: NamedTimes) -> set[int]:
        """Answer anew for these persons; the touches to which this makes a difference.

        `heard` are the nameless events that moved, `named(channel, rows)` the times,
        milestone × touch, that events naming the touch have proved.
        """
        questions = self._questions(roots)
        if not len(questions.rows):
            return set()
        candidates = _candidates(self._lists.gather(roots.tolist()), named)
        fates = self._answers(questions, candidates)
        touched: set[int] = set()
        for row, fate in zip(questions.rows.tolist(), fates.tolist(), strict=True):
            former = self._fates.get(row)
            if fate == former:
                if row in heard and fate >= 0:
                    touched.add(fate)
                continue
            self._settle(row, former, fate)
            touched.update(touch for touch in (former, fate) if touch is not None and touch >= 0)
        return touched

    def added(self, touch: int) -> Iterator[tuple[int, int]]:
        """The (column, time) that the events attributed to a touch prove there."""
        column = LAYOUTS[touch & CHANNEL_MASK].column
        subjects = self._campaign.subjects
        for row in self._assigned.get(touch, ()):
            at = subjects.when[row]
            yield column[WORDS[subjects.nameless[row].word]], at
            for sentiment, bit in SENTIMENT_BITS.items():
                if subjects.sentiments[row] & bit:
                    yield column[sentiment], at

    def concerned(self, channel: int, rows: Rows) -> list[int]:
        """The places among `rows` of the touches to which something was attributed."""
        if not self._assigned:
            return []
        assigned = self._assigned
        return [
            place
            for place, row in enumerate(rows.tolist())
            if row << CHANNEL_BITS | channel in assigned
        ]

    def _settle(self, row: int, former: int | None, fate: int) -> None:
        word = self._campaign.subjects.nameless[row].word
        if former == UNATTRIBUTED:
            self.unattributed[word] -= 1
        elif former is not None and former >= 0:
            assigned = self._assigned[former]
            assigned.remove(row)
            if not self._says(assigned, word):
                self.attributed[former & CHANNEL_MASK, word] -= 1
            if not assigned:
                del self._assigned[former]
        if fate == UNATTRIBUTED:
            self.unattributed[word] += 1
        elif fate >= 0:
            assigned = self._assigned.setdefault(fate, set())
            if not self._says(assigned, word):
                self.attributed[fate & CHANNEL_MASK, word] += 1
            assigned.add(row)
        self._fates[row] = fate

    def _says(self, rows: set[int], word: int) -> bool:
        nameless = self._campaign.subjects.nameless
        return any(nameless[row].word == word for row in rows)

    def _questions(self, roots: Rows) -> Questions:
        subjects = self._campaign.subjects
        asked = [
            (row, place)
            for place, root in enumerate(roots.tolist())
            for subject in subjects.group(root)
            for row in subjects.by_subject.get(subject, ())
        ]
        rows = [row for row, _ in asked]
        known = [subjects.nameless[row] for row in rows]
        return Questions(
            np.array(rows, np.int64),
            np.array([place for _, place in asked], np.int64),
            np.array([subjects.when[row] for row in rows], np.int64),
            np.array([event.channel for event in known], np.int64),
            np.array([event.word for event in known], np.int64),
        )

    def _answers(self, questions: Questions, candidates: Candidates) -> Rows:
        fates = np.full(len(questions.rows), UNATTRIBUTED, np.int64)
        for channel in (_ANY, *range(len(CHANNELS))):
            asked = questions.channels == channel
            if asked.any():
                fit = candidates.arrived & (
                    candidates.reached if channel == _ANY else candidates.channels == channel
                )
                fates[asked] = self._latest(
                    _only(candidates, fit), questions.persons[asked], questions.times[asked]
                )
        fates[_told_twice(questions, candidates)] = TOLD_TWICE
        return fates

    def _latest(self, fit: Candidates, persons: Rows, times: Rows) -> Rows:
        """For each (person, time) the latest contact at or before it, or UNATTRIBUTED."""
        if not len(fit.rows):
            return np.full(len(persons), UNATTRIBUTED, np.int64)
        keys = fit.persons << _PERSON_SHIFT | fit.contacts << CHANNEL_BITS | fit.channels
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        last_key = persons << _PERSON_SHIFT | times << CHANNEL_BITS | CHANNEL_MASK
        following = np.searchsorted(keys, last_key, side="right")
        found = np.maximum(following - 1, 0)
        known = (following > 0) & (keys[found] >> _PERSON_SHIFT == persons)
        touches = (fit.rows << CHANNEL_BITS | fit.channels)[order]
        tied = known & (found > 0) & (keys[np.maximum(found - 1, 0)] == keys[found])
        fates = np.where(known, touches[found], UNATTRIBUTED)
        greatest: dict[int, int] = {}
        for place in np.flatnonzero(tied).tolist():
            key = int(keys[found[place]])
            if key not in greatest:
                start = int(np.searchsorted(keys, key, side="left"))
                tie = touches[start : found[place] + 1].tolist()
                greatest[key] = max(tie, key=self._message)
            fates[place] = greatest[key]
        return fates

    def _message(self, touch: int) -> str:
        return self._campaign.touches[touch & CHANNEL_MASK].messages[touch >> CHANNEL_BITS]


def _candidates(gathered: Gathered, named: NamedTimes) -> Candidates:
    size = len(gathered.rows)
    contacts, meetings = np.empty(size, np.int64), np.empty(size, np.int64)
    arrived, reached = np.ones(size, np.bool_), np.ones(size, np.bool_)
    for channel, layout in enumerate(LAYOUTS):
        there = gathered.channels == channel
        if not there.any():
            continue
        times = named(channel, gathered.rows[there])
        contacts[there] = times[layout.column[layout.contact]]
        meetings[there] = times[layout.column["meeting"]]
        if layout.missed is not None:
            arrived[there] = times[layout.column[layout.missed]] == NONE
        if layout.reached is not None:
            reached[there] = times[layout.column[layout.reached]] != NONE
    return Candidates(
        gathered.places, gathered.channels, gathered.rows, contacts, meetings, arrived, reached
    )


def _only(candidates: Candidates, fit: Flags) -> Candidates:
    return Candidates._make(column[fit] for column in candidates)


def _told_twice(questions: Questions, candidates: Candidates) -> Flags:
    """The meetings that events naming a touch of the same person have told as well."""
    meeting = candidates.meetings != NONE
    keys = np.sort(candidates.persons[meeting] << _TIME_BITS | candidates.meetings[meeting])
    told: Flags = questions.words == _MEETING
    if not len(keys):
        return np.zeros_like(told)
    earliest = questions.persons << _TIME_BITS | questions.times - SAME_MEETING_SECONDS
    latest = questions.persons << _TIME_BITS | questions.times + SAME_MEETING_SECONDS
    following = np.searchsorted(keys, earliest, side="left")
    found = keys[np.minimum(following, len(keys) - 1)]
    return told & (following < len(keys)) & (found >= earliest) & (found <= latest)
