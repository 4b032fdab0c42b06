"""A read-only link is printed where scripts find it, and a refusal is one sentence."""

import json
import os
from pathlib import Path

import pytest

from streamer import cli
from tests.commands.fake_gateway import TOKEN, Answer, FakeGateway

LINK = "http://wall.example/wall/c?key=1.x"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("STREAMER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path))


def make(_method: str, path: str, body: bytes) -> Answer:
    if path == "/wall/spring%2F26/link" and json.loads(body) == {"days": 7}:
        return Answer(200, {"url": LINK, "expires": 1_800_000_000})
    return Answer(400, {"detail": "days must be a whole number from 1 to 366."})


def wall(gateway: FakeGateway, *arguments: str, token: str = TOKEN) -> int:
    return cli.main(["wall", "--gateway", gateway.url, "--token", token, *arguments])


def test_the_link_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeGateway(make) as gateway:
        assert wall(gateway, "spring/26", "--days", "7") == 0
        assert capsys.readouterr() == (f"{LINK}\n", "valid until 2027-01-15 08:00 UTC\n")
        assert wall(gateway, "spring/26", "--days", "7", "--screen") == 0
        assert capsys.readouterr().out == f"{LINK}&screen=1\n"


def test_a_refusal_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeGateway(make) as gateway:
        assert wall(gateway, "c", "--days", "0") == 1
        assert "from 1 to 366" in capsys.readouterr().err
        assert wall(gateway, "c", token="wrong") == 1  # noqa: S106
        assert "no token" in capsys.readouterr().err


def test_a_gateway_that_is_away_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeGateway(make) as gateway:
        pass
    assert wall(gateway, "c") == 1
    assert "does not answer" in capsys.readouterr().err
