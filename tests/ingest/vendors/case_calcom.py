"""Cal.com under the contract: HMAC-SHA256, in hex, over the body."""

import hmac

from tests.ingest.vendors import cases

SECRETS = {cases.FIRST: "secret-1", cases.SECOND: "secret-2", cases.WRONG: "secret-3"}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    signature = hmac.digest(SECRETS[which].encode(), request.body, "sha256").hex()
    return request._replace(headers={**request.headers, "X-Cal-Signature-256": signature})


CASE = cases.Case(
    vendor="calcom",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    one_event="booked",
    strange="word-that-is-new",
    personal=("Prospect@example.fr", "prospect@example.fr", "Jeanne Petit"),
)
