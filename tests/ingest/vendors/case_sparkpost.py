"""SparkPost under the contract: basic authentication."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.proofs import basic

SECRETS = {cases.FIRST: "spark:one", cases.SECOND: "spark:two", cases.WRONG: "spark:three"}

CASE = cases.Case(
    vendor="sparkpost",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=basic(SECRETS),
    covers="nothing",
    one_event="delivery",
    batch="several-recipients",
    strange="word-that-is-new",
)
