"""Twilio SMS under the contract: HMAC-SHA1 over the URL and the sorted form."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.twilio_signing import TOKENS, sign

CASE = cases.Case(
    vendor="twilio_sms",
    secrets=(TOKENS[cases.FIRST], TOKENS[cases.SECOND]),
    sign=sign,
    covers="body",
    one_event="delivered",
    strange="word-that-is-new",
    personal=("33612345678",),
)
