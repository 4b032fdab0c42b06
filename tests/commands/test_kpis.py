import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from streamer import cli
from streamer.events import decode_record, encode_batch
from streamer.exposition import bodies
from streamer.state import Epoch, Partition
from tests.commands.fake_gateway import TOKEN, Answer, FakeGateway
from tests.simulator.happened import START, of_campaign

CAMPAIGN = "relance-printemps-2026"


@cache
def body() -> dict[str, Any]:
    """What the gateway answers after the first minute of a simulation."""
    partition = Partition(Epoch(1, 1))
    value = encode_batch(of_campaign(CAMPAIGN))
    partition.apply(decode_record(CAMPAIGN.encode(), value))
    partition.refresh()
    answer: dict[str, Any] = json.loads(bodies.kpis(partition.snapshot(CAMPAIGN, START + 60)))
    return answer


def know_one(_method: str, path: str, _body: bytes) -> Answer:
    if path == f"/v1/campaigns/{CAMPAIGN}/kpis":
        return Answer(200, body())
    return Answer(404, {"detail": "No event of campaign nothing was accepted yet."})


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("STREAMER_", "LC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("LANG", "C.UTF-8")


def kpis(gateway: FakeGateway, *arguments: str) -> int:
    return cli.main(["kpis", "--gateway", gateway.url, "--token", TOKEN, *arguments])


def test_every_kpi_is_shown_by_channel_with_its_windows_and_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with FakeGateway(know_one) as gateway:
        assert kpis(gateway, CAMPAIGN) == 0
    shown = capsys.readouterr().out
    for row in body()["kpis"]:
        assert row["label"]["en"] in shown
    lines = [line.strip() for line in shown.splitlines()]
    cells = re.split(r"  +", next(line for line in lines if line.startswith("Opens")))
    row = next(row for row in body()["kpis"] if (row["kpi"], row["window"]) == ("open", "campaign"))
    assert cells[1] == f"{100 * row['value']:.1f} %"
    assert cells[5] == f"{row['numerator']:,} ÷ {row['denominator']:,}"
    assert all(cell.endswith(" %") for cell in cells[1:5])
    assert "incomplete" not in shown


def test_labels_follow_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeGateway(know_one) as gateway:
        assert kpis(gateway, CAMPAIGN, "--lang", "fr") == 0
        assert "Taux d'ouverture" in capsys.readouterr().out
        monkeypatch.setenv("LANG", "fr_FR.UTF-8")
        assert kpis(gateway, CAMPAIGN) == 0
        assert "Taux d'ouverture" in capsys.readouterr().out
        assert kpis(gateway, CAMPAIGN, "--lang", "en") == 0
        assert "Taux d'ouverture" not in capsys.readouterr().out


def test_json_is_the_answer_as_it_came(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with FakeGateway(know_one) as gateway:
        assert kpis(gateway, CAMPAIGN, "--json") == 0
    assert json.loads(capsysbinary.readouterr().out) == body()


def test_an_incomplete_campaign_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(200, {**body(), "incomplete": True})
    with FakeGateway(lambda *_: answer) as gateway:
        assert kpis(gateway, CAMPAIGN) == 0
    assert "incomplete: a record" in capsys.readouterr().out


def test_an_unknown_campaign_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeGateway(know_one) as gateway:
        assert kpis(gateway, "nothing") == 1
    assert "knows no such campaign: No event of campaign nothing" in capsys.readouterr().err


def test_a_gateway_that_is_away_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    monkeypatch.setattr("streamer.commands.kpis.PATIENCE_SECONDS", 0.1)
    url = f"http://127.0.0.1:{port}"
    assert cli.main(["kpis", CAMPAIGN, "--gateway", url, "--token", TOKEN]) == 6
    assert f"The gateway at {url} does not answer" in capsys.readouterr().err


def test_without_an_up_the_gateway_of_the_environment_is_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeGateway(know_one) as gateway:
        monkeypatch.setenv("STREAMER_TOKENS", f"other={TOKEN}")
        monkeypatch.setenv("STREAMER_GATEWAY", gateway.url.removeprefix("http://"))
        assert cli.main(["kpis", CAMPAIGN]) == 0
    assert CAMPAIGN in capsys.readouterr().out


def test_a_running_up_is_found_by_its_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with FakeGateway(know_one) as gateway:
        port = gateway.url.rpartition(":")[2]
        run = {
            "pid": os.getpid(),
            "gateway": f"0.0.0.0:{port}",
            "metrics": "127.0.0.1:1",
            "gateway_metrics": "127.0.0.1:2",
            "kafka": "127.0.0.1:3",
            "redis": "redis://127.0.0.1:4",
            "token": TOKEN,
        }
        (tmp_path / "run.json").write_text(json.dumps(run))
        assert cli.main(["kpis", CAMPAIGN, "--data", str(tmp_path)]) == 0
    assert CAMPAIGN in capsys.readouterr().out
