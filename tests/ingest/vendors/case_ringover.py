"""Ringover under the contract: the body inside a JSON Web Token, signed with HS512."""

import base64
import hmac
import json

from tests.ingest.vendors import cases

KEYS = {
    cases.FIRST: "key-of-the-section-of-calls",
    cases.SECOND: "key-of-the-section-after-calls",
    cases.WRONG: "key-of-no-one",
}


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def token(claims: object, key: str) -> str:
    """A JSON Web Token of these claims."""
    signed = _part(b'{"typ":"JWT","alg":"HS512"}') + b"." + _part(json.dumps(claims).encode())
    return (signed + b"." + _part(hmac.digest(key.encode(), signed, "sha512"))).decode()


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError):
        payload = {}
    header = token({"url": request.url, "payload": payload}, KEYS[which])
    return request._replace(
        headers={**request.headers, "X-Ringover-Webhook-Signature": header},
    )


CASE = cases.Case(
    vendor="ringover",
    secrets=(KEYS[cases.FIRST], KEYS[cases.SECOND]),
    sign=sign,
    covers="value",
    in_body=True,
    one_event="ringing",
    strange="word-that-is-new",
    personal=("33612345678", "sdr@example.fr"),
)
