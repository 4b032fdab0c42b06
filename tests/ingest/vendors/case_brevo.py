"""Brevo under the contract: basic authentication in the URL, or a token."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.proofs import basic

SECRETS = {
    cases.FIRST: "streamer:pässword one",
    cases.SECOND: "a-token-of-the-webhook",
    cases.WRONG: "streamer:password",
}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    """The first as a user and his password, the second as a token."""
    if which == cases.SECOND:
        headers = {**request.headers, "authorization": f"Bearer {SECRETS[which]}"}
        return request._replace(headers=headers)
    return basic(SECRETS)(request, which, moment)


CASE = cases.Case(
    vendor="brevo",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="hard-bounce",
    batch="batch",
    strange="word-that-is-new",
)
