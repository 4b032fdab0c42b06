"""What happens to one prospect, contact by contact, in the campaign's own time.

Pure: from a prospect's dice and the campaign's quotas to events with their times. Times are
seconds since the campaign began; nothing here knows the wall clock.
"""

from collections.abc import Callable, Mapping

from streamer.simulator.campaigns import (
    CALLS,
    CHANCES,
    KEY_QUESTIONS,
    MEETINGS,
    OUTCOMES,
    REPS,
    SENTIMENTS,
    Campaign,
    Channel,
)
from streamer.simulator.chances import DAY, HOUR, MINUTE, Quotas, around, dice
from streamer.simulator.happening import Call, Moment
from streamer.simulator.vendors import numbered
from streamer.simulator.voice import Prospect, Voice


class Journey:
    """One prospect's way through the campaign."""

    def __init__(self, run: str, campaign: Campaign, prospect: Prospect, quotas: Quotas) -> None:
        self._voice = Voice(run, campaign.id, prospect)
        self._run = run
        self._campaign = campaign
        self._who = prospect
        self._quotas = quotas
        self._rng = dice(run, campaign.id, prospect.number)
        self._ends = float("inf")
        self._touches = 0

    @property
    def moments(self) -> list[Moment]:
        """All that happened so far, in no order."""
        return self._voice.moments

    def live(self) -> list[Channel]:
        """Let it all happen; the channels that were used, once for each touch."""
        contact: Mapping[Channel, Callable[[float, str], None]] = {
            "email": self._mail,
            "sms": self._sms,
            "postal": self._letter,
            "phone": self._call,
            "linkedin": self._invitation,
        }
        used: list[Channel] = []
        self._link()
        for number, step in enumerate(self._campaign.steps):
            at = self._who.begins + (step.day + self._rng.uniform(0, 0.25)) * DAY
            if not self._quotas.hit(f"step {number}", step.chance) or at > self._ends:
                continue
            self._touches += 1
            contact[step.channel](at, self._touch_id(step.channel))
            used.append(step.channel)
        if self._hit("lead.without_meeting"):
            self._lead(self._who.begins + self._rng.uniform(1, 4) * DAY)
        return used

    def _link(self) -> None:
        late = self._rng.uniform(1, 3) * DAY if self._hit("link.late") else 0.0
        self._voice.listed(self._who.begins + late)

    def _mail(self, at: float, touch: str) -> None:
        self._voice.touch(at, "email.sent", touch)
        if self._hit("email.hard"):
            self._voice.touch(at + 3, "email.bounced", touch, bounce="hard")
            return
        if self._hit("email.soft"):
            self._voice.touch(at + 9, "email.bounced", touch, bounce="soft")
            return
        if self._hit("email.lost"):
            return
        arrives = at + self._rng.uniform(2, 40)
        if self._hit("email.deferred"):
            self._voice.touch(arrives, "email.deferred", touch)
            arrives += self._rng.uniform(5, 30) * MINUTE
        self._voice.touch(arrives, "email.delivered", touch)
        if self._hit("email.late_bounce"):
            self._voice.touch(
                arrives + self._rng.uniform(4, 24) * HOUR, "email.bounced", touch, bounce="hard"
            )
            return
        self._reader(arrives, touch)

    def _reader(self, arrives: float, touch: str) -> None:
        if self._hit("email.complained"):
            self._voice.touch(arrives + around(self._rng, HOUR, DAY), "email.complained", touch)
            self._ends = arrives
        if self._hit("email.unsubscribed"):
            self._voice.touch(
                arrives + around(self._rng, 2 * HOUR, DAY), "email.unsubscribed", touch
            )
            self._ends = arrives
        if not self._hit("email.opened"):
            return
        opens = arrives + around(self._rng, 2 * HOUR, 2 * DAY)
        clicks = self._hit("email.clicked")
        if not (clicks and self._hit("email.opening_untold")):
            self._voice.touch(opens, "email.opened", touch)
        if self._hit("email.opened_again"):
            self._voice.touch(opens + around(self._rng, HOUR, DAY), "email.opened", touch)
        if clicks:
            self._voice.touch(opens + self._rng.uniform(5, 200), "email.clicked", touch)
        if self._hit("email.replied"):
            self._reply(opens + around(self._rng, 3 * HOUR, DAY), "email", touch)

    def _sms(self, at: float, touch: str) -> None:
        self._voice.touch(at, "sms.sent", touch)
        if self._hit("sms.failed"):
            self._voice.touch(at + self._rng.uniform(5, 90), "sms.failed", touch)
            return
        if not self._hit("sms.delivered"):
            return
        arrives = at + self._rng.uniform(2, 30)
        self._voice.touch(arrives, "sms.delivered", touch)
        if self._hit("sms.replied"):
            self._reply(arrives + around(self._rng, 40 * MINUTE, DAY), "sms", touch)
        elif self._hit("sms.opted_out"):
            # Whoever receives a STOP knows the number, never the message.
            self._voice.person(arrives + around(self._rng, HOUR, DAY), "sms.opted_out")
            self._ends = arrives

    def _letter(self, at: float, touch: str) -> None:
        self._voice.touch(at, "postal.sent", touch)
        if self._hit("postal.returned"):
            self._voice.touch(at + self._rng.uniform(4, 6) * DAY, "postal.returned", touch)
            return
        if not self._hit("postal.delivered"):
            return
        arrives = at + self._rng.uniform(1.5, 2.5) * DAY
        self._voice.touch(arrives, "postal.delivered", touch)
        if self._hit("postal.replied"):
            self._reply(arrives + self._rng.uniform(0.3, 1.5) * DAY, "postal", touch)

    def _call(self, at: float, touch: str) -> None:
        rep = self._rng.choice(REPS)
        word = self._quotas.choose("call", CALLS)
        ringing = self._rng.randrange(12, 30)
        if word != "connected":
            call = Call(at, ringing, 0)
            self._voice.call(at, "phone.made", touch, call, ringing, rep=rep)
            if word == "unreached":
                self._voice.call(at, "phone.unreached", touch, call, rep=rep)
            return
        talk = int(around(self._rng, 160, 1500))
        ends = at + ringing + talk
        call = Call(ends, ringing, talk)
        self._voice.call(ends, "phone.made", touch, call, ringing + talk, rep=rep)
        self._voice.call(ends, "phone.connected", touch, call, talk, rep=rep)
        self._voice.call(ends, "phone.completed", touch, call, duration=talk, rep=rep)
        answers = min(KEY_QUESTIONS, int(self._rng.triangular(0, 6, 3)))
        self._voice.questions(ends + MINUTE, touch, answers)
        self._tag(ends + self._rng.uniform(20, 120), "outcome", touch, call, rep)

    def _tag(self, at: float, why: str, touch: str, call: Call, rep: str) -> None:
        """What the rep says that the call came to, perhaps in error; and what follows from it."""
        outcome = self._quotas.choose(why, OUTCOMES)
        self._voice.call(at, "phone.completed", touch, call, outcome=outcome, rep=rep)
        if why == "outcome" and self._hit("phone.corrected"):
            self._tag(at + around(self._rng, HOUR, DAY), "corrected", touch, call, rep)
            return
        if outcome == "meeting":
            if self._hit("meeting.noted_too"):
                self._voice.noted(at + 5 * MINUTE, "meeting.booked")
            self._after_meeting(at)
        if outcome in {"meeting", "negative", "off_target"}:
            self._ends = call.ends

    def _invitation(self, at: float, touch: str) -> None:
        self._voice.touch(at, "linkedin.invited", touch)
        if not self._hit("linkedin.accepted"):
            return
        accepts = at + around(self._rng, 10 * HOUR, 3 * DAY)
        self._voice.touch(accepts, "linkedin.accepted", touch)
        if not self._hit("linkedin.messaged"):
            return
        self._voice.touch(accepts + HOUR, "linkedin.messaged", touch)
        if not self._hit("linkedin.read"):
            return
        reads = accepts + HOUR + around(self._rng, 4 * HOUR, DAY)
        self._voice.touch(reads, "linkedin.read", touch)
        if self._hit("linkedin.replied"):
            self._reply(reads + around(self._rng, 2 * HOUR, DAY), "linkedin", touch)

    def _reply(self, at: float, channel: Channel, touch: str) -> None:
        sentiment = self._quotas.choose(f"{channel} sentiment", SENTIMENTS)
        kind = f"{channel}.replied"
        if channel == "linkedin":
            # The tool knows both: the lead, whom it invited once.
            self._voice.touch(at, kind, touch, sentiment=sentiment)
        elif channel != "sms" and self._quotas.hit(f"{channel} named", CHANCES["reply.named"]):
            self._voice.reply(at, kind, touch, sentiment=sentiment)
        else:
            # Whoever receives an SMS knows the number, never the message that it answers.
            self._voice.person(at, kind, sentiment=sentiment)
        self._ends = min(self._ends, at)
        if sentiment == "positive" and self._hit("meeting.of_positive", channel):
            self._meeting(at + around(self._rng, 3 * HOUR, DAY), channel, touch)

    def _meeting(self, at: float, channel: Channel, touch: str) -> None:
        told = self._quotas.choose(f"{channel} meeting", MEETINGS)
        if told in {"touch", "twice"}:
            self._voice.meeting(at, "meeting.booked", touch, channel=channel)
        if told == "channel":
            self._voice.meeting(at, "meeting.booked", channel=channel)
        if told == "person":
            self._voice.meeting(at, "meeting.booked")
        if told == "twice":
            self._voice.noted(at + 10 * MINUTE, "meeting.booked")
        self._after_meeting(at)

    def _after_meeting(self, at: float) -> None:
        if self._hit("meeting.canceled"):
            self._voice.meeting(at + self._rng.uniform(0.2, 1) * DAY, "meeting.canceled")
        elif self._hit("lead.of_meeting"):
            self._lead(at + self._rng.uniform(0.2, 1) * DAY)

    def _lead(self, at: float) -> None:
        self._voice.deal(at, "lead.qualified")
        if self._hit("customer.of_lead"):
            self._voice.deal(at + self._rng.uniform(0.3, 1.5) * DAY, "customer.won")

    def _hit(self, name: str, also: str = "") -> bool:
        return self._quotas.hit(f"{name} {also}", CHANCES[name])

    def _touch_id(self, channel: Channel) -> str:
        name = f"{self._campaign.id}/{self._who.number}/{self._touches}"
        number = f"{dice(self._run, name).getrandbits(128):032x}"
        return numbered(channel, self._campaign, number, self._who.contact)
