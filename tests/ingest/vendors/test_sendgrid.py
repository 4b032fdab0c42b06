"""SendGrid's words, ids and times, one by one."""

import json
from pathlib import Path
from typing import Any

import pytest

from streamer.events import Event
from streamer.identity.identities import Identities
from streamer.ingest.sources import read_sources
from streamer.ingest.vendors import sendgrid
from streamer.transport import deadletters
from tests.ingest.support import SECRET, Signer, bench, settings
from tests.ingest.vendors.cases import now

SIGNER = Signer()


def told(**changes: Any) -> dict[str, Any]:
    """One event as SendGrid sends it; a change to None takes the field away."""
    whole = {
        "email": "Prospect@Example.fr",
        "timestamp": 1_772_445_600,
        "event": "delivered",
        "sg_event_id": "ZXZlbnQ",
        "sg_message_id": "abc.filter0001.16648.0",
        "smtp-id": "<abc@ismtpd-555>",
        "cmp": "camp-12",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


async def send(
    tmp_path: Path, *events: object, source: str = 'campaign = "c"'
) -> tuple[list[Event], list[deadletters.DeadLetter]]:
    file = tmp_path / "sources.toml"
    file.write_text(f'[sources.sg]\nvendor = "sendgrid"\nsecrets = ["env:SG_KEY"]\n{source}\n')
    given = settings(SOURCES=str(file), SG_KEY=SIGNER.public)
    body = json.dumps(events).encode()
    async with bench(read_sources(given)) as it:
        response = await it.client.post(
            "/webhooks/sg", content=body, headers=SIGNER.headers(body, int(now()))
        )
        assert response.status_code == 200
        sealed = it.kafka.letters()
        letters = [deadletters.read(SECRET.encode(), key, value) for _, key, value in sealed]
        return it.kafka.events(), letters


async def one(tmp_path: Path, source: str = 'campaign = "c"', **changes: Any) -> Event:
    events, letters = await send(tmp_path, told(**changes), source=source)
    assert letters == []
    return events[0]


@pytest.mark.parametrize(
    ("changes", "kind", "data"),
    [
        ({"event": "processed"}, "email.sent", None),
        ({"event": "delivered"}, "email.delivered", None),
        ({"event": "deferred", "response": "400 later"}, "email.deferred", None),
        ({"event": "open"}, "email.opened", None),
        ({"event": "click", "url": "https://example.fr/?me"}, "email.clicked", None),
        ({"event": "spamreport"}, "email.complained", None),
        ({"event": "unsubscribe"}, "email.unsubscribed", None),
        ({"event": "group_unsubscribe", "asm_group_id": 1}, "email.unsubscribed", None),
        (
            {"event": "bounce", "type": "bounce", "status": "5.1.1"},
            "email.bounced",
            {"bounce": "hard"},
        ),
        ({"event": "bounce", "type": "bounce"}, "email.bounced", {"bounce": "hard"}),
        (
            {"event": "bounce", "type": "bounce", "status": "5.2.2"},
            "email.bounced",
            {"bounce": "soft"},
        ),
        (
            {"event": "bounce", "type": "bounce", "status": "4.4.1"},
            "email.bounced",
            {"bounce": "soft"},
        ),
        (
            {"event": "bounce", "type": "blocked", "status": "5.7.1"},
            "email.bounced",
            {"bounce": "soft"},
        ),
        ({"event": "bounce", "type": "blocked"}, "email.bounced", {"bounce": "soft"}),
    ],
)
async def test_each_word_is_one_of_ours(
    tmp_path: Path, changes: dict[str, Any], kind: str, data: object
) -> None:
    found = await one(tmp_path, **changes)
    assert (found.type, found.data) == (kind, data)


async def test_an_event_has_its_time_its_id_and_its_prospect(tmp_path: Path) -> None:
    found = await one(tmp_path)
    assert (found.id, found.source, found.time) == (
        "ZXZlbnQ",
        "/sources/sg",
        "2026-03-02T10:00:00Z",
    )
    assert found.subject == Identities(SECRET.encode()).email("prospect@example.fr")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sg_message_id": "abc.filter0001.16648.0"}, "abc"),
        (
            {"sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0"},
            "14c5d75ce93.dfd.64b469",
        ),
        (
            {"sg_message_id": "euo2iKxdSayPF4YE4--I7A.recvd-5f54b-1-67BA-6.0"},
            "euo2iKxdSayPF4YE4--I7A",
        ),
        ({"sg_message_id": "abc.0"}, "abc"),
        ({"sg_message_id": "abc"}, "abc"),
        ({"sg_message_id": None, "smtp-id": "<abc@geopod-ismtpd-1>"}, "abc"),
        (
            {"sg_message_id": None, "smtp-id": "<14c5d75ce93.dfd.64b469@i>"},
            "14c5d75ce93.dfd.64b469",
        ),
    ],
)
async def test_the_message_is_the_id_that_sending_returned(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert (await one(tmp_path, **changes)).message == message


async def test_the_campaign_comes_from_the_passthrough_else_from_the_source(
    tmp_path: Path,
) -> None:
    source = 'campaign = "c"\ncampaign_from = "cmp"\ncampaigns = { "camp-12" = "spring" }'
    assert (await one(tmp_path, source)).campaign == "spring"
    assert (await one(tmp_path, source, cmp="camp-13")).campaign == "camp-13"
    assert (await one(tmp_path, source, cmp=13)).campaign == "13"
    assert (await one(tmp_path, source, cmp=None)).campaign == "c"
    assert (await one(tmp_path, source, cmp="")).campaign == "c"
    category = 'campaign_from = "category"'
    assert (await one(tmp_path, category, category="x")).campaign == "x"
    assert (await one(tmp_path, category, category=["x", "y"])).campaign == "x"


async def test_the_message_may_come_from_the_passthrough(tmp_path: Path) -> None:
    source = 'campaign = "c"\nmessage_from = "mail"'
    assert (await one(tmp_path, source, mail="m-7")).message == "m-7"
    assert (await one(tmp_path, source)).message == "abc"


async def test_with_neither_campaign_nor_person_it_is_kept_for_later(tmp_path: Path) -> None:
    events, letters = await send(tmp_path, told(email=None), source="")
    assert events == []
    assert "neither a campaign nor a person: set campaign" in letters[0].reason


async def test_a_drop_never_left_and_proves_nothing(tmp_path: Path) -> None:
    reasons = ("Bounced Address", "Unsubscribed Address", "Spam Reporting Address", "Invalid")
    dropped = [told(event="dropped", reason=reason, sg_event_id=reason) for reason in reasons]
    assert await send(tmp_path, *dropped, told(event="group_resubscribe")) == ([], [])


async def test_words_that_the_source_ignores_are_passed_over(tmp_path: Path) -> None:
    source = 'campaign = "c"\nignore = ["open", "levitated"]'
    events, letters = await send(
        tmp_path, told(event="open"), told(event="levitated"), told(), source=source
    )
    assert [event.type for event in events] == ["email.delivered"]
    assert letters == []


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "levitated"},
        {"event": None},
        {"event": 7},
        {"sg_event_id": None},
        {"sg_event_id": ""},
        {"sg_event_id": "x" * 600_000},
        {"timestamp": None},
        {"timestamp": "at noon"},
        {"timestamp": True},
        {"timestamp": 10**30},
        {"timestamp": 1},
        {"sg_message_id": None, "smtp-id": None},
        {"sg_message_id": ".filter", "smtp-id": None},
        {"event": "bounce"},
        {"event": "bounce", "type": "sideways"},
    ],
)
async def test_one_that_is_not_understood_does_not_hold_back_the_others(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    events, letters = await send(tmp_path, told(**changes), told(sg_event_id="good"))
    assert [event.id for event in events] == ["good"]
    assert len(letters) == 1
    assert json.loads(letters[0].value or b"") == told(**changes)


async def test_a_body_of_many_strange_items_is_kept_once_and_whole(tmp_path: Path) -> None:
    strange = [told(event="levitated", sg_event_id=str(n)) for n in range(500)]
    events, letters = await send(tmp_path, *strange, told())
    assert len(events) == 1
    (letter,) = letters
    assert "500 items" in letter.reason
    assert json.loads(letter.value or b"") == [*strange, told()]


async def test_a_bare_object_is_an_array_of_one(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[sources.sg]\nvendor="sendgrid"\nsecrets=["env:SG_KEY"]\ncampaign="c"\n')
    body = json.dumps(told()).encode()
    async with bench(read_sources(settings(SOURCES=str(file), SG_KEY=SIGNER.public))) as it:
        headers = SIGNER.headers(body, int(now()))
        response = await it.client.post("/webhooks/sg", content=body, headers=headers)
        assert response.status_code == 200
        assert len(it.kafka.events()) == 1


async def test_a_defect_of_the_parser_loses_nothing_and_quotes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def defect(*_: object) -> None:
        raise KeyError("prospect@example.fr")

    monkeypatch.setattr(sendgrid, "_item", defect)
    events, letters = await send(tmp_path, told(), told())
    assert events == []
    assert json.loads(letters[0].value or b"") == [told(), told()]
    assert "KeyError" in letters[0].reason
    assert "prospect" not in caplog.text + letters[0].reason
