"""How vendors prove that a request is theirs: the schemes that several of them share.

Each gives a `Verifier`: from secrets to a check. Pure; fails closed; compares in constant time,
every secret each time. What only one vendor does stands with the vendor.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from streamer.ingest.fields import json_object, text
from streamer.ingest.vendors import Delivery, NotUnderstood, Verifier, Verify

Options = Mapping[str, Any]
_MOST_DIGITS: Final = 14
# How far a vendor's clock may run ahead of ours.
SKEW_SECONDS: Final = 300.0


def any_equal(found: bytes | None, wanted: Sequence[bytes]) -> bool:
    """Whether it is one of them, in constant time; nothing and an empty text are none."""
    if not found:
        return False
    equal = False
    for each in wanted:
        equal |= hmac.compare_digest(found, each)
    return equal


def all_of(*verifiers: Verifier) -> Verifier:
    """Every one of these checks must hold."""

    def verifier(secrets: Sequence[str], options: Options) -> Verify:
        checks = [each(secrets, options) for each in verifiers]
        return lambda delivery: all(check(delivery) for check in checks)

    return verifier


def header_secret(name: bytes, prefix: str = "") -> Verifier:
    """A header (in lower case) holds the secret itself, after `prefix`."""

    def verifier(secrets: Sequence[str], _: Options) -> Verify:
        wanted = [(prefix + secret).encode() for secret in secrets]
        return lambda delivery: any_equal(delivery.headers.get(name), wanted)

    return verifier


def body_secret(name: str) -> Verifier:
    """A field of the JSON body holds the secret itself: see `fields.without`, which removes it."""

    def verifier(secrets: Sequence[str], _: Options) -> Verify:
        wanted = [secret.encode() for secret in secrets]

        def verify(delivery: Delivery) -> bool:
            try:
                found = text(json_object(delivery.body), name)
            except NotUnderstood:
                return False
            return any_equal((found or "").encode(), wanted)

        return verify

    return verifier


def bearer() -> Verifier:
    """`Authorization: Bearer SECRET`."""
    return header_secret(b"authorization", "Bearer ")


def basic() -> Verifier:
    """HTTP basic authentication; a secret is `user:password`."""

    def verifier(secrets: Sequence[str], _: Options) -> Verify:
        for secret in secrets:
            if ":" not in secret:
                raise ValueError("is not user:password: write both, with a colon between them")
        wanted = [b"Basic " + base64.b64encode(secret.encode()) for secret in secrets]

        def verify(delivery: Delivery) -> bool:
            scheme, _, credentials = delivery.headers.get(b"authorization", b"").partition(b" ")
            return any_equal(scheme.capitalize() + b" " + credentials.strip(), wanted)

        return verify

    return verifier


def either(*verifiers: Verifier) -> Verifier:
    """One of these checks must hold; a secret that none of them can use is refused."""

    def verifier(secrets: Sequence[str], options: Options) -> Verify:
        checks: list[Verify] = []
        for secret in secrets:
            usable: list[Verify] = []
            problem: ValueError | None = None
            for each in verifiers:
                try:
                    usable.append(each([secret], options))
                except ValueError as error:
                    problem = error
            if problem is not None and not usable:
                raise problem
            checks += usable
        return lambda delivery: any(check(delivery) for check in checks)

    return verifier


def path_secret() -> Verifier:
    """The last but one segment of the URL: for vendors that prove nothing otherwise.

    At least 16 letters, digits, - and _, so that it can stand in a URL and not be guessed.
    """

    def verifier(secrets: Sequence[str], _: Options) -> Verify:
        for secret in secrets:
            if len(secret) < 16 or not secret.replace("-", "").replace("_", "").isalnum():  # noqa: PLR2004
                raise ValueError(
                    "cannot stand in a URL: use at least 16 letters, digits, - and _, such as "
                    "`python3 -c 'import secrets; print(secrets.token_urlsafe(24))'` prints"
                )
        wanted = [secret.encode() for secret in secrets]
        return lambda delivery: any_equal((delivery.secret or "").encode(), wanted)

    return verifier


def hmac_of(
    signed: Callable[[Delivery], bytes | None],
    signature: Callable[[Delivery], bytes | None],
    digest: str = "sha256",
    key: Callable[[str], bytes] = str.encode,
) -> Verifier:
    """The HMAC of what `signed` gives, equal to the raw bytes that `signature` gives.

    None from either: not authentic. `key` makes the key of a secret; ValueError when it cannot.
    """

    def verifier(secrets: Sequence[str], _: Options) -> Verify:
        keys = [key(secret) for secret in secrets]

        def verify(delivery: Delivery) -> bool:
            content, found = signed(delivery), signature(delivery)
            if content is None or found is None:
                return False
            return any_equal(found, [hmac.digest(each, content, digest) for each in keys])

        return verify

    return verifier


def unhex(text: bytes | None) -> bytes | None:
    """The bytes of a hexadecimal text; None for what is none."""
    try:
        return binascii.unhexlify(text or b"") or None
    except (binascii.Error, ValueError):
        return None


def unbase64(text: bytes | None) -> bytes | None:
    """The bytes of a Base64 text; None for what is none."""
    try:
        return base64.b64decode(text or b"", validate=True) or None
    except (binascii.Error, ValueError):
        return None


def unbase64url(text: bytes | None) -> bytes | None:
    """The bytes of a Base64 text as JSON Web Tokens write it: for URLs, without padding."""
    plain = (text or b"").translate(bytes.maketrans(b"-_", b"+/"))
    return unbase64(plain + b"=" * (-len(plain) % 4))


def is_fresh(
    timestamp: bytes | None,
    received: float,
    horizon: float,
    skew: float = SKEW_SECONDS,
    unit: float = 1.0,
) -> bool:
    """Whether a signed time lies within the vendor's whole retry horizon.

    `timestamp` is whole, in `unit` seconds; `skew` is how far its clock may run ahead of ours.
    """
    if not timestamp or not timestamp.isdigit() or len(timestamp) > _MOST_DIGITS:
        return False
    return -skew <= received - int(timestamp) * unit <= horizon


def standard_webhooks(prefix: str, horizon: float) -> Verifier:
    """Standard Webhooks (Svix): HMAC-SHA256 over `id.timestamp.body`, several signatures allowed.

    `prefix` of the headers is `webhook` or `svix`. A secret is `whsec_` and Base64.
    https://www.standardwebhooks.com
    """
    names = [f"{prefix}-{each}".encode() for each in ("id", "timestamp", "signature")]

    def verifier(secrets: Sequence[str], _: Options) -> Verify:
        keys = [_standard_key(secret) for secret in secrets]

        def verify(delivery: Delivery) -> bool:
            number, timestamp, signatures = (delivery.headers.get(name, b"") for name in names)
            if not number or not is_fresh(timestamp, delivery.received, horizon):
                return False
            signed = b".".join((number, timestamp, delivery.body))
            wanted = [hmac.digest(key, signed, "sha256") for key in keys]
            found = False
            for each in signatures.split(b" "):
                version, _, text = each.partition(b",")
                found |= version == b"v1" and any_equal(unbase64(text), wanted)
            return found

        return verify

    return verifier


def _standard_key(secret: str) -> bytes:
    key = unbase64(secret.removeprefix("whsec_").encode())
    if key is None:
        raise ValueError("is not a signing secret: copy it whole, it begins with whsec_")
    return key
