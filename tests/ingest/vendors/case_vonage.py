"""Vonage Messages under the contract: a JSON Web Token whose claims hold the body's hash."""

import hashlib

import jwt

from tests.ingest.vendors import cases

SECRETS = {
    which: f"{which} signature secret of a Vonage account"
    for which in (cases.FIRST, cases.SECOND, cases.WRONG)
}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    claims = {
        "iat": int(moment),
        "jti": "c5ba8f24",
        "iss": "Vonage",
        "api_key": "abcd1234",
        "payload_hash": hashlib.sha256(request.body).hexdigest(),
    }
    token = jwt.encode(claims, SECRETS[which], algorithm="HS256")
    return request._replace(headers={**request.headers, "Authorization": f"Bearer {token}"})


CASE = cases.Case(
    vendor="vonage",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    horizon=25 * 3600.0,
    one_event="submitted",
    strange="word-that-is-new",
    personal=("33612345678",),
)
