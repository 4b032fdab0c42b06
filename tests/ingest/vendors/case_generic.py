"""A generic source under the contract: a mapping of one vendor that signs its bodies."""

import hmac

from tests.ingest.vendors import cases

SECRETS = {cases.FIRST: "signing-1", cases.SECOND: "signing-2", cases.WRONG: "signing-3"}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    signature = hmac.digest(SECRETS[which].encode(), request.body, "sha256").hex()
    return request._replace(headers={**request.headers, "X-Signature": f"sha256={signature}"})


CASE = cases.Case(
    vendor="generic",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    one_event="delivered",
    batch="several-events",
    strange="word-that-is-new",
    keys={
        "proof": "hmac",
        "hmac_header": "X-Signature",
        "hmac_prefix": "sha256=",
        "type": "event",
        "types": {
            "sent": "sms.sent",
            "delivered": "sms.delivered",
            "undeliverable": "sms.failed",
            "answer": "sms.replied",
            "stop": "sms.opted_out",
            "clicked": "",
        },
        "id": "[uuid, event]",
        "time": "at",
        "time_format": "milliseconds",
        "message": "sms.id",
        "phone": "sms.to",
        "sentiment": "label",
    },
)
