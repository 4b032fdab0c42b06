"""Mails told as SendGrid's signed event webhook tells them.

Facts from its event webhook reference: an array of events of several mails and words, custom
arguments merged flat into each, an ECDSA signature over the timestamp header and the raw body.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known, seconds_of
from streamer.simulator.vendors import Attempt, Simulated, Written

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


def _item(happening: Happening) -> dict[str, Any]:
    """One event of a mail as an element of the array; the same event, the same `sg_event_id`."""
    event = happening.event
    kind, message = event["type"], event["message"]
    digest = hashlib.sha256(event["id"].encode()).digest()
    details = _BOUNCES[event["data"]["bounce"]] if kind == "email.bounced" else _DETAILS.get(kind)
    return {
        "email": known(happening).email,
        "timestamp": seconds_of(event),
        "event": WORDS[kind],
        "sg_event_id": base64.urlsafe_b64encode(digest[:24]).decode(),
        "sg_message_id": f"{message}.filter0001.16648.5515E0B88.0",
        "smtp-id": f"<{message}@mail.example.fr>",
        "category": [event["campaign"]],
        CAMPAIGN_ARGUMENT: event["campaign"],
        **(details or {}),
    }


def _write(happenings: Sequence[Happening], _secret: str) -> Written:
    return Written(json.dumps([_item(each) for each in happenings]).encode())


def _headers(attempt: Attempt) -> Mapping[str, str]:
    key = load_der_private_key(base64.b64decode(attempt.secret), password=None)
    timestamp = str(attempt.now)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - `_secret` made it
    signature = key.sign(timestamp.encode() + attempt.body, ec.ECDSA(SHA256()))
    return {
        "Content-Type": "application/json",
        SIGNATURE: base64.b64encode(signature).decode(),
        TIMESTAMP: timestamp,
    }


def _secret() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(der).decode()


def _shown(secret: str) -> str:
    """The public key as SendGrid's settings page shows it."""
    key = load_der_private_key(base64.b64decode(secret), password=None)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


SIMULATED: Final = Simulated(
    name="sendgrid",
    teller="mail",
    campaigns=frozenset(each.id for each in CAMPAIGNS if each.mailer == "sendgrid"),
    write=_write,
    headers=_headers,
    source={"campaign_from": CAMPAIGN_ARGUMENT},
    batch=200,
    # Duplicates are common, three of an event on average in reports of users.
    habits=Habits(late=0.1, again=0.15),
    secret=_secret,
    shown=_shown,
    untold=("Replies: they come to a mailbox, which is read by somebody else.",),
)
