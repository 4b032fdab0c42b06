"""What each channel's touches can reach, as data: milestones, what they imply, what contact is.

Never counts; the rules stand here once and are read by all of the state.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.events.vocabulary import CHANNELS, OUTCOMES, Channel

Times = npt.NDArray[np.uint32]

# No such time: greater than every time, so that the earliest of two is their minimum.
NONE: Final = 0xFFFF_FFFF


@dataclass(frozen=True)
class Layout:
    """The milestones of one channel's touches, in the order of their columns.

    `implies` holds (milestone, what it proves) in an order in which one pass reaches the end of
    every chain. `missed` says that the touch never arrived; `reached` is what a touch must have
    come to before a meeting that names no channel can be its doing.
    """

    channel: Channel
    milestones: tuple[str, ...]
    implies: tuple[tuple[str, str], ...]
    contact: str
    answers: tuple[str, ...]
    missed: str | None = None
    reached: str | None = None
    has_facts: bool = False

    @cached_property
    def column(self) -> dict[str, int]:
        """The column of each milestone."""
        return {milestone: column for column, milestone in enumerate(self.milestones)}

    @property
    def index(self) -> int:
        """The place of the channel among the five."""
        return CHANNELS.index(self.channel)

    def close(self, times: Times) -> None:
        """Let every milestone prove what it implies, in place; `times` is milestone × touch."""
        column = self.column
        for proof, proved in self.implies:
            np.minimum(times[column[proved]], times[column[proof]], out=times[column[proved]])

    def earliest_answer(self, times: Times) -> Times:
        """The earliest answer of each touch; `times` is milestone × touch."""
        answers: Times = times[[self.column[name] for name in self.answers]].min(axis=0)
        return answers


EMAIL: Final = Layout(
    channel="email",
    milestones=(
        "sent",
        "delivered",
        "deferred",
        "hard_bounced",
        "soft_bounced",
        "opened",
        "clicked",
        "replied",
        "negative",
        "positive",
        "complained",
        "unsubscribed",
        "meeting",
    ),
    implies=(
        ("negative", "replied"),
        ("positive", "replied"),
        ("replied", "opened"),
        ("clicked", "opened"),
        ("opened", "delivered"),
        ("complained", "delivered"),
        ("unsubscribed", "delivered"),
        ("meeting", "delivered"),
        ("delivered", "sent"),
        ("deferred", "sent"),
        ("hard_bounced", "sent"),
        ("soft_bounced", "sent"),
    ),
    contact="sent",
    answers=("replied", "meeting"),
    missed="hard_bounced",
)

LINKEDIN: Final = Layout(
    channel="linkedin",
    milestones=(
        "invited",
        "accepted",
        "messaged",
        "read",
        "replied",
        "negative",
        "positive",
        "meeting",
    ),
    implies=(
        ("negative", "replied"),
        ("positive", "replied"),
        ("replied", "read"),
        ("meeting", "read"),
        ("messaged", "accepted"),
        ("read", "accepted"),
        ("accepted", "invited"),
    ),
    contact="invited",
    answers=("replied", "meeting"),
    reached="accepted",
)

PHONE: Final = Layout(
    channel="phone",
    milestones=(
        "made",
        "connected",
        "unreached",
        "completed",
        "meeting",
        "callback",
        "negative",
        "off_target",
    ),
    implies=(
        ("meeting", "connected"),
        ("callback", "connected"),
        ("negative", "connected"),
        ("off_target", "connected"),
        ("connected", "made"),
        ("unreached", "made"),
        ("completed", "made"),
    ),
    contact="made",
    answers=("connected",),
    missed="unreached",
    reached="connected",
    has_facts=True,
)

POSTAL: Final = Layout(
    channel="postal",
    milestones=("sent", "delivered", "returned", "replied", "negative", "positive", "meeting"),
    implies=(
        ("meeting", "positive"),
        ("negative", "replied"),
        ("positive", "replied"),
        ("replied", "delivered"),
        ("delivered", "sent"),
        ("returned", "sent"),
    ),
    contact="sent",
    answers=("replied",),
    missed="returned",
)

SMS: Final = Layout(
    channel="sms",
    milestones=(
        "sent",
        "delivered",
        "failed",
        "replied",
        "negative",
        "positive",
        "opted_out",
        "meeting",
    ),
    implies=(
        ("opted_out", "negative"),
        ("meeting", "positive"),
        ("negative", "replied"),
        ("positive", "replied"),
        ("replied", "delivered"),
        ("delivered", "sent"),
        ("failed", "sent"),
    ),
    contact="sent",
    answers=("replied",),
    missed="failed",
)

LAYOUTS: Final[tuple[Layout, ...]] = (EMAIL, LINKEDIN, PHONE, POSTAL, SMS)

# What an outcome proves; `none` proves nothing. The codes keep the order of the words.
OUTCOME_CODES: Final = {word: code for code, word in enumerate(OUTCOMES)}
OUTCOME_COLUMNS: Final = tuple(PHONE.column.get(word, -1) for word in OUTCOMES)

# Milestones of a prospect: per channel, and over all of them.
PROSPECT_MILESTONES: Final = ("contacted", "answered", "customer")
ALL_MILESTONES: Final = (
    "contacted",
    "answered",
    "meeting",
    "meeting_canceled",
    "qualified",
    "customer",
)
# What a subject reaches by events of its own.
STAGES: Final = ("meeting", "meeting_canceled", "qualified", "customer")

# The words of events that may come without a message, in the order of their codes.
WORDS: Final = ("replied", "opted_out", "unsubscribed", "complained", "meeting")
