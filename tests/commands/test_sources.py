"""The sources file is checked as the gateway checks it, and shown as its vendors need it."""

import json
import os
from pathlib import Path

import pytest

from streamer import cli
from streamer.commands.feeds import feed, feeds
from streamer.exposition.fact_words import WORDS
from streamer.ingest.sources import read_sources
from streamer.settings import Settings
from tests.commands.fake_gateway import TOKEN, Answer, FakeGateway

FILE = """
[sources.calls]
vendor = "aircall"
secrets = ["env:CALLS"]
campaign = "spring"
tags = { "RDV" = "meeting" }

[sources.network]
vendor = "heyreach"
secrets = ["env:NETWORK"]
campaign_from = "campaignId"
campaigns = { "12" = "summer" }
"""
SECRET = "a-secret-of-a-url-0"  # noqa: S105 - a test's


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in os.environ:
        if name.startswith(("STREAMER_", "LC_")):
            monkeypatch.delenv(name)
    path = tmp_path / "sources.toml"
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("STREAMER_DATA", str(tmp_path))
    monkeypatch.setenv("STREAMER_SOURCES", str(path))
    monkeypatch.setenv("CALLS", "token-of-calls")
    monkeypatch.setenv("NETWORK", SECRET)
    return path


def test_a_sound_file_is_said_to_be(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sources", "check"]) == 0
    assert cli.main(["sources", "check", str(file)]) == 0
    line = "2 source(s) sound, 0 fault(s), 0 warning(s)\n"
    assert capsys.readouterr().out == line * 2


def test_every_fault_and_warning_is_a_line_that_can_be_jumped_to(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(FILE.replace('"meeting"', '"positive"').replace("env:NETWORK", SECRET))
    assert cli.main(["sources", "check"]) == 2
    warning, fault, end = capsys.readouterr().out.splitlines()
    assert warning.startswith(f"{file}:6: warning: tags of [sources.calls] names positive")
    assert fault.startswith(f"{file}:10: fault: secrets of [sources.network] must name variables")
    assert SECRET not in fault
    assert end == "1 source(s) sound, 1 fault(s), 1 warning(s)"


def test_without_a_file_it_says_how_to_name_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STREAMER_SOURCES")
    assert cli.main(["sources", "check"]) == 2
    assert cli.main(["sources", "check", f"{file}.gone"]) == 2
    told = capsys.readouterr().err
    assert "Name a sources file, or set STREAMER_SOURCES" in told
    assert "cannot be read" in told


def test_each_source_is_shown_with_its_urls_settings_and_facts(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file.exists()
    monkeypatch.setenv("STREAMER_PUBLIC_URL", "https://hooks.example.fr")
    assert cli.main(["sources", "show"]) == 0
    shown, told = capsys.readouterr()
    assert told == ""
    assert "    https://hooks.example.fr/webhooks/calls\n" in shown
    assert f"    https://hooks.example.fr/webhooks/network/{SECRET}/message_sent\n" in shown
    assert shown.count("This URL holds the secret") == 1
    assert "1. Integrations & API" in shown
    assert "{url}" not in shown
    assert "meetings agreed on calls" in shown
    assert "linkedin: Negative replies" in shown
    assert "token-of-calls" not in shown


def test_one_source_is_shown_in_the_language_asked_for(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert file.exists()
    assert cli.main(["sources", "show", "calls", "--lang", "fr"]) == 0
    shown, told = capsys.readouterr()
    assert "Réglages chez Aircall" in shown
    assert "appels avec RDV" in shown
    assert "[sources.network]" not in shown
    assert "http://127.0.0.1:8080/webhooks/calls" in shown
    assert "STREAMER_PUBLIC_URL n'est pas définie" in told


def test_a_url_in_the_clear_is_warned_of(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file.exists()
    monkeypatch.setenv("STREAMER_PUBLIC_URL", "http://hooks.example.fr")
    assert cli.main(["sources", "show"]) == 0
    assert "Use https://" in capsys.readouterr().err


def test_a_name_that_is_not_there_suggests_the_nearest(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert file.exists()
    assert cli.main(["sources", "show", "call"]) == 2
    assert "There is no source call in the file. Did you mean calls?" in capsys.readouterr().err


def test_json_has_both_languages_and_every_url(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert file.exists()
    assert cli.main(["sources", "show", "network", "--json"]) == 0
    (source,) = json.loads(capsys.readouterr().out)["sources"]
    assert source["url_holds_secret"] is True
    assert {each["kind"] for each in source["urls"]} >= {"message_sent"}
    assert all(SECRET in each["url"] for each in source["urls"])
    assert set(source["setup"]) == set(source["notes"]) == {"fr", "en"}
    assert "linkedin.invited" in source["tells"]
    assert {"kpi": "message_read", "channel": "linkedin"} in source["no_data"]


def test_what_a_campaign_lacks_is_asked_of_the_gateway(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert file.exists()
    came = {"source": "/sources/calls", "type": "phone.made", "first": "T1", "last": "T2"}
    lacks = [
        {"kpi": kpi, "channel": "phone", "reason": "first; second"}
        for kpi in ("callback", "meeting")
    ]
    body = {"campaign": "c", "as_of": "T", "sources": [came], "no_data": lacks}

    def answer(_method: str, path: str, _body: bytes) -> Answer:
        if path == "/v1/campaigns/c/sources":
            return Answer(200, body)
        return Answer(404, {"detail": "No event."})

    with FakeGateway(answer) as gateway:
        ask = ["sources", "show", "--gateway", gateway.url, "--token", TOKEN, "--campaign"]
        assert cli.main([*ask, "c", "--lang", "fr"]) == 0
        shown = capsys.readouterr().out
        assert "phone.made  T1  T2" in shown
        both = "  phone: Taux d'invitation à reprendre contact, Taux de RDV"
        assert f"{both}\n      first\n      second\n" in shown
        assert cli.main([*ask, "c", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == body
        body["no_data"] = []
        assert cli.main([*ask, "c"]) == 0
        assert "Every KPI can be fed." in capsys.readouterr().out
        assert cli.main([*ask, "gone"]) == 1
        assert cli.main([*ask, "c", "calls"]) == 2
    assert "not both" in capsys.readouterr().err


def test_a_source_feeds_what_its_table_names(file: Path) -> None:
    env = {"STREAMER_SOURCES": str(file), "STREAMER_SECRET": "s", "CALLS": "t", "NETWORK": SECRET}
    sources = read_sources(Settings.from_environment(env))
    assert [each.campaigns for each in feeds(sources)] == [{"spring"}, {"summer"}]
    calls = feed(sources["calls"])
    assert "phone.completed:meeting" in calls.facts
    assert "phone.completed:callback" in calls.by_tags - calls.facts


def test_every_fact_that_a_source_tells_has_a_name(file: Path) -> None:
    env = {"STREAMER_SOURCES": str(file), "STREAMER_SECRET": "s", "CALLS": "t", "NETWORK": SECRET}
    for each in feeds(read_sources(Settings.from_environment(env))):
        assert each.facts | each.by_tags <= set(WORDS)
