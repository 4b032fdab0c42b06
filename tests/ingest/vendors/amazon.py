"""Messages as Amazon SNS signs them, by keys of the tests' own."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

TOPIC = "arn:aws:sns:eu-west-3:123456789012:ses-events"
HOST = "https://sns.eu-west-3.amazonaws.com"
# Whoever is not Amazon may name Amazon's certificate, but has not its key.
URLS = {
    "first": f"{HOST}/SimpleNotificationService-0123abc.pem",
    "second": f"{HOST}/SimpleNotificationService-4567def.pem",
    "wrong": f"{HOST}/SimpleNotificationService-0123abc.pem",
}
_HASHES = {"1": SHA1(), "2": SHA256()}  # noqa: S303 - Amazon's version 1
_CONFIRMED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_NOTIFIED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")


KEYS = {which: rsa.generate_private_key(65537, 2048) for which in URLS}


def certificate(which: str, days: tuple[int, int] = (-1, 1)) -> bytes:
    """A certificate of one of the keys, valid between two numbers of days from now."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begin, end = (datetime.now(UTC) + timedelta(days=number) for number in days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEYS[which].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .sign(KEYS[which], SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def seal(told: Mapping[str, Any], which: str, version: str = "2") -> dict[str, Any]:
    """A message with Amazon's signature over what it tells."""
    names = _NOTIFIED if told.get("Type") == "Notification" else _CONFIRMED
    signed = "".join(f"{name}\n{told[name]}\n" for name in names if name in told)
    signature = KEYS[which].sign(signed.encode(), PKCS1v15(), _HASHES[version])
    url = {"SigningCertURL": URLS[which]}
    return {
        **url,
        **told,
        "SignatureVersion": version,
        "Signature": base64.b64encode(signature).decode(),
    }


def stamp(moment: float) -> str:
    """A moment as SNS writes it."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


PAGES: Mapping[str, bytes] = {URLS[which]: certificate(which) for which in ("first", "second")}
"""What stands at Amazon."""
