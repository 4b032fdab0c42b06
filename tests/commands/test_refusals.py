import os

import pytest

from streamer import cli
from streamer.commands.worker import place
from streamer.embedded.ports import free_port
from streamer.errors import SettingsError


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("command", ["worker", "gateway"])
def test_a_command_without_its_settings_refuses_and_names_the_first(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command]) == 2

    shown = capsys.readouterr().err
    assert shown.startswith(f"streamer: `streamer {command}` needs STREAMER_KAFKA")
    assert shown.count("\n") == 1


def test_topics_without_a_kafka_that_answers_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAMER_KAFKA", f"127.0.0.1:{free_port()}")

    assert cli.main(["topics"]) == 4
    assert "streamer: Kafka does not answer at 127.0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3:1024", ("touchpoints", 3, 1024)),
        ("touchpoints:0:0", ("touchpoints", 0, 0)),
    ],
)
def test_a_quarantined_place_may_leave_out_the_topic(text: str, read: object) -> None:
    assert place(text) == read


@pytest.mark.parametrize("text", ["3", "a:b", "3:-1", ":3:1", "t:3:1:1"])
def test_a_malformed_place_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="PARTITION:OFFSET"):
        place(text)
