"""What Twilio's products share: how a callback is signed, and the form that it is.

Pure. The signature covers the URL as it was configured, so STREAMER_PUBLIC_URL must be that.
Facts from Twilio's security reference and the validator of its official Python library (9.13).
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from streamer.ingest.fields import form, form_pairs, json_object
from streamer.ingest.vendors import Answer, Delivery, RetryContract, Verifier, Verify
from streamer.ingest.verification import any_equal, unbase64

_SIGNATURE: Final = b"x-twilio-signature"
# `key=…,algorithm=…` when a webhook is signed with a shared key and not with the auth token.
_SETTINGS: Final = b"x-twilio-webhooks-signature-settings"
_DIGESTS: Final[Mapping[bytes, str]] = {b"HMAC_SHA1": "sha1", b"HMAC_SHA256": "sha256"}
_BODY_HASH: Final = "bodySHA256"

# By itself it tries once more, and only when it could not connect; with `#rc=5&rp=all` behind the
# URL five times on any failure, all within 15 s. A message or a status needs no answer: 204.
RETRIES: Final = RetryContract(
    taken=Answer(204),
    away=503,
    refused=401,
    horizon=15.0,
    delays=(),
    within=15.0,
)
# What asks for those retries; a fragment is neither sent nor signed.
RETRY_ALL: Final = "#rc=5&rp=all"


def signature() -> Verifier:
    """Base64 of the HMAC over the URL and the form's fields; a secret is an auth token."""

    def verifier(secrets: Sequence[str], _: Mapping[str, Any]) -> Verify:
        keys = [secret.encode() for secret in secrets]

        def verify(delivery: Delivery) -> bool:
            digest = _digest(delivery.headers.get(_SETTINGS, b""))
            found = unbase64(delivery.headers.get(_SIGNATURE))
            covered = _covered(delivery)
            if digest is None or found is None or covered is None:
                return False
            # Which form of the URL is signed is no secret: the second is seldom needed.
            return any(
                any_equal(found, [hmac.digest(key, url + covered, digest) for key in keys])
                for url in _urls(delivery.url)
            )

        return verify

    return verifier


def fields(delivery: Delivery) -> dict[str, Any]:
    """What a callback says, over the fields of its URL's own query.

    Twilio echoes nothing: what a sender wants back stands in the query of the callback's URL.
    """
    query = form(delivery.query)
    if delivery.method == "GET":
        return query
    told = json_object(delivery.body) if _BODY_HASH in query else form(delivery.body)
    return query | told


def raw(delivery: Delivery) -> bytes:
    """What to keep of a callback: its form, wherever it stands."""
    return delivery.query if delivery.method == "GET" else delivery.body


def _digest(settings: bytes) -> str | None:
    """The digest that the settings name, SHA-1 when they name none; None for an unknown one."""
    for part in settings.split(b","):
        name, _, value = part.partition(b"=")
        if name.strip() == b"algorithm" and value.strip():
            return _DIGESTS.get(value.strip().upper())
    return "sha1"


def _covered(delivery: Delivery) -> bytes | None:
    """What is signed behind the URL; None for a JSON body that is not the one the URL names."""
    if delivery.method == "GET":
        return b""
    named = dict(form_pairs(delivery.query)).get(_BODY_HASH.encode())
    if named is None:
        return _sorted(delivery.body)
    found = hashlib.sha256(delivery.body).hexdigest().encode()
    return b"" if any_equal(named.lower(), [found]) else None


def _sorted(body: bytes) -> bytes:
    """Every name with each of its different values, both in the order of their bytes."""
    return b"".join(name + value for name, value in sorted(set(form_pairs(body))))


def _urls(url: str) -> Iterator[bytes]:
    """The URL as it is, and with or without its port: Twilio signs either."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    name, colon, port = host.rpartition(":")
    default = 443 if scheme == "https" else 80
    other = name if colon and port.isdigit() else f"{host}:{default}"
    for each in (host, other):
        yield f"{scheme}://{each}{slash}{path}".encode("latin-1", "replace")
