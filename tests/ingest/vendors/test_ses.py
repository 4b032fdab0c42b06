"""Amazon SES: its words and recipients, what SNS signs, and the handshake of a subscription."""

import base64
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from streamer.errors import SettingsError
from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.sources import read_sources
from streamer.transport import deadletters
from tests.ingest.support import SECRET, Bench, bench, settings
from tests.ingest.vendors.amazon import HOST, PAGES, TOPIC, URLS, certificate, seal, stamp
from tests.ingest.vendors.cases import now

IDENTITIES = Identities(SECRET.encode())
PROSPECT, OTHER = "prospect@example.fr", "other@example.fr"
CHINESE = "arn:aws-cn:sns:cn-north-1:123456789012:x"


@asynccontextmanager
async def endpoint(
    tmp_path: Path, source: str = "", pages: Mapping[str, bytes] | None = None
) -> AsyncIterator[Bench]:
    file = tmp_path / "sources.toml"
    topics = json.dumps([TOPIC, CHINESE])
    head = f'[sources.ses]\nvendor = "ses"\ncampaign = "c"\ntopics = {topics}\n'
    file.write_text(head + source)
    sources = read_sources(settings(SOURCES=str(file)))
    async with bench(sources, pages=PAGES if pages is None else pages) as it:
        yield it


def envelope(message: object = None, **changes: Any) -> dict[str, Any]:
    """What SNS says, unsigned."""
    text = message if isinstance(message, str) else json.dumps(message or event("Send"))
    whole = {
        "Type": "Notification",
        "MessageId": "n1",
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": stamp(now()),
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def event(word: str, detail: object = None, **mail: Any) -> dict[str, Any]:
    """What SES says."""
    told = {
        "timestamp": "2026-03-02T10:00:00Z",
        "messageId": "m1",
        "destination": [PROSPECT],
    } | mail
    return {"eventType": word, "mail": told, word[0].lower() + word[1:]: detail or {}}


async def post(it: Bench, told: Mapping[str, Any]) -> int:
    return (await it.client.post("/webhooks/ses", content=json.dumps(told).encode())).status_code


async def read(tmp_path: Path, message: object, source: str = "") -> tuple[list[Event], int]:
    """The events of a message, and how many dead letters."""
    async with endpoint(tmp_path, source) as it:
        assert await post(it, seal(envelope(message), "first")) == 200
        return it.kafka.events(), len(it.kafka.letters())


async def one(tmp_path: Path, message: object, source: str = "") -> Event:
    (found,), letters = await read(tmp_path, message, source)
    assert letters == 0
    return found


# What SES says.


@pytest.mark.parametrize(
    ("kind", "subtype", "bounce"),
    [
        ("Permanent", "General", "hard"),
        ("Permanent", "NoEmail", "hard"),
        ("Permanent", "Suppressed", "hard"),
        ("Transient", "General", "soft"),
        ("Undetermined", "Undetermined", "soft"),
    ],
)
async def test_a_bounce_is_hard_or_soft(
    tmp_path: Path, kind: str, subtype: str, bounce: str
) -> None:
    recipients = [{"emailAddress": f"Jeanne <{PROSPECT.upper()}>"}]
    detail = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": recipients}
    found = await one(tmp_path, event("Bounce", detail))
    assert (found.type, found.data) == ("email.bounced", {"bounce": bounce})
    assert found.subject == IDENTITIES.email(PROSPECT)


@pytest.mark.parametrize(
    "message",
    [
        event("Rendering Failure", {"errorMessage": "no such attribute"}),
        event(
            "Complaint",
            {
                "complaintSubType": "OnAccountSuppressionList",
                "complainedRecipients": [{"emailAddress": PROSPECT}],
            },
        ),
        event(
            "Complaint",
            {
                "complaintFeedbackType": "not-spam",
                "complainedRecipients": [{"emailAddress": PROSPECT}],
            },
        ),
        event("Received", source=""),
        event(
            "Received",
            source=PROSPECT,
            headers=[{"name": "Auto-Submitted", "value": "auto-replied"}],
        ),
        {"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "You have …"},
    ],
)
async def test_what_proves_nothing_is_ignored(tmp_path: Path, message: object) -> None:
    assert await read(tmp_path, message) == ([], 0)


@pytest.mark.parametrize(
    "message",
    [
        "plain words",
        "7",
        '{"eventType": 7}',
        "{}",
        {"eventType": "Open"},
        event("Open", [1]),
        event("Open", messageId=None),
        event("Open", {"timestamp": "noon"}),
        event("Delivery"),
        event("Delivery", {"recipients": []}),
        event("Delivery", {"recipients": [7, {"emailAddress": ""}]}),
        event("Bounce", {"bouncedRecipients": [{"emailAddress": PROSPECT}]}),
        event("Bounce", {"bounceType": "Odd", "bouncedRecipients": [{"emailAddress": PROSPECT}]}),
    ],
)
async def test_what_is_not_as_documented_is_kept(tmp_path: Path, message: object) -> None:
    assert await read(tmp_path, message) == ([], 1)


async def test_each_recipient_has_an_event_of_its_own_once(tmp_path: Path) -> None:
    detail = {"recipients": [PROSPECT, OTHER, PROSPECT.upper()]}
    events, _ = await read(tmp_path, event("Delivery", detail, destination=[PROSPECT, OTHER]))
    people = [IDENTITIES.email(PROSPECT), IDENTITIES.email(OTHER)]
    assert [each.subject for each in events] == people
    assert [each.id for each in events] == [f"n1:{person}" for person in people]


@pytest.mark.parametrize("word", ["Send", "Open", "Click"])
async def test_who_it_was_is_known_only_of_a_single_recipient(tmp_path: Path, word: str) -> None:
    several = await one(tmp_path, event(word, destination=[PROSPECT, OTHER]))
    assert (several.id, several.subject, several.message) == ("n1", None, "m1")
    single = await one(tmp_path, event(word))
    assert single.subject == IDENTITIES.email(PROSPECT)


async def test_the_time_is_the_events_own_else_that_of_its_publication(tmp_path: Path) -> None:
    found = await one(tmp_path, event("Open", {"timestamp": "2026-03-02T11:00:00.500Z"}))
    assert found.time == "2026-03-02T11:00:00.500000Z"
    async with endpoint(tmp_path) as it:
        told = envelope(event("Open"))
        await post(it, seal(told, "first"))
        assert it.kafka.events()[0].time[:19] == told["Timestamp"][:19]


async def test_tags_and_headers_tell_campaign_message_and_prospect(tmp_path: Path) -> None:
    source = 'campaign_from = "X-Campaign"\nmessage_from = "m"\nprospect_from = "p"\n'
    mail = {
        "tags": {"m": ["touch-1"], "p": ["p_8"]},
        "headers": [{"name": "X-Campaign", "value": "spring"}],
    }
    found = await one(tmp_path, event("Open", **mail), source)
    assert (found.campaign, found.message, found.subject) == ("spring", "touch-1", "p_8")
    several = event("Delivery", {"recipients": [PROSPECT, OTHER]}, **mail)
    events, _ = await read(tmp_path, several, source)
    assert [each.subject for each in events] == [
        IDENTITIES.email(PROSPECT),
        IDENTITIES.email(OTHER),
    ], "one prospect cannot be both"


def preferences(*, everything: bool = False, **topics: str) -> dict[str, Any]:
    statuses = [{"topicName": k, "subscriptionStatus": v} for k, v in topics.items()]
    return {"unsubscribeAll": everything, "topicSubscriptionStatus": statuses}


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        (preferences(), preferences(everything=True), True),
        (preferences(a="OptIn"), preferences(a="OptOut"), True),
        (preferences(a="OptOut"), preferences(a="OptIn"), False),
        (preferences(a="OptOut", b="OptIn"), preferences(a="OptOut", b="OptIn"), False),
        (preferences(everything=True), preferences(), False),
    ],
)
async def test_a_change_of_preferences_counts_when_something_was_left(
    tmp_path: Path, old: object, new: object, *, left: bool
) -> None:
    detail = {"oldTopicPreferences": old, "newTopicPreferences": new}
    events, letters = await read(tmp_path, event("Subscription", detail))
    assert ([each.type for each in events], letters) == (["email.unsubscribed"] * left, 0)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
WORDS = ["Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint", "Open", "Subscription"]
NAMES = ["recipients", "bouncedRecipients", "bounceType", "timestamp", "newTopicPreferences"]
OF_MAIL = ["timestamp", "messageId", "destination", "tags", "headers", "source"]


@given(
    word=st.sampled_from([*WORDS, "Received"]),
    detail=JSON | st.dictionaries(st.sampled_from(NAMES), JSON),
    mail=st.dictionaries(st.sampled_from(OF_MAIL), JSON),
    anything=JSON,
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
async def test_whatever_an_authentic_message_holds_it_is_read_or_kept(
    tmp_path: Path, word: str, detail: Any, mail: dict[str, Any], anything: Any
) -> None:
    source = 'campaign_from = "c"\nprospect_from = "p"\n'
    async with endpoint(tmp_path, source) as it:
        for message in (event(word, detail, **mail), event(word) | {"mail": anything}, anything):
            assert await post(it, seal(envelope(json.dumps(message)), "first")) == 200
        for _, key, value in it.kafka.letters():
            assert "defect" not in deadletters.read(SECRET.encode(), key, value).reason


# What SNS signs.


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["Amazon SES Email Event Notification", None])
async def test_both_versions_of_the_signature_are_known(
    tmp_path: Path, version: str, subject: str | None
) -> None:
    async with endpoint(tmp_path) as it:
        assert await post(it, seal(envelope(Subject=subject), "first", version)) == 200
        other = {**seal(envelope(Subject=subject), "first", version), "SignatureVersion": "3"}
        assert await post(it, other) == 401
        swapped = {"1": "2", "2": "1"}[version]
        assert await post(it, {**other, "SignatureVersion": swapped}) == 401


async def test_only_pinned_topics_are_believed_and_nothing_is_fetched_for_others(
    tmp_path: Path,
) -> None:
    async with endpoint(tmp_path) as it:
        for topic in (TOPIC.replace("123456789012", "999999999999"), f"{TOPIC}x", ""):
            assert await post(it, seal(envelope(TopicArn=topic), "first")) == 401
        assert it.fetcher.fetched == []


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-3.amazonaws.com/SimpleNotificationService-0123abc.pem",
        "https://sns.eu-west-3.amazonaws.com.evil.example/SimpleNotificationService-0123abc.pem",
        "https://sns.eu-west-3.amazonaws.com@evil.example/SimpleNotificationService-0123abc.pem",
        "https://evil.example/SimpleNotificationService-0123abc.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abc.pem",
        "https://sns.s3.amazonaws.com/SimpleNotificationService-0123abc.pem",
        "https://sns.eu-west-3.amazonaws.com:444/SimpleNotificationService-0123abc.pem",
        "https://sns.eu-west-3.amazonaws.com.cn/SimpleNotificationService-0123abc.pem",
        "https://SNS.eu-west-3.amazonaws.com/SimpleNotificationService-0123abc.pem",
        f"{HOST}/../SimpleNotificationService-0123abc.pem",
        f"{HOST}/SimpleNotificationService-0123abc.pem?x",
        f"{HOST}/SimpleNotificationService-0123abc.pem\n",
        f"{HOST}/SimpleNotificationService-.pem",
        f"{HOST}/x",
        "https://169.254.169.254/latest/meta-data",
        "",
        None,
        7,
    ],
)
async def test_a_certificate_is_fetched_from_nowhere_but_amazon(
    tmp_path: Path, url: object
) -> None:
    anywhere = {str(url): certificate("first")}
    async with endpoint(tmp_path, pages=anywhere) as it:
        assert await post(it, {**seal(envelope(), "first"), "SigningCertURL": url}) == 401
        assert it.fetcher.fetched == []


async def test_the_host_is_that_of_the_topics_partition(tmp_path: Path) -> None:
    url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0123abc.pem"
    async with endpoint(tmp_path, pages={url: certificate("first")}) as it:
        told = seal(envelope(TopicArn=CHINESE), "first")
        assert await post(it, {**told, "SigningCertURL": url}) == 200


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html>",
        certificate("wrong"),
        certificate("first", (-9, -1)),
        certificate("first", (1, 9)),
    ],
    ids=["nothing", "a page", "of another", "expired", "not yet valid"],
)
async def test_a_certificate_that_is_none_or_out_of_date_proves_nothing(
    tmp_path: Path, page: bytes
) -> None:
    async with endpoint(tmp_path, pages={URLS["first"]: page}) as it:
        assert await post(it, seal(envelope(), "first")) == 401
        assert it.kafka.records == []


async def test_when_the_certificate_cannot_be_had_it_is_to_come_again(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        told = seal(envelope(), "first")
        it.fetcher.away = True
        assert await post(it, told) == 503
        assert it.kafka.records == []
        it.fetcher.away = False
        assert await post(it, told) == 200


async def test_fields_cannot_be_shifted_into_each_other(tmp_path: Path) -> None:
    """The signed text stays the same, the message id would not."""
    told = seal(envelope(Subject="s"), "first")
    shifted = {**told, "MessageId": "n1\nSubject\ns"}
    del shifted["Subject"]
    async with endpoint(tmp_path) as it:
        assert await post(it, told) == 200
        assert await post(it, shifted) == 401


async def test_a_signature_is_a_whole_one(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        for signature in ("", "x", "é", base64.b64encode(b"x").decode(), None, 7, ["x"]):
            assert await post(it, {**seal(envelope(), "first"), "Signature": signature}) == 401


# The handshake.


def confirmation(kind: str = "SubscriptionConfirmation", **changes: Any) -> dict[str, Any]:
    url = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336"
    texts = {"Type": kind, "Token": "2336", "SubscribeURL": url} | changes
    return envelope("You have chosen …", **texts)


async def test_a_subscription_is_confirmed_before_success_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="streamer")
    async with endpoint(tmp_path) as it:
        told = seal(confirmation(), "first")
        assert await post(it, told) == 200
        assert it.fetcher.visited == [told["SubscribeURL"]]
        assert it.kafka.records == []
    assert "subscribed" in caplog.text
    assert "2336" not in caplog.text


async def test_a_subscription_that_cannot_be_confirmed_now_is_to_come_again(
    tmp_path: Path,
) -> None:
    async with endpoint(tmp_path) as it:
        told = seal(confirmation(), "first")
        it.fetcher.refuses_visits = True
        assert await post(it, told) == 503
        it.fetcher.refuses_visits = False
        assert await post(it, told) == 200


async def test_nothing_forged_is_visited(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as it:
        foreign = TOPIC.replace("123456789012", "999999999999")
        for told in (
            seal(confirmation(), "wrong"),
            seal(confirmation(TopicArn=foreign), "first"),
            confirmation(),
        ):
            assert await post(it, told) == 401
        assert it.fetcher.visited == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?Action=ConfirmSubscription&Token=2336",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336",
        f"{HOST}/?Action=DeleteTopic&Token=2336",
        f"{HOST}/x?Action=ConfirmSubscription&Token=2336",
        "",
    ],
)
async def test_even_an_authentic_message_is_visited_nowhere_else(tmp_path: Path, url: str) -> None:
    async with endpoint(tmp_path) as it:
        assert await post(it, seal(confirmation(SubscribeURL=url), "first")) == 200
        assert it.fetcher.visited == []
        assert len(it.kafka.letters()) == 1


async def test_the_end_of_a_subscription_is_logged_and_not_undone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with endpoint(tmp_path) as it:
        assert await post(it, seal(confirmation("UnsubscribeConfirmation"), "first")) == 200
        assert it.fetcher.visited == []
        assert it.kafka.records == []
    assert "source ses: its subscription was ended" in caplog.text


@pytest.mark.parametrize(
    "topics",
    [
        None,
        "[]",
        '"arn:aws:sns:eu-west-3:123456789012:x"',
        "[7]",
        '["x"]',
        '["arn:aws:sqs:eu-west-3:123456789012:x"]',
        '["arn:aws:sns:s3:123456789012:x"]',
        '["arn:aws:sns:s3-eu-west-1:123456789012:x"]',
        '["arn:aws:sns:eu-west-3:12:x"]',
    ],
)
def test_the_topics_must_be_named(tmp_path: Path, topics: str | None) -> None:
    file = tmp_path / "sources.toml"
    line = f"topics = {topics}\n" if topics else ""
    file.write_text(f'[sources.ses]\nvendor = "ses"\ncampaign = "c"\n{line}')
    with pytest.raises(SettingsError, match=r"topics of \[sources.ses\] "):
        read_sources(settings(SOURCES=str(file)))
