"""Evidence about the touches of one channel: columns of earliest times, owners, facts of calls.

Every change is a join (the earliest, the smallest, the latest), so neither order nor repetition
of what is applied plays a part. Derives nothing.
"""

from array import array
from collections.abc import Sequence
from typing import Final

import numpy as np

from streamer.state.layout import NONE, Layout, Times

# The facts of a call: each a pair of columns, the time of the event and the value.
FACTS: Final = ("duration", "key_answers", "rep", "outcome")
FACT_WIDTH: Final = 2 * len(FACTS)
# A fact that no event carried has the time 0; every real time is later.
_NO_FACTS: Final = array("I", [0] * FACT_WIDTH)


class Touches:
    """The touches of one campaign on one channel, a row each in the order of their coming.

    `changed` lists the rows (repetitions included) whose evidence moved since it was last
    cleared; `settled` is the number of rows at that time, and `moved` holds the owner that a
    settled row had then, for those whose owner moved.
    """

    __slots__ = (
        "blank",
        "changed",
        "facts",
        "layout",
        "messages",
        "moved",
        "owners",
        "rows",
        "settled",
        "times",
        "width",
    )

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.width = len(layout.milestones)
        self.blank = array("I", [NONE] * self.width)
        self.rows: dict[str, int] = {}
        self.messages: list[str] = []
        self.times = array("I")
        self.owners = array("I")
        self.facts = array("I")
        self.changed: list[int] = []
        self.moved: dict[int, int] = {}
        self.settled = 0

    def __len__(self) -> int:
        return len(self.messages)

    def add(self, message: str) -> int:
        """The row of a new touch."""
        row = len(self.messages)
        self.rows[message] = row
        self.messages.append(message)
        self.times.extend(self.blank)
        self.owners.append(NONE)
        if self.layout.has_facts:
            self.facts.extend(_NO_FACTS)
        return row

    def add_all(self, messages: list[str], owners: list[int], times: Times, facts: Times) -> bool:
        """Add touches with their evidence if none of them is known; tells whether it was done."""
        count = len(messages)
        if any(map(self.rows.__contains__, messages)) or len(set(messages)) < count:
            return False
        start = len(self.messages)
        rows = range(start, start + count)
        self.rows.update(zip(messages, rows, strict=True))
        self.messages.extend(messages)
        self.owners.extend(owners)
        self.times.frombytes(times.tobytes())
        if self.layout.has_facts:
            self.facts.frombytes(facts.tobytes())
        self.changed.extend(rows)
        return True

    def own(self, row: int, subject: int, names: Sequence[str]) -> bool:
        """Join an owner: the smallest name stands. Tells whether it moved."""
        owner = self.owners[row]
        if owner == subject or (owner != NONE and names[owner] <= names[subject]):
            return False
        if row < self.settled:
            self.moved.setdefault(row, owner)
        self.owners[row] = subject
        return True

    def prove(self, row: int, column: int, at: int) -> bool:
        """Join a time: the earliest stands. Tells whether it moved."""
        cell = row * self.width + column
        if at < self.times[cell]:
            self.times[cell] = at
            return True
        return False

    def state(self, row: int, fact: int, at: int, value: int) -> bool:
        """Join a fact: the latest stands, of equal times the greatest value."""
        cell = row * FACT_WIDTH + 2 * fact
        facts = self.facts
        if (at, value) > (facts[cell], facts[cell + 1]):
            facts[cell] = at
            facts[cell + 1] = value
            return True
        return False

    def state_rep(self, row: int, at: int, rep: int, names: Sequence[str]) -> bool:
        """Join the call's rep, whose values are compared by name."""
        cell = row * FACT_WIDTH + 2 * FACTS.index("rep")
        facts = self.facts
        known = facts[cell]
        if at > known or (at == known and names[rep] > names[facts[cell + 1]]):
            facts[cell] = at
            facts[cell + 1] = rep
            return True
        return False

    def evidence(self) -> Times:
        """A view, touch × milestone; it must be dropped before a touch is added."""
        return np.frombuffer(self.times, np.uint32).reshape(-1, self.width)

    def fact_columns(self) -> Times:
        """A view, touch × (time, value of each fact); likewise to be dropped."""
        return np.frombuffer(self.facts, np.uint32).reshape(-1, FACT_WIDTH)
