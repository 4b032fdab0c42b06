"""Unipile under the contract: a secret in a header of the user's choosing."""

from tests.ingest.vendors import cases

SECRETS = {which: f"secret-of-the-{which}" for which in (cases.FIRST, cases.SECOND, cases.WRONG)}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    return request._replace(headers={**request.headers, "Unipile-Auth": SECRETS[which]})


CASE = cases.Case(
    vendor="unipile",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="reply",
    strange="word-that-is-new",
    batch="message-of-the-owner-to-two",
    personal=("jane-doe", "ACoAABprospectProfile", "prospect@example.fr"),
)
