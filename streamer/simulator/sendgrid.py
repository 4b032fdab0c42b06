"""Mails told as SendGrid's signed event webhook tells them.

Pure. Facts from its event webhook reference: an array of events of several mails and words, custom
arguments merged flat into each, an ECDSA signature over the timestamp header and the raw body.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE: Final = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
# Under this custom argument each mail carries its campaign.
CAMPAIGN_ARGUMENT: Final = "campaign"

# Our types → its words. A reply is none of them: it comes to a mailbox.
WORDS: Final[Mapping[str, str]] = {
    "email.sent": "processed",
    "email.delivered": "delivered",
    "email.deferred": "deferred",
    "email.bounced": "bounce",
    "email.opened": "open",
    "email.clicked": "click",
    "email.complained": "spamreport",
    "email.unsubscribed": "unsubscribe",
}
_BOUNCES: Final[Mapping[str, Mapping[str, str]]] = {
    "hard": {
        "type": "bounce",
        "status": "5.1.1",
        "reason": "550 5.1.1 unknown user",
        "bounce_classification": "Invalid Address",
    },
    "soft": {
        "type": "blocked",
        "status": "4.2.2",
        "reason": "452 4.2.2 mailbox full",
        "bounce_classification": "Mailbox Unavailable",
    },
}
_BROWSER: Final = {"useragent": "Mozilla/5.0", "ip": "192.0.2.7"}
_DETAILS: Final[Mapping[str, Mapping[str, object]]] = {
    "email.delivered": {"response": "250 2.0.0 OK", "tls": 1},
    "email.deferred": {"response": "451 4.7.1 try again later", "attempt": "1"},
    "email.opened": {**_BROWSER, "sg_machine_open": False},
    "email.clicked": {**_BROWSER, "url": "https://www.example.fr/offre"},
}


def item(event: Mapping[str, Any], address: str) -> dict[str, Any]:
    """One event of a mail as an element of the array; the same event, the same `sg_event_id`."""
    kind, message = event["type"], event["message"]
    digest = hashlib.sha256(event["id"].encode()).digest()
    details = _BOUNCES[event["data"]["bounce"]] if kind == "email.bounced" else _DETAILS.get(kind)
    return {
        "email": address,
        "timestamp": int(datetime.fromisoformat(event["time"]).timestamp()),
        "event": WORDS[kind],
        "sg_event_id": base64.urlsafe_b64encode(digest[:24]).decode(),
        "sg_message_id": f"{message}.filter0001.16648.5515E0B88.0",
        "smtp-id": f"<{message}@mail.example.fr>",
        "category": [event["campaign"]],
        CAMPAIGN_ARGUMENT: event["campaign"],
        **(details or {}),
    }


def body(items: Sequence[Mapping[str, Any]]) -> bytes:
    """The body of one request."""
    return json.dumps(items).encode()


def signed(key: ec.EllipticCurvePrivateKey, payload: bytes, now: int) -> dict[str, str]:
    """The headers that prove a body sent at `now`, UTC seconds."""
    timestamp = str(now)
    signature = key.sign(timestamp.encode() + payload, ec.ECDSA(SHA256()))
    return {
        "Content-Type": "application/json",
        SIGNATURE: base64.b64encode(signature).decode(),
        TIMESTAMP: timestamp,
    }


def verification_key(key: ec.EllipticCurvePrivateKey) -> str:
    """The public key as SendGrid's settings page shows it."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()
