"""Sinch: its words, its batches of several recipients, and its two proofs."""

import base64
import json
from typing import Any

import pytest

from streamer.ingest.vendors import Delivery, NotUnderstood, Touchpoint
from streamer.ingest.vendors.sinch import VENDOR
from tests.ingest.vendors.parsing import (
    IDENTITIES,
    RECEIVED,
    delivery,
    items,
    touchpoints,
    wishes,
)

PLAIN = wishes(VENDOR)
WHO = IDENTITIES.phone("+33612345678")


def report(status: str | None, **changes: Any) -> dict[str, Any]:
    """A report on one recipient; a change to None takes the field away."""
    whole = {
        "type": "recipient_delivery_report_sms",
        "batch_id": "B1",
        "recipient": "33612345678",
        "status": status,
        "at": "2026-03-02T10:00:00.000Z",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def inbound(**changes: Any) -> dict[str, Any]:
    """An inbound message."""
    whole = {"type": "mo_text", "id": "M1", "from": "33612345678", "to": "33757000000"}
    times = {"received_at": "2026-03-02T10:00:00.000Z", "sent_at": "2026-03-02T09:00:00.000Z"}
    told = {**whole, "body": "Bonjour", **times, **changes}
    return {name: value for name, value in told.items() if value is not None}


def post(told: object, **headers: str) -> Delivery:
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    return delivery(body=json.dumps(told).encode(), headers=sent)


def one(told: object, **wished: Any) -> Touchpoint:
    (found,) = touchpoints(VENDOR, post(told), wishes(VENDOR, **wished))
    return found


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (report("Dispatched"), "sms.sent"),
        (report("Unknown"), "sms.sent"),
        (report("Delivered"), "sms.delivered"),
        (report("DELIVERED", recipient="+33612345678"), "sms.delivered"),
        *((report(word), "sms.failed") for word in ("Failed", "Expired", "Rejected")),
        *((report(word), "sms.failed") for word in ("Aborted", "Deleted")),
        (inbound(), "sms.replied"),
        (inbound(body="Arrêt"), "sms.opted_out"),
        (inbound(type="mo_media", body={"message": "STOP", "media": []}), "sms.opted_out"),
        (inbound(type="mo_media", body={"media": []}), "sms.replied"),
    ],
)
def test_each_word_is_one_of_ours(told: dict[str, Any], kind: str) -> None:
    found = one(told)
    assert (found.type, found.at, found.person) == (kind, RECEIVED, WHO)


@pytest.mark.parametrize(
    "told",
    [
        report("Queued"),
        report("Cancelled"),
        report("Delivered", type="recipient_delivery_report_mms"),
        {"type": "delivery_report_sms", "batch_id": "B1", "statuses": []},
        {"type": "delivery_report_mms", "batch_id": "B1", "statuses": []},
        inbound(type="mo_binary", body="AAEC"),
    ],
)
def test_what_never_left_or_is_no_text_proves_nothing(told: dict[str, Any]) -> None:
    (item,) = items(VENDOR, post(told), PLAIN)
    assert (item.touchpoints, item.not_understood) == ((), "")


@pytest.mark.parametrize("ignored", ["Dispatched", "recipient_delivery_report_sms"])
def test_words_that_the_source_ignores_are_passed_over(ignored: str) -> None:
    ignoring = wishes(VENDOR, ignore=frozenset({ignored}))
    assert touchpoints(VENDOR, post(report("Dispatched")), ignoring) == []


def test_the_recipients_of_a_batch_are_a_touch_each_and_named_by_identity_only() -> None:
    first, second = (one(report("Delivered", recipient=f"3361234567{n}")) for n in (8, 9))
    assert first.message != second.message
    assert first.id != second.id
    assert (first.id, first.message) == (f"B1:{WHO}:delivered", f"B1:{WHO}")


def test_what_the_sender_wants_back_stands_in_client_reference() -> None:
    told = {"client_reference": "cmp=spring&p=8&m=s-2"}
    found = one(
        report("Delivered", **told), campaign_from="cmp", prospect_from="p", message_from="m"
    )
    assert (found.campaign, found.subject, found.message) == ("spring", "8", "s-2")
    assert found.id == f"B1:{WHO}:delivered"
    replied = one(inbound(client_reference="spring"), campaign_from="client_reference")
    assert (replied.campaign, replied.message) == ("spring", None)


@pytest.mark.parametrize(
    "told",
    [
        report(None),
        report("Levitated"),
        report("Delivered", type=None),
        report("Delivered", type="levitation_report"),
        report("Delivered", batch_id=None),
        report("Delivered", recipient=None),
        report("Delivered", recipient="Example"),
        report("Delivered", at="2026-03-02T10:00:00"),
        inbound(id=None),
        inbound(received_at=None),
        [report("Delivered")],
    ],
)
def test_what_is_not_as_documented_is_not_understood(told: object) -> None:
    with pytest.raises(NotUnderstood):
        items(VENDOR, post(told), PLAIN)


def test_basic_authentication_is_a_proof_for_a_secret_that_is_user_and_password() -> None:
    verify = VENDOR.verifier(["a secret of the signature", "sinch:pass"], {})
    credentials = base64.b64encode(b"sinch:pass").decode()
    assert verify(post(report("Delivered"), authorization=f"Basic {credentials}"))
    assert not verify(post(report("Delivered"), authorization="Basic c2luY2g6eA=="))
    assert not verify(post(report("Delivered")))


def test_the_attempts_end_22_hours_and_45_minutes_after_the_first() -> None:
    assert sum(VENDOR.retries.delays) == 81_920
