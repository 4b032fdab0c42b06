"""Amazon SES under the contract: RSA over the fields of a message, by a certificate at a URL."""

import json

from tests.ingest.vendors import cases
from tests.ingest.vendors.amazon import PAGES, TOPIC, seal, stamp


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    try:
        told = json.loads(request.body)
        signed = seal({**told, "Timestamp": stamp(moment)}, which)
    except (ValueError, TypeError):
        return request  # SNS sends no such thing, so it cannot have signed it.
    return request._replace(body=json.dumps(signed).encode())


CASE = cases.Case(
    vendor="ses",
    secrets=(),
    sign=sign,
    covers="fields",
    in_body=True,
    horizon=24 * 3600.0,
    one_event="delivery",
    batch="delivery-of-several",
    strange="word-that-is-new",
    keys={"topics": [TOPIC]},
    pages=PAGES,
    retries_as_is=True,
)
