"""Mailgun under the contract: an HMAC inside the body, over a time and a one-time token only."""

import json
import urllib.parse

from tests.ingest.vendors import cases
from tests.ingest.vendors.mailgun import KEYS, proof


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    made = proof(which, moment)
    if request.body[:1] != b"{":
        form = request.body + b"&" + urllib.parse.urlencode(made).encode()
        return request._replace(body=form)
    try:
        told = json.loads(request.body)
    except ValueError:
        return request  # Mailgun sends no such thing, so it cannot have signed it.
    return request._replace(body=json.dumps({"signature": made, **told}).encode())


CASE = cases.Case(
    vendor="mailgun",
    secrets=(KEYS[cases.FIRST], KEYS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    in_body=True,
    horizon=12 * 3600.0,
    one_event="accepted",
    strange="word-that-is-new",
)
