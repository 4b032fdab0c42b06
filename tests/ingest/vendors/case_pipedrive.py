"""Pipedrive under the contract: HTTP basic."""

import base64

from tests.ingest.vendors import cases

SECRETS = {cases.FIRST: "crm:one", cases.SECOND: "crm:two", cases.WRONG: "crm:three"}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    credentials = base64.b64encode(SECRETS[which].encode()).decode()
    headers = {**request.headers, "Authorization": f"Basic {credentials}"}
    return request._replace(headers=headers)


CASE = cases.Case(
    vendor="pipedrive",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="won",
    strange="entity-that-is-new",
    personal=("Jeanne Petit", "prospect@example.fr"),
)
