"""OVHcloud SMS under the contract: by GET, with the secret in the path."""

from tests.ingest.vendors import cases

SECRETS = {which: f"{which}-0123456789abcdef" for which in (cases.FIRST, cases.SECOND, cases.WRONG)}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    del moment
    return request._replace(path=f"/{SECRETS[which]}{request.path}")


CASE = cases.Case(
    vendor="ovh",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=sign,
    covers="nothing",
    one_event="delivered",
    strange="word-that-is-new",
    personal=(),
)
