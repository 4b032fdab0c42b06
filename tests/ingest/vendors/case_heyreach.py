"""HeyReach under the contract: a secret in the URL, and the event's word after it."""

from tests.ingest.vendors import cases

SECRETS = {
    which: f"secret-path-of-the-{which}" for which in (cases.FIRST, cases.SECOND, cases.WRONG)
}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    return request._replace(path=f"/{SECRETS[which]}{request.path}")


CASE = cases.Case(
    vendor="heyreach",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="connection-request-sent",
    strange="word-that-is-new",
    personal=("jane-doe", "prospect@example.fr", "Jane"),
)
