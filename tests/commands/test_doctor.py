import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streamer import cli
from streamer.commands import checks
from streamer.embedded.folder import Folder, Run
from streamer.embedded.kafka import EmbeddedKafka
from streamer.embedded.ports import free_port
from streamer.settings import Settings
from streamer.transport.fingerprint import hold_secret
from streamer.transport.topics import ensure_topics


@pytest.fixture
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.usefixtures("_environment")
def test_an_installation_that_runs_nothing_yet_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0

    shown = capsys.readouterr().out
    assert "All is well." in shown
    assert "`streamer up` starts all of it" in shown


@pytest.mark.usefixtures("_environment")
def test_each_fault_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("STREAMER_KAFKA", f"127.0.0.1:{port}")
    monkeypatch.setenv("STREAMER_REDIS", f"redis://127.0.0.1:{port}")
    monkeypatch.setenv("STREAMER_SECRET", "short")
    monkeypatch.setenv("STREAMER_GATEWAY", f"127.0.0.1:{port}")
    monkeypatch.setenv("STREAMER_METRICS", f"127.0.0.1:{port}")

    assert cli.main(["doctor"]) == 1

    shown = capsys.readouterr().out
    assert shown.count("FAULT") == shown.count("→") == 7
    assert "STREAMER_KAFKA" in shown
    assert "correct STREAMER_REDIS" in shown
    assert "16 characters or more" in shown
    assert "7 fault(s)." in shown


@pytest.mark.kafka
@pytest.mark.usefixtures("_environment")
def test_topics_are_created_once_then_well_and_a_running_up_is_found(
    capsys: pytest.CaptureFixture[str],
    private_kafka: Callable[[], EmbeddedKafka],
    redis_url: str,
    tmp_path: Path,
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    folder = Folder(tmp_path)
    folder.keep("secret")
    folder.write_run(
        Run(os.getpid(), nowhere, nowhere, nowhere, private_kafka().bootstrap, redis_url, "t")
    )

    assert cli.main(["topics", "--check"]) == 1
    assert "touchpoints is missing: run `streamer topics`." in capsys.readouterr().out
    assert cli.main(["topics"]) == 0
    assert "created  touchpoints" in capsys.readouterr().out
    assert cli.main(["topics"]) == 0
    assert "ok       touchpoints" in capsys.readouterr().out
    assert cli.main(["doctor"]) == 1

    shown = capsys.readouterr().out
    assert f"as process {os.getpid()}" in shown
    assert "all there, with 8 partitions each" in shown
    assert "kept for ever" in shown
    # The stack of this test has neither a gateway nor a worker.
    assert "2 fault(s)." in shown


@pytest.mark.kafka
@pytest.mark.usefixtures("_environment")
def test_another_secret_than_the_topics_were_made_with_is_a_fault(
    capsys: pytest.CaptureFixture[str],
    private_kafka: Callable[[], EmbeddedKafka],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kafka = private_kafka().bootstrap
    made_with = Settings.from_environment({}, kafka=kafka, secret=b"the secret of before")

    async def make() -> None:
        await ensure_topics(made_with)
        await hold_secret(made_with)

    asyncio.run(make())
    monkeypatch.setenv("STREAMER_KAFKA", kafka)
    for secret, faults in (("the secret of before", 0), ("the secret of today", 1)):
        monkeypatch.setenv("STREAMER_SECRET", secret)
        cli.main(["doctor"])
        assert capsys.readouterr().out.count("made with another secret") == faults


async def test_a_sources_file_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    env = {"STREAMER_SOURCES": str(file), "CALLS": "token"}
    settings = Settings.from_environment(env)
    sound = '[sources.calls]\nvendor = "aircall"\nsecrets = ["env:CALLS"]\n'
    file.write_text(sound)
    assert await checks.check_sources(settings) == checks.well("1 source(s)")
    file.write_text(f'{sound}tags = {{ a = "positive" }}\n')
    assert "1 warning(s): see `streamer" in (await checks.check_sources(settings)).found
    file.write_text(f"{sound}x = 1\n")
    found = await checks.check_sources(settings)
    assert (found.well, found.found[:7]) == (False, "line 4:")
    assert (await checks.check_sources(Settings.from_environment({}))).well is None
    file.unlink()
    assert (await checks.look(checks.check_sources, settings)).well is False
