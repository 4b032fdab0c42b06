"""Signs requests as Twilio does, from the text of its reference."""

import base64
import hmac
import urllib.parse

from tests.ingest.vendors import cases

TOKENS = {
    cases.FIRST: "12345",
    cases.SECOND: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    cases.WRONG: "not configured",
}


def sign(request: cases.Request, which: cases.Which, moment: float = 0) -> cases.Request:
    """The request as Twilio signs it; its proof has no time."""
    del moment
    return with_signature(request, TOKENS[which], request.url)


def with_signature(request: cases.Request, token: str, url: str) -> cases.Request:
    """The request signed with a token for a URL."""
    covered = url.encode()
    if request.method == "POST":
        covered += b"".join(name + value for name, value in sorted(set(_pairs(request.body))))
    signature = base64.b64encode(hmac.digest(token.encode(), covered, "sha1")).decode()
    return request._replace(headers={**request.headers, "X-Twilio-Signature": signature})


def _pairs(body: bytes) -> list[tuple[bytes, bytes]]:
    parts = [part.partition(b"=") for part in body.replace(b"+", b" ").split(b"&") if part]
    unquoted = urllib.parse.unquote_to_bytes
    return [(unquoted(name), unquoted(value)) for name, _, value in parts]
