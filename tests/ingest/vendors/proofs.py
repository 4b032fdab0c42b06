"""The ways in which several vendors prove themselves. For the case modules only."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from tests.ingest.vendors import cases


def basic(secrets: Mapping[str, str]) -> cases.Sign:
    """HTTP basic authentication with `user:password`."""

    def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
        credentials = base64.b64encode(secrets[which].encode()).decode()
        return _with(request, {"authorization": f"Basic {credentials}"})

    return sign


def standard_webhooks(prefix: str, secrets: Mapping[str, str]) -> cases.Sign:
    """Standard Webhooks; without an id of its own a request gets one of its body."""

    def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
        digest = hashlib.sha256(request.body).hexdigest()
        number = request.headers.get(f"{prefix}-id", f"msg_{digest[:24]}")
        key = base64.b64decode(secrets[which].removeprefix("whsec_"))
        signed = f"{number}.{int(moment)}.".encode() + request.body
        signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        return _with(
            request,
            {
                f"{prefix}-id": number,
                f"{prefix}-timestamp": str(int(moment)),
                f"{prefix}-signature": f"v1,{signature}",
            },
        )

    return sign


def _with(request: cases.Request, headers: Mapping[str, str]) -> cases.Request:
    return request._replace(headers={**request.headers, **headers})
