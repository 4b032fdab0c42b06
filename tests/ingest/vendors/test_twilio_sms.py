"""Twilio SMS: its words, its replies, and what belongs to other channels."""

from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import NotUnderstood, Touchpoint
from streamer.ingest.vendors.twilio_sms import VENDOR
from tests.ingest.support import bench
from tests.ingest.vendors.case_twilio_sms import CASE
from tests.ingest.vendors.cases import URL
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


def status(word: str | None, **changes: Any) -> dict[str, Any]:
    """A status callback; a change to None takes the field away."""
    whole = {"MessageSid": "SM1", "MessageStatus": word, "To": "+33612345678", "From": "+337570"}
    return whole | changes


def inbound(**changes: Any) -> dict[str, Any]:
    """An inbound message."""
    whole = {"MessageSid": "SM2", "SmsStatus": "received", "From": "+33612345678", "To": "+337570"}
    return {**whole, "Body": "Bonjour", **changes}


def one(fields: dict[str, Any], query: str = "", **wished: Any) -> Touchpoint:
    (found,) = touchpoints(VENDOR, form(fields, query), wishes(VENDOR, **wished))
    return found


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (status("sent"), "sms.sent"),
        (status("partially_delivered"), "sms.sent"),
        (status("delivered"), "sms.delivered"),
        (status(None, SmsStatus="delivered"), "sms.delivered"),
        (status("undelivered", ErrorCode="30003"), "sms.failed"),
        (status("undelivered", ErrorCode="30006"), "sms.failed"),
        (status("failed", ErrorCode="21610"), "sms.failed"),
        (inbound(), "sms.replied"),
        (inbound(Body="", NumMedia="1"), "sms.replied"),
        (inbound(Body="Arrêt"), "sms.opted_out"),
        (inbound(Body="END", OptOutType="STOP"), "sms.opted_out"),
        (inbound(Body="START", OptOutType="START"), "sms.replied"),
        (inbound(Body="HELP", OptOutType="HELP"), "sms.replied"),
    ],
)
def test_each_word_is_one_of_ours(fields: dict[str, Any], kind: str) -> None:
    found = one(fields)
    assert (found.type, found.at) == (kind, RECEIVED)
    assert found.person == IDENTITIES.phone("+33612345678")


@pytest.mark.parametrize(
    "fields",
    [
        *map(status, ("accepted", "scheduled", "queued", "sending", "canceled", "read")),
        status("delivered", To="whatsapp:+33612345678"),
        inbound(From="messenger:123"),
    ],
)
def test_what_never_left_or_is_no_sms_proves_nothing(fields: dict[str, Any]) -> None:
    (item,) = items(VENDOR, form(fields), PLAIN)
    assert (item.touchpoints, item.not_understood) == ((), "")


def test_words_that_the_source_ignores_are_passed_over() -> None:
    ignoring = wishes(VENDOR, ignore=frozenset({"sent", "received"}))
    for fields in (status("sent"), inbound()):
        assert touchpoints(VENDOR, form(fields), ignoring) == []


def test_what_the_sender_wants_back_stands_in_the_url() -> None:
    query = "cmp=spring&m=s-2&who=prospect%40example.fr"
    names = {"campaign_from": "cmp", "message_from": "m", "prospect_from": "who"}
    sent = one(status("sent"), query, **names)
    assert (sent.campaign, sent.message) == ("spring", "s-2")
    assert sent.subject == IDENTITIES.email("prospect@example.fr")
    # One URL for the replies of all: it may name a campaign, never a message or a prospect.
    replied = one(inbound(), query, **names)
    assert (replied.campaign, replied.message) == ("spring", None)
    assert replied.person == IDENTITIES.phone("+33612345678")


def test_the_campaign_may_be_a_field_of_twilio() -> None:
    found = one(status("sent", MessagingServiceSid="MG1"), campaign_from="MessagingServiceSid")
    assert found.campaign == "MG1"


def test_a_get_says_the_same() -> None:
    request = delivery("GET", query="MessageSid=SM1&MessageStatus=sent&To=%2B33612345678&cmp=a")
    (item,) = items(VENDOR, request, PLAIN)
    assert item.raw == request.query
    assert item.touchpoints[0].id == "SM1:sent"


@pytest.mark.parametrize(
    "fields",
    [
        status(None),
        status("levitated"),
        status("sent", MessageSid=None),
        status("sent", To=None),
        inbound(MessageSid=None),
        inbound(From=None),
    ],
)
def test_what_is_not_as_documented_is_not_understood(fields: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        items(VENDOR, form(fields), PLAIN)


async def test_it_is_answered_with_nothing(tmp_path: Path) -> None:
    request = CASE.sign(CASE.sample(CASE.one_event), "first", RECEIVED)
    async with bench(CASE.sources(tmp_path), PUBLIC_URL=URL) as it:
        answer = await it.client.post(
            request.target, content=request.body, headers=dict(request.headers)
        )
    assert (answer.status_code, answer.content) == (204, b"")
    assert not {"content-type", "content-length"} & set(answer.headers)
