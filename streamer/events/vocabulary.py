"""The words that events are made of: channels, types, and what each type needs."""

from typing import Final, Literal

import msgspec

Channel = Literal["email", "linkedin", "phone", "postal", "sms"]
Needs = Literal["message", "somebody", "meeting", "subject", "identities", "amount", "nothing"]

# Their order settles ties of attribution: the last of equal contacts wins.
CHANNELS: Final[tuple[Channel, ...]] = ("email", "linkedin", "phone", "postal", "sms")

SENTIMENTS: Final = frozenset({"positive", "negative", "neutral"})
BOUNCES: Final = frozenset({"hard", "soft"})
# In the order of their code points, in which ties between outcomes are settled.
OUTCOMES: Final = ("callback", "meeting", "negative", "none", "off_target")


class Kind(msgspec.Struct, frozen=True):
    """One type of the vocabulary.

    `channel` is None for the types that belong to none of the five. `needs` names what an event
    of the type must carry beyond the envelope: `somebody` is a subject or a message, `meeting` a
    subject, or a message together with `data.channel`.
    """

    type: str
    channel: Channel | None
    word: str
    needs: Needs


_KINDS: Final = (
    Kind("email.sent", "email", "sent", "message"),
    Kind("email.delivered", "email", "delivered", "message"),
    Kind("email.deferred", "email", "deferred", "message"),
    Kind("email.bounced", "email", "bounced", "message"),
    Kind("email.opened", "email", "opened", "message"),
    Kind("email.clicked", "email", "clicked", "message"),
    Kind("email.replied", "email", "replied", "somebody"),
    Kind("email.unsubscribed", "email", "unsubscribed", "somebody"),
    Kind("email.complained", "email", "complained", "somebody"),
    Kind("sms.sent", "sms", "sent", "message"),
    Kind("sms.delivered", "sms", "delivered", "message"),
    Kind("sms.failed", "sms", "failed", "message"),
    Kind("sms.replied", "sms", "replied", "somebody"),
    Kind("sms.opted_out", "sms", "opted_out", "somebody"),
    Kind("postal.sent", "postal", "sent", "message"),
    Kind("postal.delivered", "postal", "delivered", "message"),
    Kind("postal.returned", "postal", "returned", "message"),
    Kind("postal.replied", "postal", "replied", "somebody"),
    Kind("phone.made", "phone", "made", "message"),
    Kind("phone.connected", "phone", "connected", "message"),
    Kind("phone.unreached", "phone", "unreached", "message"),
    Kind("phone.completed", "phone", "completed", "message"),
    Kind("linkedin.invited", "linkedin", "invited", "message"),
    Kind("linkedin.accepted", "linkedin", "accepted", "message"),
    Kind("linkedin.messaged", "linkedin", "messaged", "message"),
    Kind("linkedin.read", "linkedin", "read", "message"),
    Kind("linkedin.replied", "linkedin", "replied", "somebody"),
    Kind("meeting.booked", None, "meeting", "meeting"),
    Kind("meeting.canceled", None, "meeting_canceled", "subject"),
    Kind("lead.qualified", None, "qualified", "subject"),
    Kind("customer.won", None, "customer", "subject"),
    Kind("prospect.linked", None, "linked", "identities"),
    Kind("cost.incurred", None, "cost", "amount"),
    Kind("campaign.planned", None, "planned", "nothing"),
)

TYPES: Final[dict[str, Kind]] = {kind.type: kind for kind in _KINDS}
