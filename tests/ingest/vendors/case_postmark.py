"""Postmark under the contract: basic authentication."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.proofs import basic

SECRETS = {cases.FIRST: "postmark:one", cases.SECOND: "postmark:two", cases.WRONG: "postmark:three"}

CASE = cases.Case(
    vendor="postmark",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=basic(SECRETS),
    covers="nothing",
    one_event="delivery",
    strange="record-type-that-is-new",
)
