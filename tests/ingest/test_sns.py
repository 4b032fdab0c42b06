"""What is signed by Amazon is believed of a pinned topic and of Amazon's own host only."""

import json
from typing import Any

import pytest

from streamer.ingest.sns import is_signed
from streamer.ingest.vendors import Delivery
from tests.ingest.vendors.amazon import PAGES, TOPIC, URLS, certificate, seal, stamp

NOW = 1_800_000_000.0
ELSEWHERE = "https://evil.example/SimpleNotificationService-0123abc.pem"


@pytest.mark.parametrize(
    ("changes", "url", "believed"),
    [
        ({}, URLS["first"], True),
        ({"TopicArn": TOPIC.replace("123456789012", "999999999999")}, URLS["first"], False),
        ({}, ELSEWHERE, False),
    ],
)
def test_a_certificate_at_hand_proves_nothing_by_itself(
    changes: dict[str, Any], url: str, *, believed: bool
) -> None:
    page = certificate("first", (-10_000, 10_000))
    told = {
        "Type": "Notification",
        "MessageId": "n1",
        "TopicArn": TOPIC,
        "Message": "{}",
        "Timestamp": stamp(NOW),
    }
    body = json.dumps({**seal(told | changes, "first"), "SigningCertURL": url}).encode()
    fetched = {**PAGES, url: page}
    delivery = Delivery("POST", {}, b"", body, NOW, fetched=fetched)
    assert is_signed(delivery, {TOPIC}, 60.0) is believed
