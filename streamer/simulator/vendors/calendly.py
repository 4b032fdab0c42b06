"""Meetings told as Calendly's webhook tells them, signed over the time and the body.

A booking link carries campaign, prospect and touch; a channel it cannot carry, so links of each
channel belong to a user, and a source, of their own.
Facts from its developer documentation and from captured deliveries in public code.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.events import CHANNELS
from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known
from streamer.simulator.vendors import Attempt, Simulated, Written

WORDS: Final[Mapping[str, str]] = {
    "meeting.booked": "invitee.created",
    "meeting.canceled": "invitee.canceled",
}
_API: Final = "https://api.calendly.com"


def _channel(happening: Happening) -> str:
    channel: str = happening.event.get("data", {}).get("channel", "")
    return channel


def _write(happenings: Sequence[Happening], _secret: str) -> Written:
    (happening,) = happenings
    event, contact = happening.event, known(happening)
    number = hashlib.sha256(event["id"].encode()).hexdigest()[:16]
    meeting = f"{_API}/scheduled_events/{number}"
    canceled = event["type"] == "meeting.canceled"
    invitee: dict[str, Any] = {
        "uri": f"{meeting}/invitees/{number}",
        "email": contact.email,
        "name": "Jeanne Martin",
        "status": "canceled" if canceled else "active",
        "timezone": "Europe/Paris",
        "rescheduled": False,
        "old_invitee": None,
        "new_invitee": None,
        "scheduled_event": {"uri": meeting, "name": "30 minutes"},
        "tracking": {
            "utm_campaign": event["campaign"],
            "utm_content": contact.name,
            "utm_term": event.get("message"),
        },
        "questions_and_answers": [],
    }
    body = {
        "event": WORDS[event["type"]],
        "created_at": event["time"].replace("Z", ".000000Z"),
        "created_by": f"{_API}/users/AAAA",
        "payload": invitee,
    }
    return Written(json.dumps(body).encode())


def _headers(attempt: Attempt) -> Mapping[str, str]:
    signed = f"{attempt.now}.".encode() + attempt.body
    digest = hmac.digest(attempt.secret.encode(), signed, "sha256").hex()
    return {
        "Content-Type": "application/json",
        "Calendly-Webhook-Signature": f"t={attempt.now},v1={digest}",
    }


_VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {},
    # On the phone no link is sent.
    **{
        channel: {"channel": channel, "message_from": "utm_term"}
        for channel in CHANNELS
        if channel != "phone"
    },
}

SIMULATED: Final = Simulated(
    name="calendly",
    teller="bookings",
    write=_write,
    headers=_headers,
    source={"campaign_from": "utm_campaign", "prospect_from": "utm_content"},
    variants=_VARIANTS,
    variant=_channel,
    habits=Habits(late=0.05, again=0.02),
    # « With exponential back-off for 24 hours »; the seconds are not documented.
    assumed=(60.0, 180.0, 540.0, 1_620.0, 4_860.0, 14_580.0, 43_740.0),
    untold=("Meetings that somebody notes by hand.",),
)
