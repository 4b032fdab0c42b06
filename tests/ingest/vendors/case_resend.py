"""Resend under the contract: Standard Webhooks with Svix's names of headers."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.proofs import standard_webhooks

SECRETS = {
    cases.FIRST: "whsec_Zmlyc3Qgc2VjcmV0IG9mIHJlc2VuZA==",
    cases.SECOND: "whsec_c2Vjb25kIHNlY3JldCBvZiByZXNlbmQ=",
    cases.WRONG: "whsec_d3Jvbmcgc2VjcmV0IG9mIHJlc2VuZA==",
}

CASE = cases.Case(
    vendor="resend",
    secrets=(SECRETS[cases.FIRST], SECRETS[cases.SECOND]),
    sign=standard_webhooks("svix", SECRETS),
    covers="body",
    horizon=99_305.0,
    one_event="delivered",
    batch="several-recipients",
    strange="word-that-is-new",
)
