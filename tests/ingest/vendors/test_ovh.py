"""OVHcloud SMS: its codes, those that its guide leaves out, and what a report does not say."""

import urllib.parse
from typing import Any

import pytest

from streamer.ingest.vendors import Delivery, NotUnderstood
from streamer.ingest.vendors.ovh import VENDOR
from tests.ingest.vendors.parsing import RECEIVED, delivery, items, touchpoints, wishes

PLAIN = wishes(VENDOR)


def report(ptt: str | None, description: str | None = None, **more: Any) -> Delivery:
    """A delivery report; a field that is None is left out."""
    whole = {"id": "7", "ptt": ptt, "description": description, "date": "20260302110000", **more}
    present = {name: value for name, value in whole.items() if value is not None}
    return delivery("GET", query=urllib.parse.urlencode(present))


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("sms.sent", "1 2 3 6"),
        ("sms.delivered", "4"),
        ("sms.failed", "5 8 20 21 23 24 25 26 27 28 29 33 39 73 74 76 202"),
    ],
)
def test_each_code_is_one_of_ours_whatever_the_state(kind: str, codes: str) -> None:
    for code in codes.split():
        for state in (None, "0", "1", "2", "64"):
            (found,) = touchpoints(VENDOR, report(code, state), PLAIN)
            assert (found.type, found.id, found.message) == (kind, f"7:{code}", "7")
            assert (found.at, found.subject) == (RECEIVED, None)


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        ("0", []),
        ("1", ["sms.delivered"]),
        ("2", ["sms.failed"]),
        ("4", []),
        ("8", ["sms.sent"]),
        ("16", ["sms.failed"]),
    ],
)
def test_a_code_that_the_guide_leaves_out_is_known_by_its_state(
    state: str, kinds: list[str]
) -> None:
    (item,) = items(VENDOR, report("999", state), PLAIN)
    assert [each.type for each in item.touchpoints] == kinds
    assert item.raw.startswith(b"id=7&")


def test_the_campaign_stands_in_the_url_and_codes_may_be_ignored() -> None:
    request = report("4", campaign="spring", who="p-8")
    told = wishes(VENDOR, campaign_from="campaign", prospect_from="who")
    (found,) = touchpoints(VENDOR, request, told)
    assert (found.campaign, found.subject) == ("spring", "p-8")
    assert touchpoints(VENDOR, request, wishes(VENDOR, ignore=frozenset({"4"}))) == []


@pytest.mark.parametrize(
    "request_",
    [report(None, "1"), report("999"), report("999", "3"), report("4", id=None)],
)
def test_what_is_not_as_documented_is_not_understood(request_: Delivery) -> None:
    with pytest.raises(NotUnderstood):
        items(VENDOR, request_, PLAIN)
