"""The configuration of Alertmanager: what is set is told, secrets are nowhere but in the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamer.cli import main
from streamer.commands.alerting import NOBODY, TEAM, configuration
from streamer.errors import SettingsError
from streamer.settings import Settings

MAIL = {
    "STREAMER_ALERT_EMAIL": "team@example.fr",
    "STREAMER_ALERT_EMAIL_FROM": "alerts@example.fr",
    "STREAMER_ALERT_SMTP": "smtp.example.fr:587",
    "STREAMER_ALERT_SMTP_USER": "alerts",
    "STREAMER_ALERT_SMTP_PASSWORD": "hidden-1",
}
SLACK = {"STREAMER_ALERT_SLACK": "https://hooks.slack.com/services/hidden-2"}
WEBHOOK = {
    "STREAMER_ALERT_WEBHOOK": "https://example.fr/hidden-3",
    "STREAMER_ALERT_WEBHOOK_TOKEN": "hidden-4",
}
ALL = {**MAIL, **SLACK, **WEBHOOK}


def team(env: dict[str, str]) -> dict[str, Any]:
    receivers = configuration(Settings.from_environment(env))["receivers"]
    found: dict[str, Any] = next(each for each in receivers if each["name"] == TEAM)
    return found


@pytest.mark.parametrize(
    ("env", "kinds"),
    [
        ({}, []),
        (MAIL, ["email_configs"]),
        (SLACK, ["slack_configs"]),
        (WEBHOOK, ["webhook_configs"]),
        (ALL, ["email_configs", "slack_configs", "webhook_configs"]),
        ({**ALL, "STREAMER_ALERT_SLACK": ""}, ["email_configs", "webhook_configs"]),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_unset_is_left_out_and_alertmanager_takes_the_rest(
    env: dict[str, str], kinds: list[str], language: str, tmp_path: Path, amtool: Callable[..., str]
) -> None:
    given = {**env, "STREAMER_ALERT_LANGUAGE": language}
    assert [kind for kind, configs in team(given).items() if configs and kind != "name"] == kinds
    file = tmp_path / "alertmanager.yml"
    file.write_text(json.dumps(configuration(Settings.from_environment(given))), encoding="utf-8")
    assert "SUCCESS" in amtool("check-config", file)


def test_a_file_that_alertmanager_would_refuse_is_noticed(
    tmp_path: Path, amtool: Callable[..., str]
) -> None:
    bad = configuration(Settings.from_environment(ALL))
    bad["route"]["receiver"] = "somebody"
    file = tmp_path / "alertmanager.yml"
    file.write_text(json.dumps(bad), encoding="utf-8")
    with pytest.raises(AssertionError, match="FAILED"):
        amtool("check-config", file)


def test_alerts_go_to_the_team_and_those_that_tell_nobody_to_nobody(
    tmp_path: Path, amtool: Callable[..., str]
) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(json.dumps(configuration(Settings.from_environment(ALL))), encoding="utf-8")
    for severity, receiver in (("critical", TEAM), ("warning", TEAM), ("none", NOBODY)):
        said = amtool("config", "routes", "test", f"--config.file={file}", f"severity={severity}")
        assert said.strip() == receiver


def test_secrets_stand_in_a_file_that_its_owner_alone_may_read_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ALL.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "alertmanager.yml"
    file.write_text("an older one", encoding="utf-8")
    file.chmod(0o644)
    assert main(["alertmanager-config", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    text = file.read_text(encoding="utf-8")
    said = "".join(capsys.readouterr())
    assert said == f"{file} is written; alerts go to: e-mail, Slack, webhook\n"
    settings = repr(Settings.from_environment(ALL))
    for number in range(1, 5):
        assert f"hidden-{number}" in text
        assert f"hidden-{number}" not in settings


def test_half_a_receiver_or_a_folder_that_is_not_there_is_a_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError, match="needs STREAMER_ALERT_SMTP"):
        team({"STREAMER_ALERT_EMAIL": "team@example.fr"})
    with pytest.raises(SettingsError, match="is no mail address"):
        team({**MAIL, "STREAMER_ALERT_EMAIL": "team"})
    with pytest.raises(SettingsError, match="is none of fr, en"):
        team({"STREAMER_ALERT_LANGUAGE": "de"})
    monkeypatch.delenv("STREAMER_ALERT_EMAIL", raising=False)
    assert main(["alertmanager-config", str(tmp_path / "no" / "file")]) != 0
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["", "https://prospection.example.com/"])
def test_a_message_leads_to_the_campaigns_wall_and_to_the_runbook(
    url: str, tmp_path: Path, amtool: Callable[..., str]
) -> None:
    base = url.rstrip("/") or "http://127.0.0.1:8080"
    (mail,) = team({**MAIL, "STREAMER_PUBLIC_URL": url})["email_configs"]
    alert = {
        "status": "firing",
        "labels": {"campaign": "Été + 1/2", "severity": "warning", "alertname": "A"},
        "annotations": {"runbook_url": "streamer/docs/runbooks.md#drift"},
        "startsAt": "2026-03-02T10:00:00Z",
    }
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"alerts": [alert]}), encoding="utf-8")
    (tmp_path / "none.tmpl").touch()
    said = amtool(
        "template",
        "render",
        f"--template.glob={tmp_path}/*.tmpl",
        f"--template.text={mail['text']}",
        f"--template.data={data}",
    )
    assert f"{base}/wall/%C3%89t%C3%A9%20%2B%201%2F2\n" in said
    assert f"{base}/docs/runbooks.md#drift\n" in said


def test_slack_takes_no_commands_from_the_name_of_a_campaign() -> None:
    (slack,) = team(SLACK)["slack_configs"]
    assert slack["text"].count('reReplaceAll "<" "&lt;"') == 3
    (mail,) = team(MAIL)["email_configs"]
    assert "&lt;" not in mail["text"]
