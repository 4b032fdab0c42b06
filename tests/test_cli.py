import importlib
import subprocess
import sys

import pytest

from streamer import cli
from streamer.errors import StartError


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0

    shown = capsys.readouterr().out
    assert all(f"\n  {command.name} " in shown for command in cli.COMMANDS)


def test_no_command_shows_the_help_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "usage: streamer" in capsys.readouterr().out


def test_an_unknown_command_suggests_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["wroker"]) == 2

    shown = capsys.readouterr().err
    assert shown == "streamer: There is no command 'wroker'. Did you mean `streamer worker`?\n"


def test_every_setting_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--settings"]) == 0
    assert "STREAMER_PARTITIONS\n" in capsys.readouterr().out


def test_an_error_on_purpose_is_one_sentence_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> int:
        raise StartError("The port is taken.")

    monkeypatch.setattr(cli, "_dispatch", refuse)

    assert cli.main(["up"]) == 3
    assert capsys.readouterr().err == "streamer: The port is taken.\n"


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_dispatch", interrupted)

    assert cli.main(["up"]) == 130


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_every_command_of_the_table_has_its_module(command: cli.Command) -> None:
    module = importlib.import_module(f"streamer.commands.{command.module}")

    assert module.__doc__
    assert callable(module.arguments)
    assert callable(module.run)


def test_the_help_imports_nothing_heavy() -> None:
    code = "import sys, streamer.cli; streamer.cli.main(['--help']); print(sorted(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "'streamer.settings'" in shown.stdout
    for name in ("faust", "aiokafka", "redis", "numpy", "starlette", "rich"):
        assert f"'{name}'" not in shown.stdout
