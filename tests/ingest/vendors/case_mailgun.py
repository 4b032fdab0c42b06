"""Mailgun under the contract: an HMAC inside the body, over a time and a one-time token only."""

import hmac
import json
import secrets
import urllib.parse
from typing import Any

from tests.ingest.vendors import cases

KEYS = {which: f"key-{which}" for which in (cases.FIRST, cases.SECOND, cases.WRONG)}


def proof(which: cases.Which, moment: float, token: str = "") -> dict[str, str]:
    """What Mailgun signs, with its signature; a token of its own unless one is given."""
    token = token or secrets.token_hex(25)
    timestamp = str(int(moment))
    signed = (timestamp + token).encode()
    signature = hmac.digest(KEYS[which].encode(), signed, "sha256").hex()
    return {"timestamp": timestamp, "token": token, "signature": signature}


def sign(
    request: cases.Request, which: cases.Which, moment: float, token: str = ""
) -> cases.Request:
    made = proof(which, moment, token)
    if request.body[:1] == b"{":
        try:
            told: dict[str, Any] = json.loads(request.body)
        except ValueError:
            return request  # Mailgun sends no such thing, so it cannot have signed it.
        return request._replace(body=json.dumps({"signature": made, **told}).encode())
    return request._replace(body=request.body + b"&" + urllib.parse.urlencode(made).encode())


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
