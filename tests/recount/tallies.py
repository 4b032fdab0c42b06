"""Every milestone and value of one campaign as a flat list, each with the second it counts at.

Owns who reached what and when; never divides and never looks at a window.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.recount.attribution import Attribution, Prospect, attribute, prospects
from tests.recount.evidence import (
    CONTACT,
    Evidence,
    Times,
    Touch,
    earliest,
    with_implied,
)

ANSWERS = {
    "email": {"replied", "meeting"},
    "linkedin": {"replied", "meeting"},
    "phone": {"connected"},
    "postal": {"replied"},
    "sms": {"replied"},
}
OF_A_REP = ("made", "connected", "meeting")


@dataclass
class Tallies:
    """Flat lists: (channel, milestone, second), (channel, name, second, value) and by rep."""

    milestones: list[tuple[str, str, int]] = field(default_factory=list)
    values: list[tuple[str, str, int, int]] = field(default_factory=list)
    rep_milestones: list[tuple[str, str, int]] = field(default_factory=list)
    rep_seconds: list[tuple[str, int, int]] = field(default_factory=list)
    attributed: Counter[tuple[str, str]] = field(default_factory=Counter)
    unattributed: Counter[str] = field(default_factory=Counter)


def tally(evidence: Evidence) -> Tallies:
    """Work out everything that is counted."""
    everybody, of_subject = prospects(evidence)
    attribution = attribute(evidence, of_subject)
    tallies = Tallies()
    reached: dict[tuple[str, str], Times] = {}
    for key, touch in evidence.touches.items():
        reached[key] = effective(touch, attribution)
        tally_touch(tallies, touch, reached[key])
    for prospect in everybody:
        tally_prospect(tallies, evidence, prospect, reached)
    for (channel, _), unnamed in attribution.of_touch.items():
        tallies.attributed.update((channel, word) for word in {one.word for one in unnamed})
    tallies.unattributed.update(one.word for one in attribution.waiting)
    return tallies


def effective(touch: Touch, attribution: Attribution) -> Times:
    """Give a touch's milestones by all events: those that name it and those attributed to it."""
    proved = touch.named()
    for unnamed in attribution.of_touch.get((touch.channel, touch.message), ()):
        for milestone in (unnamed.word, *unnamed.sentiments):
            earliest(proved, milestone, unnamed.at)
    return with_implied(touch.channel, proved)


def tally_touch(tallies: Tallies, touch: Touch, times: Times) -> None:
    """Count one touch, and what a call said."""
    for milestone, at in times.items():
        tallies.milestones.append((touch.channel, milestone, at))
    if touch.channel != "phone":
        return
    duration = touch.fact("duration") or 0
    tallies.values.append(("phone", "duration", times["made"], duration))
    if "connected" in times:
        answers = touch.fact("key_answers") or 0
        tallies.values.append(("phone", "key_answers", times["connected"], answers))
    rep = touch.fact("rep")
    if rep is not None:
        tallies.rep_seconds.append((rep, times["made"], duration))
        for milestone in OF_A_REP:
            if milestone in times:
                tallies.rep_milestones.append((rep, milestone, times[milestone]))


def tally_prospect(
    tallies: Tallies,
    evidence: Evidence,
    prospect: Prospect,
    reached: dict[tuple[str, str], Times],
) -> None:
    """Count one prospect, on each channel and over all."""
    own: Times = {}
    for subject in prospect.subjects:
        for milestone, at in evidence.persons.get(subject, {}).items():
            earliest(own, milestone, at)
    contacted: Times = {}
    answered: Times = {}
    for known in prospect.touches:
        channel = known.touch.channel
        times = reached[channel, known.touch.message]
        earliest(contacted, channel, times[CONTACT[channel]])
        for milestone in times.keys() & ANSWERS[channel]:
            earliest(answered, channel, times[milestone])
        if "meeting" in times:
            earliest(own, "meeting", times["meeting"])
    if "customer" in own:
        earliest(own, "qualified", own["customer"])
    tallies.milestones += [("all", milestone, at) for milestone, at in own.items()]
    for channel, at in contacted.items():
        tally_answer(tallies, channel, at, answered.get(channel))
        if "customer" in own:
            tallies.milestones.append((channel, "customer", max(at, own["customer"])))
    if contacted:
        first_answer = min(answered.values(), default=None)
        tally_answer(tallies, "all", min(contacted.values()), first_answer)


def tally_answer(tallies: Tallies, channel: str, contacted: int, answered: int | None) -> None:
    """Count that a prospect was contacted, and after how long it answered."""
    tallies.milestones.append((channel, "contacted", contacted))
    if answered is not None:
        tallies.milestones.append((channel, "answered", answered))
        tallies.values.append((channel, "reactivity_delay", answered, answered - contacted))
