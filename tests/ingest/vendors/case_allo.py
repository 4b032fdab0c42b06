"""Allo under the contract: Standard Webhooks."""

import base64
import hmac

from tests.ingest.vendors import cases

SECRETS = {
    which: "whsec_" + base64.b64encode(f"signing secret: {which}".encode()).decode()
    for which in (cases.FIRST, cases.SECOND, cases.WRONG)
}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    number, timestamp = request.headers.get("webhook-id", "msg_1"), f"{moment:.0f}"
    key = base64.b64decode(SECRETS[which].removeprefix("whsec_"))
    signed = b".".join((number.encode(), timestamp.encode(), request.body))
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    added = {
        "webhook-id": number,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    return request._replace(headers={**request.headers, **added})


CASE = cases.Case(
    vendor="allo",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    horizon=72 * 3600.0,
    keys={"numbers": ["+33 1 86 00 00 00", "+33186000001"]},
    one_event="call-that-a-voicemail-answered",
    strange="call-between-other-numbers",
    personal=("+33612345678",),
)
