"""Vonage SMS under the contract: an HMAC over the sorted fields, wherever they stand."""

import hmac
import json
import urllib.parse
from typing import Any

from tests.ingest.vendors import cases

SECRETS = {which: f"{which} secret" for which in (cases.FIRST, cases.SECOND, cases.WRONG)}


def signature(fields: dict[str, Any], secret: str, digest: str = "sha256") -> str:
    """The signature of fields, as Vonage writes it."""
    plain = {name: str(fields[name]).translate({38: "_", 61: "_"}) for name in sorted(fields)}
    signed = "".join(f"&{name}={value}" for name, value in plain.items())
    return hmac.digest(secret.encode(), signed.encode(), digest).hex().upper()


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    def proved(fields: dict[str, Any]) -> dict[str, Any]:
        told = fields | {"timestamp": str(int(moment)), "nonce": "c5ba8f24"}
        return told | {"sig": signature(told, SECRETS[which])}

    if request.method == "GET":
        return request._replace(query=_form(proved(_fields(request.query))))
    if request.body.startswith(b"{"):
        try:
            told = json.loads(request.body)
        except ValueError:
            # What is broken cannot hold a proof.
            return request
        return request._replace(body=json.dumps(proved(told)).encode())
    return request._replace(body=_form(proved(_fields(request.body.decode("latin-1")))).encode())


def _fields(form: str) -> dict[str, Any]:
    return dict(urllib.parse.parse_qsl(form, keep_blank_values=True))


_form = urllib.parse.urlencode

CASE = cases.Case(
    vendor="vonage_sms",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="body",
    in_body=True,
    horizon=25 * 3600.0,
    keys={"signature": "sha256"},
    one_event="delivered",
    strange="word-that-is-new",
    personal=("33612345678",),
)
