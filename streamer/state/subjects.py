"""Evidence about subjects: who is whom, what each reached, and events that name no touch.

Links are never taken back, so only those that joined two persons are kept. Derives nothing.
"""

from array import array
from typing import Final, NamedTuple

from streamer.state.layout import NONE, STAGES

SENTIMENT_BITS: Final = {"negative": 1, "positive": 2}
_BLANK: Final = array("I", [NONE] * len(STAGES))


class Nameless(NamedTuple):
    """What an event without `message` is known by; `channel` is its place among the five, or -1."""

    source: str
    id: str
    subject: int
    channel: int
    word: int


class Subjects:
    """The subjects of one campaign, numbered in the order of their coming, and their persons.

    `roots` gives each subject the number that stands for its person; it is kept flat. `members`
    lists the subjects of every person who has several. `merges` collects (kept, absorbed) roots,
    `stepped` the subjects whose stages moved, `heard` the nameless events that moved, since each
    was last cleared.
    """

    __slots__ = (
        "by_subject",
        "heard",
        "links",
        "members",
        "merges",
        "nameless",
        "nameless_rows",
        "names",
        "numbers",
        "roots",
        "sentiments",
        "stages",
        "stepped",
        "when",
    )

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.names: list[str] = []
        self.roots = array("I")
        self.members: dict[int, list[int]] = {}
        self.links: list[tuple[int, int]] = []
        self.merges: list[tuple[int, int]] = []
        self.stages: dict[int, array[int]] = {}
        self.stepped: list[int] = []
        self.nameless: list[Nameless] = []
        self.nameless_rows: dict[Nameless, int] = {}
        self.by_subject: dict[int, list[int]] = {}
        self.when = array("I")
        self.sentiments = bytearray()
        self.heard: list[int] = []

    def __len__(self) -> int:
        return len(self.names)

    def number(self, name: str) -> int:
        """The number of a subject, a new one if it is not known yet."""
        known = self.numbers.get(name)
        if known is not None:
            return known
        new = len(self.names)
        self.numbers[name] = new
        self.names.append(name)
        self.roots.append(new)
        return new

    def numbers_of(self, names: list[str | None]) -> list[int]:
        """The numbers of many subjects at once; NONE for None."""
        known = self.numbers
        new = list(dict.fromkeys(name for name in names if name is not None and name not in known))
        start = len(self.names)
        known.update(zip(new, range(start, start + len(new)), strict=True))
        self.names.extend(new)
        self.roots.extend(range(start, start + len(new)))
        return [NONE if name is None else known[name] for name in names]

    def link(self, one: int, other: int) -> bool:
        """Make two subjects one person; tells whether they were two before."""
        kept, absorbed = self.roots[one], self.roots[other]
        if kept == absorbed:
            return False
        # The smaller group moves, so that a person of many identities stays cheap to build.
        if len(self.group(kept)) < len(self.group(absorbed)):
            kept, absorbed = absorbed, kept
        moving = self.members.pop(absorbed, [absorbed])
        for subject in moving:
            self.roots[subject] = kept
        self.members.setdefault(kept, [kept]).extend(moving)
        self.links.append((one, other))
        self.merges.append((kept, absorbed))
        return True

    def group(self, root: int) -> list[int]:
        """The subjects of a person."""
        return self.members.get(root) or [root]

    def step(self, subject: int, stage: int, at: int) -> bool:
        """Join the time of a stage that the subject reached; tells whether it moved."""
        stages = self.stages.get(subject)
        if stages is None:
            stages = self.stages[subject] = array("I", _BLANK)
        if at >= stages[stage]:
            return False
        stages[stage] = at
        self.stepped.append(subject)
        return True

    def hear(self, event: Nameless, at: int, sentiment: int) -> bool:
        """Join an event without message: its earliest time stands, its sentiments add up."""
        row = self.nameless_rows.get(event)
        if row is None:
            row = self.nameless_rows[event] = len(self.nameless)
            self.nameless.append(event)
            self.by_subject.setdefault(event.subject, []).append(row)
            self.when.append(NONE)
            self.sentiments.append(0)
        elif at >= self.when[row] and not sentiment & ~self.sentiments[row]:
            return False
        self.when[row] = min(at, self.when[row])
        self.sentiments[row] |= sentiment
        self.heard.append(row)
        return True
