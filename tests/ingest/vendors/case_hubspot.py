"""HubSpot under the contract: HMAC-SHA256, in Base64, over method, URL, body and milliseconds."""

import base64
import hmac

from tests.ingest.vendors import cases

SECRETS = {cases.FIRST: "client-1", cases.SECOND: "client-2", cases.WRONG: "client-3"}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    timestamp = str(int(moment * 1000))
    signed = f"{request.method}{request.url}".encode() + request.body + timestamp.encode()
    signature = base64.b64encode(hmac.digest(SECRETS[which].encode(), signed, "sha256")).decode()
    return request._replace(
        headers={
            **request.headers,
            "X-HubSpot-Signature-v3": signature,
            "X-HubSpot-Request-Timestamp": timestamp,
        }
    )


CASE = cases.Case(
    vendor="hubspot",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    one_event="qualified",
    batch="several-records",
    strange="word-that-is-new",
    horizon=25 * 3600.0,
    keys={"stages": {"salesqualifiedlead": "lead.qualified", "closedwon": "customer.won"}},
    # A record's number is as personal as the person whom it names.
    personal=("88712345",),
)
