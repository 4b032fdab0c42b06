import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streamer import cli
from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.setup import find, prepare
from tests.commands.fake_gateway import TOKEN, Answer, FakeGateway


def take(_method: str, path: str, body: bytes) -> Answer:
    accepted = len(json.loads(body)) if path == "/v1/events" else 0
    return Answer(202, {"accepted": accepted, "refused": []})


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path))


def test_it_sends_plans_and_events_and_says_how_many(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FakeGateway(take) as gateway:
        there = ["--gateway", gateway.url, "--token", TOKEN]
        assert cli.main(["simulate", *there, "--duration", "0.3", "--seed", "4"]) == 0
        posted = len(gateway.posted())
        plans = [path for method, path, _ in gateway.requests if method == "PUT"]
    assert plans == [f"/v1/campaigns/{campaign.id}" for campaign in CAMPAIGNS]
    assert f"sent {posted + len(plans):,} events" in capsys.readouterr().err


def test_ctrl_c_is_the_way_to_end_it() -> None:
    with FakeGateway(take) as gateway:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamer", "simulate", f"--gateway={gateway.url}"],
            env={**os.environ, "STREAMER_TOKENS": TOKEN},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "Ctrl-C ends it" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert "Traceback" not in shown
    assert "events" in shown


def test_a_folder_without_sources_gets_them_and_says_what_to_start_the_gateway_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMER_SECRET", "not a secret")
    there = ["--gateway", "http://127.0.0.1:1", "--token", TOKEN, "--vendors", str(tmp_path)]
    assert cli.main(["simulate", *there]) == 2
    assert f"variables in {tmp_path / 'simulator.env'}" in capsys.readouterr().err
    assert find(tmp_path)


def test_vendors_need_the_secret_that_links_persons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(tmp_path)
    there = ["--gateway", "http://127.0.0.1:1", "--token", TOKEN, "--vendors", str(tmp_path)]
    assert cli.main(["simulate", *there]) == 2
    assert "STREAMER_SECRET" in capsys.readouterr().err


def test_a_speed_of_zero_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["simulate", "--speed", "0"])
    assert "--speed" in capsys.readouterr().err


def test_vendors_call_their_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMER_SECRET", "not a secret")
    prepare(tmp_path)
    with FakeGateway(take) as gateway:
        there = ["--gateway", gateway.url, "--token", TOKEN, "--duration", "0.5"]
        assert cli.main(["simulate", *there, "--vendors", str(tmp_path)]) == 0
    assert "/webhooks/sendgrid" in {path for _, path, _ in gateway.requests}
