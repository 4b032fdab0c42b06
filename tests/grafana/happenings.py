"""A campaign that gives every KPI, every milestone and every early warning a value, right now."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]

PLAN: Mapping[str, Any] = {
    "name": "Été 2026",
    "cost": "1000.00",
    "currency": "EUR",
    "key_questions": 4,
    "planned": {"email": 200, "sms": 40, "postal": 30, "phone": 20, "linkedin": 30},
}

# What happens to one touch, in this order: types, and what their data say.
TOUCHES: tuple[tuple[tuple[str, Mapping[str, Any]], ...], ...] = (
    (("email.delivered", {}), ("email.opened", {}), ("email.clicked", {})),
    (("email.deferred", {}), ("email.bounced", {"bounce": "soft"})),
    (("email.replied", {"sentiment": "positive"}),),
    (("email.replied", {"sentiment": "negative"}), ("email.unsubscribed", {})),
    (("email.complained", {}),),
    (("sms.delivered", {}), ("sms.replied", {"sentiment": "positive"})),
    (("sms.opted_out", {}),),
    (("sms.failed", {}),),
    (("postal.delivered", {}), ("postal.replied", {"sentiment": "positive"})),
    (("postal.replied", {"sentiment": "negative"}),),
    (("postal.returned", {}),),
    (("phone.made", {"rep": "ana"}), ("phone.completed", {"outcome": "meeting", "duration": 120})),
    (("phone.connected", {"rep": "bob", "key_answers": 2}),),
    (("phone.completed", {"outcome": "callback", "rep": "ana"}),),
    (("phone.completed", {"outcome": "negative"}),),
    (("phone.completed", {"outcome": "off_target"}),),
    (("phone.unreached", {"rep": "bob"}),),
    (("linkedin.accepted", {}), ("linkedin.messaged", {}), ("linkedin.read", {})),
    (("linkedin.replied", {"sentiment": "positive"}),),
    (("linkedin.replied", {"sentiment": "negative"}),),
)
# What comes without a touch, for the prospect who got one of each channel.
RETURNS = (
    "email.replied",
    "email.unsubscribed",
    "sms.replied",
    "postal.replied",
    "linkedin.replied",
)
CALLED_BACK = 13
FIRST = ("email.sent", "sms.sent", "postal.sent", "phone.made", "linkedin.invited")


def happenings(campaign: str, now: datetime, name: str) -> Iterator[Event]:
    """Events of the last three minutes; another `name`, other prospects."""
    minute = now.replace(second=0, microsecond=0)
    number = 0

    def event(kind: str, seconds: int, **more: Any) -> Event:
        nonlocal number
        number += 1
        at = minute - timedelta(seconds=180 - seconds)
        return {
            "specversion": "1.0",
            "id": f"{name}-{number}",
            "source": "/sources/crm",
            "type": kind,
            "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "campaign": campaign,
            **more,
        }

    # Enough mails for an alert to judge, and every sixth to a wrong address.
    for mail in range(60):
        about = {"subject": f"{name}-m{mail}", "message": f"{name}-m{mail}"}
        yield event("email.sent", 0, **about)
        if mail % 6 == 0:
            yield event("email.bounced", 5, **about, data={"bounce": "hard"})
    for place, steps in enumerate(TOUCHES):
        about = {"subject": f"{name}-t{place}", "message": f"{name}-t{place}"}
        for step, (kind, data) in enumerate(steps):
            yield event(kind, step, **about, data=dict(data))
    one = {"subject": f"{name}-one"}
    for kind in FIRST:
        yield event(kind, 0, **one, message=f"{name}-one")
    for kind in RETURNS:
        yield event(kind, 10, **one)
    for channel in ("email", "sms", "postal", "phone", "linkedin"):
        more = {"message": f"{name}-one", "data": {"channel": channel}}
        yield event("meeting.booked", 20, **one, **more)
    # Told by somebody who does not know the call: it is found.
    called = {"subject": f"{name}-t{CALLED_BACK}"}
    yield event("meeting.booked", 25, **called, data={"channel": "phone"})
    yield event("meeting.canceled", 30, **one)
    yield event("lead.qualified", 30, **one)
    yield event("customer.won", 40, **one)
    yield event("email.replied", 10, subject=f"{name}-stranger")
    yield event("cost.incurred", 10, data={"amount": "12.50", "currency": "USD"})
