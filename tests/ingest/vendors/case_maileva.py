"""Maileva under the contract: HTTP basic."""

import base64

from tests.ingest.vendors import cases

SECRETS = {cases.FIRST: "post:one", cases.SECOND: "post:two", cases.WRONG: "post:three"}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    credentials = base64.b64encode(SECRETS[which].encode()).decode()
    headers = {**request.headers, "Authorization": f"Basic {credentials}"}
    return request._replace(headers=headers)


CASE = cases.Case(
    vendor="maileva",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="delivered",
    strange="word-that-is-new",
)
