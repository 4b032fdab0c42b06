"""`streamer deadletters` in front of a real Kafka, from a vendor's new word to a count."""

import argparse
import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from streamer import cli
from streamer.commands import deadletters as command
from streamer.embedded.ports import free_port
from streamer.errors import KafkaUnavailable
from streamer.events import Batch
from streamer.ingest.packing import Record
from streamer.ingest.vendors import sendgrid
from streamer.settings import Settings
from streamer.state import Epoch, Partition
from streamer.transport.deadletters import DeadLetter, record
from streamer.transport.letterbox import Kept, Letterbox
from streamer.transport.topics import DEADLETTERS, MARKS
from tests.commands.test_letter_choice import kept
from tests.ingest.running import records_of, running, unique
from tests.ingest.support import SECRET, Signer, event, settings

SIGNER = Signer()
AT = 1_772_445_600


class Bench:
    """A source on a real Kafka, and the command on the same."""

    def __init__(self, given: Settings, source: str, output: pytest.CaptureFixture[str]) -> None:
        self.settings = given
        self.source = source
        self._output = output

    async def send(self, *words: str) -> None:
        """Let SendGrid tell of a mail with each of these words, in requests of their own."""
        async with running(self.settings) as it:
            await it.ready()
            for word in words:
                told = {"event": word, "email": "jean@example.fr", "timestamp": AT}
                told |= {"sg_event_id": f"id-{word}", "sg_message_id": "m.1"}
                body = json.dumps([told]).encode()
                headers = SIGNER.headers(body, int(time.time()))
                url = f"/webhooks/{self.source}"
                answer = await it.client.post(url, content=body, headers=headers)
                assert answer.status_code == 200

    async def run(self, action: str, *arguments: str) -> tuple[int, str]:
        """The exit code, and what was printed."""
        self._output.readouterr()
        code = await asyncio.to_thread(cli.main, ["deadletters", action, *arguments])
        return code, self._output.readouterr().out

    async def letters(self, *arguments: str) -> list[dict[str, Any]]:
        """What `list` tells of the source's letters."""
        code, shown = await self.run("list", "--json", "--source", self.source, *arguments)
        assert code == 0
        found: list[dict[str, Any]] = json.loads(shown)
        return found

    async def counted(self) -> tuple[int, int, int]:
        """Events that changed a number, those that repeated one, and mails that were opened."""
        partition, applied, repeated = Partition(Epoch(1, 1)), 0, 0
        for events in await records_of(self.settings.kafka or "", self.source):
            counts = partition.apply(Batch(self.source, events, 0, []))
            applied, repeated = applied + counts.applied, repeated + counts.repeated
        partition.refresh()
        if not applied:
            return 0, 0, 0
        rows = partition.snapshot(self.source, AT + 60).milestones
        opened = [row[3] for row in rows if row[:3] == ("email", "opened", "campaign")]
        return applied, repeated, sum(opened)


@pytest.fixture
def it(
    kafka: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Bench:
    source = unique("letters")
    file = tmp_path / "sources.toml"
    file.write_text(
        f'[sources.{source}]\nvendor = "sendgrid"\nsecrets = ["env:SG_KEY"]\n'
        f'campaign = "{source}"\n'
    )
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_KAFKA", kafka)
    monkeypatch.setenv("STREAMER_SECRET", SECRET)
    monkeypatch.setenv("STREAMER_SOURCES", str(file))
    monkeypatch.setenv("STREAMER_LOG", "error")
    monkeypatch.setenv("SG_KEY", SIGNER.public)
    return Bench(settings(KAFKA=kafka, SOURCES=str(file), SG_KEY=SIGNER.public), source, capsys)


@pytest.mark.kafka
async def test_a_new_word_is_kept_replayed_and_counted_exactly_once(
    it: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await it.send("new_a", "new_a", "new_b", "new_c")
    letters = await it.letters()
    assert [each["state"] for each in letters] == ["open"] * 3, "the redelivery is shown once"
    assert [each["topic"] for each in letters] == ["webhooks"] * 3
    a, b, c = (each["id"] for each in letters)

    code, shown = await it.run("replay", "--source", it.source)
    assert (code, shown.count("stays open: its `event` is none that is documented")) == (1, 3)
    assert await it.counted() == (0, 0, 0)

    monkeypatch.setattr(
        sendgrid, "TYPES", {**sendgrid.TYPES, "new_a": "email.opened", "new_b": "email.clicked"}
    )
    code, shown = await it.run("replay", "--source", it.source, "--dry-run")
    assert (code, shown.count("would be replayed: 1 events")) == (1, 2)
    assert [each["state"] for each in await it.letters()] == ["open"] * 3
    assert await it.counted() == (0, 0, 0), "a dry run sends nothing"

    assert (await it.run("replay", a[:6]))[0] == 0
    assert await it.counted() == (1, 0, 1)
    assert (await it.run("replay", a, "--yes"))[0] == 0
    assert await it.counted() == (1, 1, 1), "replayed twice, counted once"

    assert (await it.run("drop", b, "--dry-run"))[0] == 0
    code, shown = await it.run("drop", a, b)
    assert (code, "its events count" in shown) == (1, True)
    states = {each["id"]: each["state"] for each in await it.letters()}
    assert states == {a: "replayed", b: "dropped", c: "open"}
    assert [each["id"] for each in await it.letters("--state", "open")] == [c]

    code, shown = await it.run("replay", "--source", it.source)
    assert (code, shown.count("stays open")) == (1, 1), "what is dropped is left alone"
    assert (await it.run("replay", b))[0] == 0, "unless it is named"
    assert (await it.letters("--state", "replayed"))[1]["events"] == 1


@pytest.mark.kafka
async def test_a_replay_in_vain_takes_nothing_back(
    it: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await it.send("new_a")
    known = sendgrid.TYPES
    monkeypatch.setattr(sendgrid, "TYPES", {**known, "new_a": "email.opened"})
    assert (await it.run("replay", "--source", it.source))[0] == 0
    monkeypatch.setattr(sendgrid, "TYPES", known)
    (letter,) = await it.letters()
    code, shown = await it.run("replay", letter["id"])
    assert (code, "stays replayed" in shown) == (1, True)
    assert [each["state"] for each in await it.letters()] == ["replayed"]


@pytest.mark.kafka
async def test_a_letter_is_shown_whole_after_a_warning(it: Bench) -> None:
    await it.send("new_a")
    (letter,) = await it.letters()
    code, shown = await it.run("show", letter["id"][:8])
    assert code == 0
    assert shown.index("may name persons") < shown.index("jean@example.fr")
    code, shown = await it.run("show", letter["id"], "--json")
    told = json.loads(shown)
    assert json.loads(told["value"]["text"])["event"] == "new_a"
    assert told["request"]["method"] == "POST"
    assert "signature" not in shown.lower()
    code, shown = await it.run("list", "--source", it.source)
    assert "jean@example.fr" not in shown
    assert "1 dead letters: 1 open" in shown


@pytest.mark.kafka
async def test_another_secret_is_a_clear_sentence(
    it: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await it.send("new_a")
    (letter,) = await it.letters()
    monkeypatch.setenv("STREAMER_SECRET", "another secret than that one")
    for action in ("list", "show", "replay", "drop"):
        arguments = [] if action == "list" else [letter["id"]]
        code = await asyncio.to_thread(cli.main, ["deadletters", action, *arguments])
        shown = capsys.readouterr()
        assert (code, shown.out) == (1, "")
        assert shown.err.startswith("streamer: No dead letter can be opened")
        assert "STREAMER_SECRET must be the one" in shown.err


@pytest.mark.kafka
async def test_the_secret_of_a_folder_is_taken_where_none_is_set(
    it: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await it.send("new_a")
    monkeypatch.delenv("STREAMER_SECRET")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert len(await it.letters("--data", str(tmp_path))) == 1


@pytest.mark.kafka
async def test_a_letter_of_an_earlier_secret_is_listed_and_left_alone(it: Bench) -> None:
    await it.send("new_a")
    letter = DeadLetter(
        topic=it.source, partition=0, offset=7, position=2, source="", reason="", key=b"c",
        value=b"{}", at=AT,
    )  # fmt: skip
    producer = AIOKafkaProducer(bootstrap_servers=it.settings.kafka)
    await producer.start()
    key, value = record(b"an earlier secret", letter)
    await producer.send_and_wait(DEADLETTERS, value, key)
    await producer.stop()

    code, shown = await it.run("list", "--json", "--topic", it.source)
    (told,) = json.loads(shown)
    assert (code, told["state"], told["from"]) == (0, "open", f"{it.source}-0@7#2")
    assert told["reason"].startswith("it was sealed with another secret")
    code, shown = await it.run("replay", told["id"])
    assert (code, "stays open" in shown) == (1, True)
    assert (await it.run("show", told["id"]))[0] == 1


@pytest.mark.kafka
async def test_many_are_not_touched_without_a_yes(
    it: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await it.send("new_a", "new_b")
    monkeypatch.setattr(command, "MANY", 1)
    for action in ("replay", "drop"):
        code, _ = await it.run(action, "--source", it.source)
        assert code == 2
    assert [each["state"] for each in await it.letters()] == ["open", "open"]
    assert (await it.run("drop", "--source", it.source, "--yes"))[0] == 0
    assert [each["state"] for each in await it.letters()] == ["dropped", "dropped"]


def test_a_kafka_that_is_away_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMER_KAFKA", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("STREAMER_SECRET", SECRET)
    monkeypatch.setenv("STREAMER_LOG", "error")
    assert cli.main(["deadletters", "list"]) == 4
    assert "streamer: Kafka does not answer at 127.0.0.1" in capsys.readouterr().err


def test_without_a_secret_it_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delenv("STREAMER_SECRET", raising=False)
    monkeypatch.setenv("STREAMER_KAFKA", "127.0.0.1:1")
    assert cli.main(["deadletters", "list", "--data", str(tmp_path)]) == 2
    assert "needs STREAMER_SECRET" in capsys.readouterr().err


class Away:
    """Takes marks, and no events."""

    def __init__(self) -> None:
        self.marks: list[Record] = []

    async def send(self, record: Record) -> None:
        if record.topic != MARKS:
            raise KafkaUnavailable("It is away.")
        self.marks.append(record)


class Box:
    """Letters of the worker that are sound by today's rules."""

    def __init__(self, count: int) -> None:
        self._kept = [kept(f"id{each}") for each in range(count)]

    async def all(self) -> list[Kept]:
        return self._kept

    async def contents(self, wanted: list[Kept]) -> AsyncIterator[tuple[Kept, DeadLetter]]:
        for each in wanted:
            assert each.letter is not None
            value = json.dumps([event()]).encode()
            yield each, msgspec.structs.replace(each.letter, value=value)


async def test_nothing_is_marked_before_kafka_has_acknowledged_the_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = Away()

    @asynccontextmanager
    async def sending(_: Settings) -> AsyncIterator[Away]:
        yield away

    monkeypatch.setattr(command, "sending", sending)
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    options = parser.parse_args(["replay"])
    with pytest.raises(KafkaUnavailable):
        await command._replay(options, settings(), cast("Letterbox", Box(3)))
    assert away.marks == []
