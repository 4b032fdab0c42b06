"""Who is one prospect, and which touch an event without `message` belongs to.

Looks only at what events that name their touch have proved, so the answer is one.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.recount.acceptance import CHANNELS
from tests.recount.evidence import CONTACT, Evidence, Times, Touch, Unnamed

NOT_ARRIVED = ("hard_bounced", "failed", "returned", "unreached")
NEEDED_FOR_ANY_MEETING = {"phone": "connected", "linkedin": "accepted"}
SAME_MEETING_SECONDS = 86_400


@dataclass
class Known:
    """A touch beside its named milestones, worked out once."""

    touch: Touch
    named: Times

    @property
    def contact(self) -> int:
        """The touch's own sent, made or invited time."""
        return self.named[CONTACT[self.touch.channel]]

    @property
    def order(self) -> tuple[int, int, str]:
        """The later contact is the greater: by time, then channel, then message."""
        return self.contact, CHANNELS.index(self.touch.channel), self.touch.message


@dataclass
class Prospect:
    """A set of subjects that links made one, and the touches of any of them."""

    subjects: list[str] = field(default_factory=list)
    touches: list[Known] = field(default_factory=list)


@dataclass
class Attribution:
    """Where each event without `message` went."""

    of_touch: dict[tuple[str, str], list[Unnamed]] = field(
        default_factory=lambda: defaultdict(list)
    )
    waiting: list[Unnamed] = field(default_factory=list)


def prospects(evidence: Evidence) -> tuple[list[Prospect], dict[str, Prospect]]:
    """Give every prospect, and each subject's."""
    of_subject = joined(evidence)
    for touch in evidence.touches.values():
        if touch.owner is not None:
            of_subject[touch.owner].touches.append(Known(touch, touch.named()))
    distinct = {id(prospect): prospect for prospect in of_subject.values()}
    return list(distinct.values()), of_subject


def joined(evidence: Evidence) -> dict[str, Prospect]:
    """Join the subjects that links connect, directly or through others."""
    subjects = set(evidence.persons)
    subjects |= {touch.owner for touch in evidence.touches.values() if touch.owner is not None}
    subjects |= {unnamed.subject for unnamed in evidence.unnamed.values()}
    neighbours: dict[str, set[str]] = {subject: set() for subject in subjects}
    for link in evidence.links:
        for one in link:
            neighbours.setdefault(one, set()).add(link[0])
            neighbours[link[0]].add(one)
    of_subject: dict[str, Prospect] = {}
    for subject in neighbours:
        if subject in of_subject:
            continue
        prospect = Prospect()
        waiting = [subject]
        while waiting:
            one = waiting.pop()
            if one not in of_subject:
                of_subject[one] = prospect
                prospect.subjects.append(one)
                waiting.extend(neighbours[one])
    return of_subject


def attribute(evidence: Evidence, of_subject: dict[str, Prospect]) -> Attribution:
    """Seek the touch of every event that names none."""
    result = Attribution()
    for unnamed in evidence.unnamed.values():
        touches = of_subject[unnamed.subject].touches
        if unnamed.word == "meeting" and told_already(unnamed, touches):
            continue
        fitting = [known for known in touches if fits(unnamed, known)]
        if fitting:
            found = max(fitting, key=lambda known: known.order).touch
            result.of_touch[found.channel, found.message].append(unnamed)
        else:
            result.waiting.append(unnamed)
    return result


def told_already(meeting: Unnamed, touches: list[Known]) -> bool:
    """Say whether a named meeting of the prospect, on any channel, is at most a day away."""
    return any(
        abs(known.named["meeting"] - meeting.at) <= SAME_MEETING_SECONDS
        for known in touches
        if "meeting" in known.named
    )


def fits(unnamed: Unnamed, known: Known) -> bool:
    """Say whether the touch may be what the event answers to."""
    if known.contact > unnamed.at:
        return False
    if any(milestone in known.named for milestone in NOT_ARRIVED):
        return False
    if unnamed.channel is not None:
        return known.touch.channel == unnamed.channel
    needed = NEEDED_FOR_ANY_MEETING.get(known.touch.channel)
    return needed is None or needed in known.named
