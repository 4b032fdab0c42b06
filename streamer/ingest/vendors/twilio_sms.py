"""Twilio Programmable Messaging: status callbacks and inbound messages, signed forms.

Nothing says what a request is but its fields: `MessageStatus` of what was sent, `SmsStatus`
`received` of what came in. No time is given, so an event has that of its reception.
Facts from Twilio's messaging guides, its official Python library and public code.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest import twilio
from streamer.ingest.fields import needed, text
from streamer.ingest.text_replies import OPTED_OUT, reply, with_sentiments
from streamer.ingest.vendors import (
    Delivery,
    Item,
    NotUnderstood,
    Touchpoint,
    Vendor,
    Wishes,
)

# `MessageStatus` → ours.
TYPES: Final[Mapping[str, str]] = {
    # « The nearest carrier accepted the message »: it left.
    "sent": "sms.sent",
    # Some of it arrived, so that it left; not all, so that it is not delivered.
    "partially_delivered": "sms.sent",
    "delivered": "sms.delivered",
    # Whatever `ErrorCode` says (30003 unreachable, 30005 unknown number, 30006 landline, 30007
    # filtered, 21610 opted out before …): the SMS was handed over and did not come through.
    # 21610 is no new opt-out: the STOP that it recalls was told when it came.
    "undelivered": "sms.failed",
    "failed": "sms.failed",
}

# Understood, and no milestone: still with Twilio, never sent, or what SMS has no word for.
IGNORED: Final = frozenset({"accepted", "scheduled", "queued", "sending", "canceled", "read"})

_RECEIVED: Final = "received"
# Advanced Opt-Out recognised the sender's own stop words; START and HELP are mere replies.
_STOPPED: Final = "STOP"


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    fields = twilio.fields(delivery)
    word = text(fields, "MessageStatus") or text(fields, "SmsStatus")
    prospect = "From" if word == _RECEIVED else "To"
    if word in wishes.ignore or word in IGNORED or ":" in (text(fields, prospect) or ""):
        # `whatsapp:+33…` and its like: another channel of the same API.
        yield Item(twilio.raw(delivery))
    elif word == _RECEIVED:
        yield Item(twilio.raw(delivery), (_reply(fields, delivery.received, wishes),))
    elif word is not None and word in TYPES:
        yield Item(twilio.raw(delivery), (_status(word, fields, delivery.received, wishes),))
    else:
        raise NotUnderstood("its `MessageStatus` is none that is documented")


def _status(word: str, fields: Mapping[str, Any], at: float, wishes: Wishes) -> Touchpoint:
    number = needed(fields, "MessageSid")
    return Touchpoint(
        type=TYPES[word],
        id=f"{number}:{word}",
        at=at,
        prospect=wishes.prospect(fields),
        person=wishes.identities.phone(needed(fields, "To")),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or number,
    )


def _reply(fields: Mapping[str, Any], at: float, wishes: Wishes) -> Touchpoint:
    # Which SMS it answers, nobody says; and a URL that every reply comes to names no prospect.
    said = reply(text(fields, "Body") or "", wishes)
    if text(fields, "OptOutType") == _STOPPED:
        said = OPTED_OUT
    return Touchpoint(
        type=said.type,
        id=needed(fields, "MessageSid"),
        at=at,
        person=wishes.identities.phone(needed(fields, "From")),
        campaign=wishes.campaign(fields),
        data=said.data,
    )


VENDOR: Final = Vendor(
    name="twilio_sms",
    title="Twilio Programmable Messaging",
    proof="HMAC of URL and form",
    retries=twilio.RETRIES,
    verifier=twilio.signature(),
    read=_read,
    tells=with_sentiments(*set(TYPES.values()), "sms.replied", "sms.opted_out"),
    methods=frozenset({"GET", "POST"}),
    setup={
        "fr": (
            (
                "À l'envoi, donnez à StatusCallback l'URL {url}?campaign=…&message=…"
                f"{twilio.RETRY_ALL} et, dans la source, campaign_from, message_from ou "
                "prospect_from les noms de ces paramètres : Twilio ne rend rien d'autre."
            ),
            (
                "Réponses : Phone Numbers > votre numéro (ou le Messaging Service) > A message "
                f"comes in > Webhook, HTTP POST, {{url}}{twilio.RETRY_ALL}"
            ),
            f"« {twilio.RETRY_ALL} » demande cinq nouvelles tentatives ; sans lui, une au plus.",
            "STREAMER_PUBLIC_URL doit être exactement ce que Twilio appelle : l'URL est signée.",
            "`secrets` : l'Auth Token du compte (Account > API keys & tokens).",
        ),
        "en": (
            (
                "When sending, give StatusCallback the URL {url}?campaign=…&message=…"
                f"{twilio.RETRY_ALL} and the source, as campaign_from, message_from or "
                "prospect_from, the names of these parameters: Twilio gives nothing else back."
            ),
            (
                "Replies: Phone Numbers > your number (or the Messaging Service) > A message "
                f"comes in > Webhook, HTTP POST, {{url}}{twilio.RETRY_ALL}"
            ),
            f'"{twilio.RETRY_ALL}" asks for five more attempts; without it there is one at most.',
            "STREAMER_PUBLIC_URL must be exactly what Twilio calls: the URL is signed.",
            "`secrets`: the account's Auth Token (Account > API keys & tokens).",
        ),
    },
    notes={
        "fr": (
            "Twilio ne date pas ses notifications : l'heure est celle de leur réception.",
            "Une réponse nomme un numéro, pas le SMS auquel elle répond.",
            "Ce qui part par WhatsApp ou un autre canal de la même API n'est pas compté.",
        ),
        "en": (
            "Twilio does not date its notifications: the time is that of their reception.",
            "A reply names a number, not the SMS that it answers.",
            "What leaves by WhatsApp or another channel of the same API is not counted.",
        ),
    },
)
