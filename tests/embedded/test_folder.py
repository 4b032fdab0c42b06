import os
import stat
from pathlib import Path

import msgspec
import pytest

from streamer.embedded.folder import SECRET, Folder, Run, find_run, find_secret
from streamer.errors import StartError
from streamer.settings import Address, Settings


def _quiet(_: str) -> None:
    pass


RUN = Run(
    pid=os.getpid(),
    gateway="127.0.0.1:1",
    metrics="127.0.0.1:2",
    gateway_metrics="127.0.0.1:3",
    kafka="127.0.0.1:4",
    redis="redis://127.0.0.1:5/0",
    token="t",  # noqa: S106 - an example
)


def test_a_secret_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    secret = folder.keep("secret")

    assert len(secret) >= 32
    assert Folder(tmp_path).keep("secret") == secret
    assert folder.keep("token") != secret
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_the_other_commands_find_the_secret_and_never_make_one(tmp_path: Path) -> None:
    assert find_secret(tmp_path) is None
    assert not list(tmp_path.iterdir())
    made = Folder(tmp_path).keep(SECRET)
    assert find_secret(tmp_path) == made.encode()


def test_the_folder_is_made_for_the_owner_only(tmp_path: Path) -> None:
    Folder(tmp_path / "new").open(_quiet).close()

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_other_commands_find_a_run_and_its_settings(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write_run(RUN)

    found = find_run(tmp_path)

    assert found == RUN
    settings = found.settings(Settings.from_environment({}))
    assert settings.kafka == "127.0.0.1:4"
    assert settings.gateway == Address("127.0.0.1", 1)
    assert list(settings.tokens.values()) == ["t"]
    assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600

    folder.remove_run()
    assert find_run(tmp_path) is None


def test_a_run_that_has_ended_is_not_found(tmp_path: Path) -> None:
    gone = os.fork() or os._exit(0)
    os.waitpid(gone, 0)
    Folder(tmp_path).write_run(msgspec.structs.replace(RUN, pid=gone))

    assert find_run(tmp_path) is None


def test_a_damaged_run_file_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")

    assert find_run(tmp_path) is None


def test_a_folder_in_use_is_refused_until_it_is_closed(tmp_path: Path) -> None:
    first = Folder(tmp_path).open(_quiet)
    first.write_run(RUN)

    with pytest.raises(StartError, match=r"already runs .* at http://127\.0\.0\.1:1"):
        Folder(tmp_path).open(_quiet)

    first.close()
    Folder(tmp_path).open(_quiet).close()


def test_a_folder_that_cannot_be_made_is_a_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StartError, match="choose another with --data"):
        Folder(tmp_path / "file" / "data").open(_quiet)
