"""Amazon SNS as a carrier: whether a message is one of a known topic, and signed by Amazon.

SNS signs the fields that matter, one on a line, with a key whose certificate stands at a URL that
the message names. Anybody with an account has Amazon sign whatever he publishes, so the topic is
pinned; and a certificate is believed only from the SNS host of the topic's own region.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

Pure: what is fetched comes with the request. Never knows what is in a message.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import Certificate, load_pem_x509_certificate

from streamer.ingest.fields import iso, json_object
from streamer.ingest.vendors import Delivery, NotUnderstood, Wishes
from streamer.ingest.verification import is_fresh, unbase64

NOTIFICATION: Final = "Notification"
SUBSCRIPTION: Final = "SubscriptionConfirmation"
UNSUBSCRIPTION: Final = "UnsubscribeConfirmation"

# The fields that are signed, in their order; `Subject` only when there is one.
_CONFIRMATION: Final = (
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
)
_SIGNED: Final[Mapping[str, Sequence[str]]] = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIPTION: _CONFIRMATION,
    UNSUBSCRIPTION: _CONFIRMATION,
}
# Amazon signs version 1 with SHA-1: weak for who chooses both texts, which nobody else does here.
_HASHES: Final[Mapping[object, HashAlgorithm]] = {"1": SHA1(), "2": SHA256()}  # noqa: S303

# A region is never `s3` or `s3-eu-west-1`, where anybody may own the bucket `sns`.
_TOPIC: Final = re.compile(
    r"arn:(?P<partition>aws|aws-cn|aws-us-gov):sns:(?P<region>[a-z]{2}(?:-[a-z]+){1,2}-[0-9]+)"
    r":[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?"
)
_CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[a-z0-9]+\.pem")
_TO_SUBSCRIBE: Final = re.compile(r"/\?Action=ConfirmSubscription&[A-Za-z0-9%&=:._~-]+")


def topics(value: object) -> frozenset[str]:
    """The key `topics` of a source's table: the topics whose messages are believed."""
    if not isinstance(value, list) or not value:
        raise ValueError('is missing: write topics = ["arn:aws:sns:REGION:ACCOUNT:NAME"]')
    for each in value:
        if not isinstance(each, str) or not _TOPIC.fullmatch(each):
            raise ValueError("must be ARNs of topics, such as arn:aws:sns:eu-west-3:123456789012:x")
    return frozenset(value)


def fetches(delivery: Delivery, wishes: Wishes) -> Sequence[str]:
    """The URL of the certificate of a message that may be of one of the topics."""
    envelope = _envelope(delivery.body)
    url = envelope.get("SigningCertURL")
    if _is_pinned(envelope, wishes.options["topics"]) and _is_at(envelope, url, _CERTIFICATE):
        return (str(url),)
    return ()


def is_signed(delivery: Delivery, known: Collection[str], horizon: float) -> bool:
    """Whether Amazon has signed this, for one of the known topics, within the horizon."""
    envelope = _envelope(delivery.body)
    url, signature = envelope.get("SigningCertURL"), envelope.get("Signature")
    signed = _signed(envelope)
    algorithm = _HASHES.get(envelope.get("SignatureVersion"))
    if signed is None or algorithm is None or not isinstance(signature, str):
        return False
    if not _is_pinned(envelope, known) or not _is_at(envelope, url, _CERTIFICATE):
        return False
    certificate = _certificate(delivery.fetched.get(str(url), b""))
    if certificate is None or not _is_valid(certificate, delivery.received):
        return False
    if not is_fresh(_published(envelope), delivery.received, horizon):
        return False
    return _is_by(certificate, unbase64(signature.encode()) or b"", signed, algorithm)


def subscribe_url(envelope: Mapping[str, Any]) -> str:
    """Where an authentic SubscriptionConfirmation is to be confirmed."""
    url = envelope.get("SubscribeURL")
    if not _is_at(envelope, url, _TO_SUBSCRIBE):
        raise NotUnderstood("its `SubscribeURL` is not at the SNS of its topic's region")
    return str(url)


def _envelope(body: bytes) -> Mapping[str, Any]:
    """The message; an empty one when the body is none."""
    try:
        return json_object(body)
    except NotUnderstood:
        return {}


def _is_pinned(envelope: Mapping[str, Any], known: Collection[str]) -> bool:
    topic = envelope.get("TopicArn")
    return isinstance(topic, str) and topic in known


def _is_at(envelope: Mapping[str, Any], url: object, path: re.Pattern[str]) -> bool:
    """Whether it is a URL of that path, on the SNS host of the topic's region."""
    topic = _TOPIC.fullmatch(str(envelope.get("TopicArn")))
    if topic is None or not isinstance(url, str):
        return False
    suffix = ".cn" if topic["partition"] == "aws-cn" else ""
    host = f"https://sns.{topic['region']}.amazonaws.com{suffix}"
    return url.startswith(f"{host}/") and bool(path.fullmatch(url.removeprefix(host)))


def _signed(envelope: Mapping[str, Any]) -> bytes | None:
    """The canonical text; None when a field is missing, or could pass for several."""
    lines: list[str] = []
    for name in _SIGNED.get(str(envelope.get("Type")), ()):
        value = envelope.get(name)
        if name == "Subject" and value is None:
            continue
        if not isinstance(value, str) or ("\n" in value and name != "Message"):
            return None
        lines += (name, value)
    return "".join(f"{line}\n" for line in lines).encode() or None


def _published(envelope: Mapping[str, Any]) -> bytes:
    """The whole second of its publication, which its retries keep."""
    try:
        return str(int(iso(envelope, "Timestamp"))).encode()
    except NotUnderstood:
        return b""


@lru_cache(maxsize=64)
def _certificate(pem: bytes) -> Certificate | None:
    try:
        return load_pem_x509_certificate(pem)
    except ValueError:
        return None


def _is_valid(certificate: Certificate, at: float) -> bool:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begin.timestamp() <= at <= end.timestamp()


def _is_by(
    certificate: Certificate, signature: bytes, signed: bytes, algorithm: HashAlgorithm
) -> bool:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(signature, signed, PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
