"""Calendly under the contract: HMAC-SHA256, in hex, over the time and the body."""

import hmac

from tests.ingest.vendors import cases

SECRETS = {cases.FIRST: "signing-key-1", cases.SECOND: "signing-key-2", cases.WRONG: "key-3"}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    signed = f"{int(moment)}.".encode() + request.body
    signature = hmac.digest(SECRETS[which].encode(), signed, "sha256").hex()
    header = {"Calendly-Webhook-Signature": f"t={int(moment)},v1={signature}"}
    return request._replace(headers={**request.headers, **header})


CASE = cases.Case(
    vendor="calendly",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    one_event="booked",
    strange="word-that-is-new",
    horizon=25 * 3600.0,
    personal=("Prospect@example.fr", "prospect@example.fr", "Jeanne Petit"),
)
