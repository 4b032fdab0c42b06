"""Sinch under the contract: an HMAC over the body, a nonce and the time."""

import base64
import hmac

from tests.ingest.vendors import cases

SECRETS = {which: f"{which} secret" for which in (cases.FIRST, cases.SECOND, cases.WRONG)}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    nonce, timestamp = "01FJA8B4A7BM43YGWSG9GBV067", str(int(moment))
    signed = request.body + f".{nonce}.{timestamp}".encode()
    digest = hmac.digest(SECRETS[which].encode(), signed, "sha256")
    added = {
        "x-sinch-webhook-signature": base64.b64encode(digest).decode(),
        "x-sinch-webhook-signature-nonce": nonce,
        "x-sinch-webhook-signature-timestamp": timestamp,
    }
    return request._replace(headers={**request.headers, **added})


CASE = cases.Case(
    vendor="sinch",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    horizon=24 * 3600.0,
    one_event="delivered",
    strange="word-that-is-new",
    personal=("33612345678",),
)
