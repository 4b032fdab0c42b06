"""The campaigns that are simulated, and how people behave in them. Data only."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Channel = Literal["email", "linkedin", "phone", "postal", "sms"]


class Step(NamedTuple):
    """One contact of a prospect's sequence: days after the first, where, and how likely."""

    day: float
    channel: Channel
    chance: float


class Campaign(NamedTuple):
    """A campaign: its plan's terms, and how many prospects enter it each day.

    `code` is what it is called where a vendor leaves little room, `mailer` who sends its mails.
    """

    id: str
    code: str
    name: str
    mailer: Literal["brevo", "sendgrid"]
    prospects_per_day: int
    cost: str
    steps: tuple[Step, ...]


CAMPAIGNS: Final = (
    Campaign(
        "relance-printemps-2026",
        "rp26",
        "Relance de printemps 2026",
        "sendgrid",
        160,
        "9500.00",
        (
            Step(0.0, "email", 0.92),
            Step(0.3, "postal", 0.40),
            Step(0.6, "linkedin", 0.45),
            Step(1.2, "sms", 0.50),
            Step(2.0, "phone", 0.55),
            Step(3.0, "email", 0.75),
            Step(4.5, "phone", 0.25),
        ),
    ),
    Campaign(
        "salon-lyon-2026",
        "sl26",
        "Invitation au salon de Lyon",
        "brevo",
        70,
        "4200.00",
        (
            Step(0.0, "postal", 0.60),
            Step(0.4, "linkedin", 0.50),
            Step(1.0, "email", 0.95),
            Step(2.5, "phone", 0.60),
            Step(3.5, "sms", 0.70),
        ),
    ),
    Campaign(
        "reconquete-clients-2026",
        "rc26",
        "Reconquête des anciens clients",
        "brevo",
        40,
        "2600.00",
        (
            Step(0.0, "phone", 0.80),
            Step(0.3, "email", 0.90),
            Step(1.0, "sms", 0.60),
            Step(1.5, "linkedin", 0.45),
            Step(2.0, "postal", 0.70),
        ),
    ),
)

REPS: Final = ("rep-amel", "rep-bruno", "rep-chloe")
KEY_QUESTIONS: Final = 5
CURRENCY: Final = "EUR"

# What one touch costs.
PRICES: Final[Mapping[Channel, float]] = {"postal": 1.37, "sms": 0.062, "email": 0.0011}
# Telephony is paid by the rep and day, the LinkedIn tool in another currency: it is left out.
REP_DAY: Final = "118.00"
TOOL_USD: Final = "3.30"

# How likely each thing is, of what it follows from.
CHANCES: Final[Mapping[str, float]] = {
    "email.hard": 0.012,
    "email.soft": 0.018,
    "email.lost": 0.006,
    "email.deferred": 0.03,
    "email.late_bounce": 0.003,
    "email.opened": 0.46,
    "email.opened_again": 0.35,
    "email.clicked": 0.21,
    # A client that loads no images: the click is told, the opening is not.
    "email.opening_untold": 0.04,
    "email.replied": 0.085,
    "email.complained": 0.0012,
    "email.unsubscribed": 0.006,
    "sms.failed": 0.03,
    "sms.delivered": 0.97,
    "sms.replied": 0.08,
    "sms.opted_out": 0.028,
    "postal.returned": 0.045,
    "postal.delivered": 0.9,
    "postal.replied": 0.06,
    "phone.corrected": 0.06,
    "linkedin.accepted": 0.38,
    "linkedin.messaged": 0.92,
    "linkedin.read": 0.66,
    "linkedin.replied": 0.33,
    "link.late": 0.15,
    # A reply by mail or post that names its touch; the others name the person only.
    "reply.named": 0.45,
    "meeting.of_positive": 0.7,
    "meeting.noted_too": 0.5,
    "meeting.canceled": 0.12,
    "lead.of_meeting": 0.62,
    "lead.without_meeting": 0.004,
    "customer.of_lead": 0.48,
}
SENTIMENTS: Final[Mapping[str, float]] = {"positive": 0.4, "neutral": 0.28, "negative": 0.32}
CALLS: Final[Mapping[str, float]] = {"connected": 0.38, "unreached": 0.55, "silent": 0.07}
OUTCOMES: Final[Mapping[str, float]] = {
    "meeting": 0.12,
    "callback": 0.25,
    "negative": 0.3,
    "off_target": 0.1,
    "none": 0.23,
}
# How a meeting is told: with its touch, with its channel, of the person only, or twice.
MEETINGS: Final[Mapping[str, float]] = {
    "touch": 0.45,
    "channel": 0.2,
    "person": 0.2,
    "twice": 0.15,
}
