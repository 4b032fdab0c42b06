"""Vonage Messages: both shapes, and what its token must say."""

import hashlib
import json
from typing import Any

import jwt
import pytest

from streamer.ingest.vendors import Delivery, NotUnderstood, Touchpoint
from streamer.ingest.vendors.vonage import VENDOR
from tests.ingest.vendors.parsing import (
    IDENTITIES,
    RECEIVED,
    delivery,
    items,
    touchpoints,
    wishes,
)

PLAIN = wishes(VENDOR)
SECRET = "a signature secret as Vonage makes them, " * 2
VERIFY = VENDOR.verifier([SECRET], {})
BODY = b'{"status": "delivered"}'


def status(word: str | None, **changes: Any) -> dict[str, Any]:
    """A status in the flat shape; a change to None takes the field away."""
    whole = {
        "message_uuid": "u-1",
        "to": "33612345678",
        "from": "Example",
        "channel": "sms",
        "timestamp": "2026-03-02T10:00:00Z",
        "status": word,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def inbound(**changes: Any) -> dict[str, Any]:
    """An inbound message in the flat shape."""
    both = {"from": "33612345678", "to": "33757000000", "text": "Bonjour"}
    return status(None, **(both | changes))


def post(told: object) -> Delivery:
    return delivery(body=json.dumps(told).encode())


def one(told: object, **wished: Any) -> Touchpoint:
    (found,) = touchpoints(VENDOR, post(told), wishes(VENDOR, **wished))
    return found


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (status("submitted"), "sms.sent"),
        (status("delivered"), "sms.delivered"),
        (status("delivered", channel="SMS"), "sms.delivered"),
        (status("rejected"), "sms.failed"),
        (status("undeliverable"), "sms.failed"),
        (status("delivered", to={"type": "sms", "number": "+33612345678"}), "sms.delivered"),
        (inbound(), "sms.replied"),
        (inbound(text="arrêt"), "sms.opted_out"),
        (inbound(text=None, message_type="image"), "sms.replied"),
        (
            inbound(text=None, message={"content": {"type": "text", "text": "STOP"}}),
            "sms.opted_out",
        ),
    ],
)
def test_each_word_is_one_of_ours(told: dict[str, Any], kind: str) -> None:
    found = one(told)
    assert (found.type, found.at) == (kind, RECEIVED)
    assert found.person == IDENTITIES.phone("+33612345678")


@pytest.mark.parametrize(
    "told",
    [
        status("read"),
        status("delivered", channel="whatsapp"),
        status("levitated", channel="rcs"),
        inbound(channel="viber_service"),
        status("delivered", channel=None, to={"type": "messenger", "id": "1"}),
    ],
)
def test_what_is_no_milestone_of_an_sms_proves_nothing(told: dict[str, Any]) -> None:
    (item,) = items(VENDOR, post(told), PLAIN)
    assert (item.touchpoints, item.not_understood) == ((), "")


def test_words_that_the_source_ignores_are_passed_over() -> None:
    ignoring = wishes(VENDOR, ignore=frozenset({"submitted"}))
    assert touchpoints(VENDOR, post(status("submitted")), ignoring) == []


def test_what_the_sender_wants_back_stands_in_client_ref() -> None:
    names = {"campaign_from": "cmp", "message_from": "m", "prospect_from": "p"}
    found = one(status("submitted", client_ref="cmp=spring&m=s-2&p=8"), **names)
    assert (found.campaign, found.message, found.subject) == ("spring", "s-2", "8")
    assert one(status("submitted", client_ref="spring"), campaign_from="client_ref").campaign == (
        "spring"
    )


@pytest.mark.parametrize(
    "told",
    [
        status(None),
        status("levitated"),
        status("delivered", channel=None),
        status("delivered", message_uuid=None),
        status("delivered", timestamp=None),
        status("delivered", timestamp="2026-03-02 10:00:00"),
        status("delivered", to=None),
        inbound(**{"from": None}),
        [status("delivered")],
    ],
)
def test_what_is_not_as_documented_is_not_understood(told: object) -> None:
    with pytest.raises(NotUnderstood):
        items(VENDOR, post(told), PLAIN)


def signed(
    secret: str = SECRET, scheme: str = "Bearer", algorithm: str = "HS256", **changes: Any
) -> Delivery:
    claims = {"iat": int(RECEIVED), "payload_hash": hashlib.sha256(BODY).hexdigest()} | changes
    present = {name: value for name, value in claims.items() if value is not None}
    token = jwt.encode(present, "" if algorithm == "none" else secret, algorithm=algorithm)
    return delivery(body=BODY, headers={b"authorization": f"{scheme} {token}".encode()})


def test_a_token_must_be_signed_be_fresh_and_hold_the_hash_of_the_body() -> None:
    assert VERIFY(signed())
    assert VERIFY(signed(scheme="bearer"))
    assert VERIFY(signed(payload_hash=hashlib.sha256(BODY).hexdigest().upper()))
    assert VERIFY(signed(iat=int(RECEIVED) - 24 * 3600, exp=1))
    for wrong in (
        signed("another secret that Vonage has not made"),
        signed(algorithm="none"),
        signed(algorithm="HS512"),
        signed(scheme="Basic"),
        signed(iat=None),
        signed(iat=True),
        signed(iat="now"),
        signed(iat=int(RECEIVED) - 26 * 3600),
        signed(iat=int(RECEIVED) + 3600),
        signed(payload_hash=None),
        signed(payload_hash=""),
        signed(payload_hash="é\ud800"),
        signed(payload_hash=hashlib.sha256(b"{}").hexdigest()),
        delivery(body=BODY),
        delivery(body=BODY, headers={b"authorization": b"Bearer \xff.\xfe.x"}),
    ):
        assert not VERIFY(wrong)


def test_a_public_key_is_no_signature_secret() -> None:
    with pytest.raises(ValueError, match="is not a signature secret"):
        VENDOR.verifier(["-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"], {})
