"""Mailjet under the contract: basic authentication in the URL."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.proofs import basic

SECRETS = {cases.FIRST: "mailjet:one", cases.SECOND: "mailjet:two", cases.WRONG: "mailjet:three"}

CASE = cases.Case(
    vendor="mailjet",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=basic(SECRETS),
    covers="nothing",
    one_event="sent",
    batch="several-mails",
    strange="word-that-is-new",
)
