"""Aircall under the contract: its token stands in the body."""

from tests.ingest.vendors import cases

TOKENS = {
    cases.FIRST: "t0ken-first-of-two",
    cases.SECOND: "t0ken-second-of-two",
    cases.WRONG: "t0ken-of-no-one",
}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    token = b'{"token": "%s", ' % TOKENS[which].encode()
    return request._replace(body=request.body.replace(b"{", token, 1))


CASE = cases.Case(
    vendor="aircall",
    secrets=(TOKENS[cases.FIRST], TOKENS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    in_body=True,
    one_event="call-created",
    strange="word-that-is-new",
    personal=("+33 6 12 34 56 78", "sdr@example.fr"),
)
