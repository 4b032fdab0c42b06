"""Vonage SMS: its words, the parts of a long reply, and its signatures."""

import json
import urllib.parse
from typing import Any

import pytest

from streamer.ingest.vendors import Delivery, NotUnderstood, Touchpoint
from streamer.ingest.vendors.vonage_sms import VENDOR
from tests.ingest.vendors.case_vonage_sms import signature
from tests.ingest.vendors.parsing import (
    IDENTITIES,
    RECEIVED,
    delivery,
    form,
    items,
    touchpoints,
    wishes,
)

PLAIN = wishes(VENDOR)
SECRET = "a-secret-of-the-account"  # noqa: S105 - a test's own


def receipt(word: str | None, **changes: Any) -> dict[str, Any]:
    """A delivery receipt; a change to None takes the field away."""
    whole = {"msisdn": "33612345678", "to": "Example", "messageId": "M1", "status": word}
    return whole | changes


def inbound(**changes: Any) -> dict[str, Any]:
    """An inbound SMS."""
    whole = {"msisdn": "33612345678", "to": "33757000000", "messageId": "M2", "type": "text"}
    return {**whole, "text": "Bonjour", **changes}


def part(number: str, **changes: Any) -> dict[str, Any]:
    """A part of a long inbound SMS."""
    concat = {"concat": "true", "concat-ref": "17", "concat-total": "2", "concat-part": number}
    return inbound(messageId=f"M2-{number}", **concat, **changes)


def one(fields: dict[str, Any], **wished: Any) -> Touchpoint:
    (found,) = touchpoints(VENDOR, form(fields), wishes(VENDOR, **wished))
    return found


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (receipt("delivered"), "sms.delivered"),
        (receipt("accepted"), "sms.sent"),
        (receipt("buffered"), "sms.sent"),
        (receipt("expired"), "sms.failed"),
        (receipt("failed"), "sms.failed"),
        (receipt("rejected"), "sms.failed"),
        (inbound(), "sms.replied"),
        (inbound(type="unicode", text="Arrêt"), "sms.opted_out"),
        (inbound(text=None), "sms.replied"),
    ],
)
def test_each_word_is_one_of_ours(fields: dict[str, Any], kind: str) -> None:
    found = one(fields)
    assert (found.type, found.at) == (kind, RECEIVED)
    assert found.person == IDENTITIES.phone("+33612345678")


def test_its_time_is_that_of_vonage_in_utc() -> None:
    for fields in (receipt("delivered"), inbound()):
        found = one(fields | {"message-timestamp": "2026-03-02 09:59:00", "scts": "2603021000"})
        assert found.at == RECEIVED - 60


def test_a_long_reply_is_one_reply_told_by_its_first_part() -> None:
    assert [one(part("1")).id, one(part("1")).type] == ["M2-1", "sms.replied"]
    assert one(part("1", text="STOP")).type == "sms.opted_out"
    assert touchpoints(VENDOR, form(part("2", text="stop")), PLAIN) == []


@pytest.mark.parametrize("fields", [receipt("unknown"), inbound(type="binary", data="00")])
def test_what_nobody_wrote_or_knows_proves_nothing(fields: dict[str, Any]) -> None:
    (item,) = items(VENDOR, form(fields), PLAIN)
    assert (item.touchpoints, item.not_understood) == ((), "")


def test_words_that_the_source_ignores_are_passed_over() -> None:
    ignoring = wishes(VENDOR, ignore=frozenset({"accepted"}))
    assert touchpoints(VENDOR, form(receipt("accepted")), ignoring) == []


def test_the_parts_of_a_long_sms_are_one_touch_when_client_ref_names_it() -> None:
    names = {"campaign_from": "cmp", "message_from": "m"}
    ref = {"client-ref": "cmp=spring&m=412"}
    parts = [one(receipt("delivered", messageId=each, **ref), **names) for each in ("M1", "M3")]
    assert {(each.campaign, each.message) for each in parts} == {("spring", "412")}
    assert one(receipt("delivered", **{"client-ref": "x7"}), message_from="client-ref").message == (
        "x7"
    )


@pytest.mark.parametrize(
    "request_",
    [
        delivery("GET", query=urllib.parse.urlencode(receipt("delivered"))),
        delivery(body=urllib.parse.urlencode(receipt("delivered")).encode()),
        delivery(body=json.dumps(receipt("delivered")).encode()),
    ],
)
def test_a_receipt_comes_by_get_as_a_form_or_as_json(request_: Delivery) -> None:
    (item,) = items(VENDOR, request_, PLAIN)
    assert [each.id for each in item.touchpoints] == ["M1:delivered"]
    assert item.raw == request_.query + request_.body


@pytest.mark.parametrize(
    "fields",
    [
        {},
        receipt(None),
        receipt(""),
        receipt("levitated"),
        receipt("delivered", messageId=None),
        receipt("delivered", **{"message-timestamp": "2026-03-02T10:00:00Z"}),
        inbound(type="vcard"),
        inbound(messageId=None),
    ],
)
def test_what_is_not_as_documented_is_not_understood(fields: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        items(VENDOR, form(fields), PLAIN)


def signed(digest: str, **changes: Any) -> dict[str, Any]:
    told = receipt("delivered", timestamp=str(int(RECEIVED)), **{"client-ref": "a=1&b=2"}) | changes
    return told | {"sig": signature(told, SECRET, digest)}


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256", "sha512"])
def test_each_method_of_signing_covers_every_field(digest: str) -> None:
    verify = VENDOR.verifier(["another", SECRET], {"signature": digest})
    told = signed(digest)
    assert verify(form(told))
    assert verify(form(told | {"sig": told["sig"].lower()}))
    assert verify(delivery("GET", query=urllib.parse.urlencode(told)))
    assert verify(delivery(body=json.dumps(told).encode()))
    assert not verify(delivery("GET", query=urllib.parse.urlencode(told) + "&more=1"))
    for change in ({"status": "failed"}, {"sig": ""}, {"sig": None}, {"client-ref": None}):
        assert not verify(form(told | change))
    other = "sha1" if digest == "md5" else "md5"
    assert not verify(form(signed(other)))


def test_a_signature_must_be_fresh() -> None:
    verify = VENDOR.verifier([SECRET], {"signature": "sha256"})
    assert verify(form(signed("sha256", timestamp=str(int(RECEIVED) - 24 * 3600))))
    for moment in (str(int(RECEIVED) - 26 * 3600), str(int(RECEIVED) + 3600), "", "noon"):
        assert not verify(form(signed("sha256", timestamp=moment)))


def test_an_account_that_does_not_sign_is_proved_by_the_secret_in_its_url() -> None:
    verify = VENDOR.verifier([SECRET], {"signature": None})
    assert verify(form(receipt("delivered"))._replace(secret=SECRET))
    assert not verify(form(receipt("delivered")))
    assert not verify(form(signed("sha256")))
    with pytest.raises(ValueError, match="cannot stand in a URL"):
        VENDOR.verifier(["short"], {"signature": None})


def test_an_account_that_signs_is_not_proved_by_its_url() -> None:
    verify = VENDOR.verifier([SECRET], {"signature": "sha256"})
    assert not verify(form(receipt("delivered"))._replace(secret=SECRET))


@pytest.mark.parametrize("value", ["md5hash", "", 7])
def test_a_method_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must be the signature method"):
        VENDOR.keys["signature"](value)
