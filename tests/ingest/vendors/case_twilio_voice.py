"""Twilio Voice under the contract: HMAC-SHA1 over the URL and the sorted form."""

from tests.ingest.vendors import cases
from tests.ingest.vendors.twilio_signing import TOKENS, sign

CASE = cases.Case(
    vendor="twilio_voice",
    secrets=(TOKENS[cases.FIRST], TOKENS[cases.SECOND]),
    sign=sign,
    covers="body",
    keys={"connected": "human"},
    one_event="initiated",
    batch="completed-with-an-answering-machine",
    strange="word-that-is-new",
    personal=("33612345678",),
)
