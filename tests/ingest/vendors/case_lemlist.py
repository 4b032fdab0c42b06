"""lemlist under the contract: its secret is echoed in the body."""

from tests.ingest.vendors import cases

SECRETS = {
    cases.FIRST: "s3cret-first-of-two",
    cases.SECOND: "s3cret-second-of-two",
    cases.WRONG: "s3cret-of-no-one",
}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    secret = b'{"secret": "%s", ' % SECRETS[which].encode()
    return request._replace(body=request.body.replace(b"{", secret, 1))


CASE = cases.Case(
    vendor="lemlist",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    in_body=True,
    one_event="older-activity",
    strange="word-that-is-new",
    personal=("Prospect@example.fr", "sdr@example.fr", "Jane"),
)
