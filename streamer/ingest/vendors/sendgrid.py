"""SendGrid's event webhook: signed, always a JSON array, many messages and words in one.

Facts from its event webhook reference, the official Python library and tested public code.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from streamer.ingest.fields import needed, read_each, seconds
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Verify,
    Wishes,
    always,
)
from streamer.ingest.verification import is_fresh, unbase64

_SIGNATURE: Final = b"x-twilio-email-event-webhook-signature"
_TIMESTAMP: Final = b"x-twilio-email-event-webhook-timestamp"
_HOUR: Final = 3600.0

# A day of retries is what is commonly stated, and duplicates were reported over 29 hours. Whether
# a retry is signed anew is not documented, so the signed time is judged by twice that day: a late
# retry must count, and a replay does no harm.
RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=503,
    refused=401,
    horizon=48 * _HOUR,
    # Its schedule is not documented; this one is what is seen of it, over a day.
    delays=(60, 300, 900, 3_600, 7_200, 14_400, 28_800, 28_800),
)
_SKEW: Final = _HOUR

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    "processed": "email.sent",
    "delivered": "email.delivered",
    "deferred": "email.deferred",
    "bounce": "email.bounced",
    "open": "email.opened",
    "click": "email.clicked",
    "spamreport": "email.complained",
    "unsubscribe": "email.unsubscribed",
    # Out of one group of mails only, but the prospect asked not to be written to.
    "group_unsubscribe": "email.unsubscribed",
}

# Understood, and no milestone. `dropped`: SendGrid decided not to send, because the address is
# invalid, bounced, unsubscribed or complained before, or the mail looked like spam. Nothing left,
# so it is not sent; and whatever the reason names happened to an earlier mail, which was told
# then: counting it again would put a bounce or an unsubscription on a mail nobody got. It shows
# where it belongs, in sent ÷ planned.
IGNORED: Final = frozenset({"dropped", "group_resubscribe"})

# `type` of a bounce → ours. A block is « this message, now »: the address stays good.
BOUNCES: Final[Mapping[str, str]] = {"bounce": "hard", "blocked": "soft"}
# What the enhanced status (RFC 3463) says more exactly: 4.x.x is temporary, x.2.2 a full mailbox.
_TEMPORARY: Final = re.compile(r"4\.|5\.2\.2$")

_ECDSA: Final = ec.ECDSA(SHA256())

# The id that sending returned, in `<id>.filter0001.16648.5515E0B88.0` or `<id>.recvd-…`: it may
# hold dots itself when the mail came by SMTP.
_TAIL: Final = re.compile(r"\.(?:filter|recvd)")


def _verifier(secrets: Sequence[str], _: Mapping[str, Any]) -> Verify:
    keys = [_public_key(secret) for secret in secrets]

    def verify(delivery: Delivery) -> bool:
        timestamp = delivery.headers.get(_TIMESTAMP, b"")
        signature = unbase64(delivery.headers.get(_SIGNATURE))
        fresh = is_fresh(timestamp, delivery.received, RETRIES.horizon, _SKEW)
        if signature is None or not fresh:
            return False
        signed = timestamp + delivery.body
        return any(_is_signed(key, signature, signed) for key in keys)

    return verify


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    # Always an array by the reference; a bare object would say the same of one event.
    return read_each(delivery.body, lambda raw, event: _item(raw, event, wishes))


VENDOR: Final = Vendor(
    name="sendgrid",
    title="SendGrid",
    proof="ECDSA over the body",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    tells=always(
        *(set(TYPES.values()) - {"email.bounced"}), "email.bounced:hard", "email.bounced:soft"
    ),
    setup={
        "fr": (
            "Settings > Mail Settings > Event Webhooks > Create new webhook.",
            "Post URL : {url}",
            "Cochez toutes les actions (Deliverability Data et Engagement Data).",
            (
                "Security features > Signature Verification : activez, enregistrez, puis copiez "
                "la Verification Key dans la variable que `secrets` nomme."
            ),
        ),
        "en": (
            "Settings > Mail Settings > Event Webhooks > Create new webhook.",
            "Post URL: {url}",
            "Tick every action (Deliverability Data and Engagement Data).",
            (
                "Security features > Signature Verification: enable it, save, then copy the "
                "Verification Key into the variable that `secrets` names."
            ),
        ),
    },
    notes={
        "fr": ("Les réponses arrivent dans une boîte, pas chez SendGrid : elles sont à importer.",),
        "en": ("Replies come to a mailbox, not to SendGrid: import them.",),
    },
)


def _public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The verification key as SendGrid shows it: Base64 of DER; PEM is taken as well."""
    der = unbase64("".join(re.sub(r"-----[A-Z ]+-----", "", text).split()).encode())
    try:
        key = load_der_public_key(der or b"")
    except ValueError:
        key = None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError(
        "is not a verification key: copy it from SendGrid's Settings > Mail Settings > "
        "Event Webhook > Security features"
    )


def _is_signed(key: ec.EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, _ECDSA)
    except InvalidSignature:
        return False
    return True


def _item(raw: bytes, event: Mapping[str, Any], wishes: Wishes) -> Item:
    word = event.get("event")
    if isinstance(word, str) and (word in wishes.ignore or word in IGNORED):
        return Item(raw)
    if not isinstance(word, str) or word not in TYPES:
        raise NotUnderstood("its `event` is none that is documented")
    address = event.get("email")
    touchpoint = Touchpoint(
        type=TYPES[word],
        id=needed(event, "sg_event_id"),
        at=seconds(event, "timestamp"),
        prospect=wishes.prospect(event),
        person=wishes.identities.email(address) if isinstance(address, str) else None,
        campaign=wishes.campaign(event),
        message=wishes.message(event) or _message(event),
        data={"bounce": _bounce(event)} if word == "bounce" else None,
    )
    return Item(raw, (touchpoint,))


def _message(event: Mapping[str, Any]) -> str | None:
    """The id that sending returned: all that whoever sent the mail knows of it.

    A bounce that comes long after the delivery has no `sg_message_id`; its `smtp-id`, the
    Message-ID header, begins with the same id.
    """
    full = event.get("sg_message_id")
    if isinstance(full, str) and full:
        tail = _TAIL.search(full)
        return full[: tail.start()] if tail else full.partition(".")[0] or None
    header = event.get("smtp-id")
    return header.strip("<> ").partition("@")[0] or None if isinstance(header, str) else None


def _bounce(event: Mapping[str, Any]) -> str:
    status = event.get("status")
    if isinstance(status, str) and _TEMPORARY.match(status):
        return "soft"
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in BOUNCES:
        raise NotUnderstood("its `type` is no kind of bounce that is documented")
    return BOUNCES[kind]
