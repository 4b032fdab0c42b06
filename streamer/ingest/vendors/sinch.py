"""Sinch's SMS API: one delivery report for each recipient, and inbound messages, as JSON.

A batch has one id for all its recipients, so a touch is the batch and the recipient together.
Facts from Sinch's pages on delivery reports and webhooks, and its official Python library.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import international, iso, json_object, needed, text
from streamer.ingest.passthrough import passed
from streamer.ingest.text_replies import reply, with_sentiments
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Wishes,
)
from streamer.ingest.verification import basic, either, hmac_of, is_fresh, unbase64

_HOUR: Final = 3600.0
_HEADER: Final = b"x-sinch-webhook-signature"

# 5, 10, 20 … 81,920 s after the first attempt. Any 4xx but 429 is final, so a request that is not
# proved is refused with a 5xx: the right secret may still be set.
RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=503,
    refused=503,
    horizon=24 * _HOUR,
    delays=(5, *(5 * 2**step for step in range(14))),
    retried=frozenset({429, *range(500, 600)}),
)

# `status` of a report, whose case differs between the pages and the library → ours.
TYPES: Final[Mapping[str, str]] = {
    "dispatched": "sms.sent",
    # The operator has it and never said what became of it.
    "unknown": "sms.sent",
    "delivered": "sms.delivered",
    # Handed over, and not come through, wherever it stopped.
    "failed": "sms.failed",
    "expired": "sms.failed",
    "rejected": "sms.failed",
    "aborted": "sms.failed",
    "deleted": "sms.failed",
}
# Still with Sinch, or called back before it left.
IGNORED: Final = frozenset({"queued", "cancelled"})

_REPORT: Final = "recipient_delivery_report_sms"
# `type` of an inbound message that a person wrote.
REPLIES: Final = frozenset({"mo_text", "mo_media"})
# A summary of a batch names no single recipient's state at its time; MMS are no SMS; a binary SMS
# is between machines.
OTHERS: Final = frozenset(
    {"delivery_report_sms", "delivery_report_mms", "recipient_delivery_report_mms", "mo_binary"}
)


def _signed(delivery: Delivery) -> bytes | None:
    nonce = delivery.headers.get(_HEADER + b"-nonce")
    timestamp = delivery.headers.get(_HEADER + b"-timestamp")
    if not nonce or not timestamp or not is_fresh(timestamp, delivery.received, RETRIES.horizon):
        return None
    return b".".join((delivery.body, nonce, timestamp))


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    told = json_object(delivery.body)
    kind = text(told, "type")
    word = (text(told, "status") or "").lower()
    if kind in OTHERS or any(each.lower() in {kind, word} for each in wishes.ignore):
        yield Item(delivery.body)
    elif kind in REPLIES:
        yield Item(delivery.body, (_reply(told, wishes),))
    elif kind != _REPORT:
        raise NotUnderstood("its `type` is none that is documented")
    elif word in IGNORED:
        yield Item(delivery.body)
    elif word in TYPES:
        yield Item(delivery.body, (_report(word, told, wishes),))
    else:
        raise NotUnderstood("its `status` is none that is documented")


VENDOR: Final = Vendor(
    name="sinch",
    title="Sinch SMS",
    proof="a password or HMAC of the body",
    retries=RETRIES,
    verifier=either(basic(), hmac_of(_signed, lambda each: unbase64(each.headers.get(_HEADER)))),
    read=_read,
    tells=with_sentiments(*set(TYPES.values()), "sms.replied", "sms.opted_out"),
    setup={
        "fr": (
            "Dashboard > SMS > APIs > votre service plan > Callback URL : {url}",
            (
                "À l'envoi : delivery_report = \"per_recipient\" ; le bilan d'un lot entier "
                '("summary", "full") n\'est pas lu.'
            ),
            (
                "client_reference revient avec chaque accusé, tel que « cmp=printemps » : "
                "campaign_from en nomme un champ, ou client_reference lui-même."
            ),
            (
                "Demandez à votre interlocuteur chez Sinch l'authentification basic de l'appel, "
                "et écrivez `utilisateur:mot de passe` dans la variable que `secrets` nomme ; si "
                "vos appels sont signés, le secret de la signature."
            ),
        ),
        "en": (
            "Dashboard > SMS > APIs > your service plan > Callback URL: {url}",
            (
                'When sending: delivery_report = "per_recipient"; the report on a whole batch '
                '("summary", "full") is not read.'
            ),
            (
                'client_reference comes back with each report, such as "cmp=spring": '
                "campaign_from names a field of it, or client_reference itself."
            ),
            (
                "Ask your account manager at Sinch for basic authentication of callbacks, and "
                "write `user:password` into the variable that `secrets` names; if your callbacks "
                "are signed, the secret of the signature."
            ),
        ),
    },
    notes={
        "fr": (
            "Un SMS, c'est un lot et un destinataire : message = batch_id:identité.",
            "client_reference vaut pour un lot : message_from ne va qu'aux lots d'un seul SMS.",
            "Une réponse nomme un numéro, pas le SMS auquel elle répond.",
        ),
        "en": (
            "An SMS is a batch and a recipient: message = batch_id:identity.",
            "client_reference is a whole batch's: message_from only suits batches of one SMS.",
            "A reply names a number, not the SMS that it answers.",
        ),
    },
)


def _report(word: str, told: Mapping[str, Any], wishes: Wishes) -> Touchpoint:
    batch, recipient = needed(told, "batch_id"), international(told, "recipient") or ""
    who = wishes.identities.phone(recipient)
    if who is None:
        raise NotUnderstood("its `recipient` is no number")
    fields = {**told, **passed(told.get("client_reference"))}
    return Touchpoint(
        type=TYPES[word],
        id=f"{batch}:{who}:{word}",
        at=iso(told, "at"),
        prospect=wishes.prospect(fields),
        person=who,
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or f"{batch}:{who}",
    )


def _reply(told: Mapping[str, Any], wishes: Wishes) -> Touchpoint:
    said = reply(text(told, "body") or text(told, "body", "message") or "", wishes)
    # Of the SMS that it answers, if the account is set up for it.
    fields = {**told, **passed(told.get("client_reference"))}
    return Touchpoint(
        type=said.type,
        id=needed(told, "id"),
        at=iso(told, "received_at"),
        person=wishes.identities.phone(international(told, "from") or ""),
        campaign=wishes.campaign(fields),
        data=said.data,
    )
