"""Merci Facteur under the contract: the secret itself in a header."""

from tests.ingest.vendors import cases

SECRETS = {
    cases.FIRST: "secret-webhook-1",
    cases.SECOND: "secret-webhook-2",
    cases.WRONG: "secret-webhook-3",
}


def sign(request: cases.Request, which: cases.Which, _: float) -> cases.Request:
    headers = {**request.headers, "X-Mf-Webhook-Secret-Key": SECRETS[which]}
    return request._replace(headers=headers)


CASE = cases.Case(
    vendor="merci_facteur",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="delivered",
    batch="several-letters",
    strange="word-that-is-new",
    personal=("Dupont",),
)
