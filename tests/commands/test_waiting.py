"""`streamer waiting list` shows what the workers have stored as waiting."""

import asyncio
import json

import pytest

from streamer.cli import main
from streamer.processing.journal import Journal
from streamer.state import Arrival, Epoch, Inbox
from streamer.transport.topics import ensure_topics
from tests.processing.cluster import settings_for

pytestmark = pytest.mark.kafka


def arrival(number: int, at: int) -> Arrival:
    return Arrival(
        number,
        "/sms",
        f"w{number}",
        "sms.replied",
        f"person-{number}",
        None,
        at,
        at,
        b"%d" % number,
    )


async def wait(kafka: str, *arrivals: Arrival) -> None:
    await ensure_topics(settings_for(kafka))
    journal = Journal({"bootstrap_servers": kafka}, 3)
    await journal.open()
    inbox = Inbox(Epoch(1, 1))
    for each in arrivals:
        inbox.arrive(each)
    inbox.expect(0)
    inbox.decide(0, 10)
    await journal.write(inbox.checkpoint())
    await journal.close()
    # What is committed can be read once the journal can be opened again.
    again = Journal({"bootstrap_servers": kafka}, 3)
    await again.open()
    await again.close()


def test_what_waits_is_listed_the_oldest_first(
    kafka: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMER_KAFKA", kafka)
    asyncio.run(wait(kafka, arrival(1, 1_772_445_600), arrival(2, 1_772_442_000)))
    assert main(["waiting", "list", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows if row["id"] in {"w1", "w2"}] == ["w2", "w1"]
    assert rows[0]["time"] <= rows[-1]["time"]
    assert main(["waiting", "list"]) == 0
    assert "waiting for a campaign" in capsys.readouterr().out
