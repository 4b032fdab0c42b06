"""Postmark's record types, bounces, ids and replies, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.vendors import postmark, vendors
from tests.ingest.support import SECRET
from tests.ingest.vendors.support import case_of, told

CASE = case_of("postmark")
IDENTITIES = Identities(SECRET.encode())
MOMENT = "2026-03-02T11:00:00.2735399+01:00"


def record(word: str = "Delivery", **changes: Any) -> dict[str, Any]:
    """One record as Postmark sends it; a change to None takes the field away."""
    whole = {
        "RecordType": word,
        "MessageID": "m-1",
        "Recipient": "Prospect@Example.fr",
        postmark.TIMES.get(word, "DeliveredAt"): MOMENT,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def bounce(kind: object, word: str = "Bounce") -> dict[str, Any]:
    """One bounce, which names its recipient otherwise."""
    return record(word, Recipient=None, Email="prospect@example.fr", ID=901542550, Type=kind)


def change(**changes: Any) -> dict[str, Any]:
    """One change of a subscription: the recipient asked not to be written to."""
    told = {
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
        "Origin": "Recipient",
    }
    return record("SubscriptionChange", **(told | changes))


def mail(**changes: Any) -> dict[str, Any]:
    """One mail of the inbound stream; a change to None takes the field away."""
    whole = {
        "FromFull": {"Email": "Prospect@Example.fr", "Name": "Prospect"},
        "MessageID": "in-1",
        "MailboxHash": "",
        "Date": "Mon, 02 Mar 2026 11:00:00 +0100",
        "Headers": [{"Name": "Return-Path", "Value": "<prospect@example.fr>"}],
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def one(tmp_path: Path, body: object, **keys: Any) -> Event:
    events, letters = await told(CASE, tmp_path, body, **keys)
    assert letters == []
    (found,) = events
    return found


def test_every_kind_of_bounce_of_its_library_is_a_milestone_or_ignored() -> None:
    kinds = (
        "HardBounce Transient Unsubscribe Subscribe AutoResponder AddressChange DnsError "
        "SpamNotification OpenRelayTest Unknown SoftBounce VirusNotification "
        "ChallengeVerification BadEmailAddress SpamComplaint ManuallyDeactivated Unconfirmed "
        "Blocked SMTPApiError InboundError DMARCPolicy TemplateRenderingFailed"
    )
    assert set(kinds.split()) == set(postmark.BOUNCES) | postmark.IGNORED


def test_no_answer_stops_its_retries() -> None:
    retries = vendors()["postmark"].retries
    assert retries.retried is not None
    assert 403 not in retries.retried
    assert {retries.away, retries.refused} < retries.retried
    assert retries.horizon == sum(retries.delays)


@pytest.mark.parametrize(("kind", "wanted"), postmark.BOUNCES.items())
async def test_each_kind_of_bounce_is_one_of_ours(
    tmp_path: Path, kind: str, wanted: tuple[str, str | None]
) -> None:
    found = await one(tmp_path, bounce(kind))
    assert (found.type, (found.data or {}).get("bounce")) == wanted
    assert (found.id, found.message) == ("901542550", "m-1")
    assert found.subject == IDENTITIES.email("prospect@example.fr")


@pytest.mark.parametrize("kind", sorted(postmark.IGNORED))
async def test_a_machine_s_answer_is_no_bounce(tmp_path: Path, kind: str) -> None:
    assert await told(CASE, tmp_path, bounce(kind)) == ([], [])


@pytest.mark.parametrize(
    "changes",
    [
        {"SuppressSending": False, "SuppressionReason": None},
        {"SuppressionReason": "HardBounce"},
        {"SuppressionReason": "SpamComplaint"},
        {"Origin": "Customer"},
        {"Origin": "Admin"},
    ],
)
async def test_only_the_recipient_unsubscribes(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert (await one(tmp_path, change())).type == "email.unsubscribed"
    assert await told(CASE, tmp_path, change(**changes)) == ([], [])


async def test_seven_decimals_are_cut_to_six(tmp_path: Path) -> None:
    assert (await one(tmp_path, record())).time == "2026-03-02T10:00:00.273539Z"


@pytest.mark.parametrize(
    "other",
    [
        record("Open"),
        record(MessageID="m-2"),
        record(Recipient="other@example.fr"),
        record(DeliveredAt="2026-03-02T11:00:01+01:00"),
    ],
)
async def test_what_differs_has_another_id_and_a_redelivery_has_not(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    first = await one(tmp_path, record())
    again = await one(tmp_path, record(Details="250 OK", ServerID=23))
    assert first.id == again.id != (await one(tmp_path, other)).id


async def test_metadata_may_name_campaign_message_and_prospect(tmp_path: Path) -> None:
    keys = {"campaign_from": "cmp", "message_from": "mail", "prospect_from": "who"}
    metadata = {"cmp": "spring", "mail": "step-1", "who": "p-8"}
    found = await one(tmp_path, record(Metadata=metadata), **keys)
    assert (found.campaign, found.message, found.subject) == ("spring", "step-1", "p-8")
    assert (await one(tmp_path, record(Tag="x"), campaign_from="Tag")).campaign == "x"


async def test_a_reply_is_of_its_sender_and_names_no_mail(tmp_path: Path) -> None:
    found = await one(tmp_path, mail(), message_from="MessageID", campaign_from="Tag")
    assert (found.type, found.id, found.message) == ("email.replied", "in-1", None)
    assert (found.campaign, found.subject) == ("c", IDENTITIES.email("prospect@example.fr"))


async def test_a_reply_s_address_may_carry_its_campaign_and_its_mail(tmp_path: Path) -> None:
    keys = {"campaign_from": "cmp", "message_from": "mail"}
    found = await one(tmp_path, mail(MailboxHash="cmp=spring&mail=step-1"), **keys)
    assert (found.campaign, found.message) == ("spring", "step-1")
    plain = await one(tmp_path, mail(MailboxHash="spring"), campaign_from="MailboxHash")
    assert plain.campaign == "spring"


@pytest.mark.parametrize("name", ["Auto-Submitted", "auto-submitted"])
async def test_a_machine_does_not_reply(tmp_path: Path, name: str) -> None:
    headers = [7, {"Name": name, "Value": "auto-generated"}]
    assert await told(CASE, tmp_path, mail(Headers=headers)) == ([], [])


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    bodies = [record("Open"), record("Levitation"), record()]
    events, letters = await told(CASE, tmp_path, bodies, ignore=["Open", "Levitation"])
    assert [each.type for each in events] == ["email.delivered"]
    assert letters == []


@pytest.mark.parametrize(
    "body",
    [
        record("Levitation"),
        record() | {"RecordType": None},
        record() | {"RecordType": 7},
        record(MessageID=None),
        record(Recipient=None),
        record(DeliveredAt=None),
        record(DeliveredAt="2026-03-02 11:00:00"),
        record(DeliveredAt="2026-03-02T11:00:00"),
        bounce("Sideways"),
        bounce(None),
        mail(FromFull=None),
        mail(MessageID=None),
    ],
)
async def test_what_is_not_as_documented_is_kept(tmp_path: Path, body: object) -> None:
    events, letters = await told(CASE, tmp_path, body)
    assert events == []
    assert len(letters) == 1
