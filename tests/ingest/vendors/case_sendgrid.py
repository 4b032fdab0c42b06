"""SendGrid under the contract: ECDSA over the timestamp and the body."""

from tests.ingest.support import Signer
from tests.ingest.vendors import cases

SIGNERS = {which: Signer() for which in (cases.FIRST, cases.SECOND, cases.WRONG)}


def sign(request: cases.Request, which: cases.Which, moment: float) -> cases.Request:
    return request._replace(headers=SIGNERS[which].headers(request.body, int(moment)))


CASE = cases.Case(
    vendor="sendgrid",
    secrets=(SIGNERS[cases.FIRST].public, SIGNERS[cases.SECOND].public),
    sign=sign,
    covers="body",
    horizon=48 * 3600.0,
    one_event="delivered",
    batch="several-mails",
    strange="word-that-is-new",
)
