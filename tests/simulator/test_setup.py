import stat
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.ingest.sources import read_sources
from streamer.settings import Settings
from streamer.simulator.setup import SECRETS_FILE, find, prepare
from streamer.simulator.vendors import simulated


def test_the_gateway_reads_the_sources_file(tmp_path: Path) -> None:
    env = {**prepare(tmp_path).environment, "STREAMER_SECRET": "not a secret"}
    sources = read_sources(Settings.from_environment(env))
    assert {source.vendor.name for source in sources.values()} == set(simulated())


def test_the_secrets_are_the_owners_and_stay(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    first = prepare(tmp_path)
    assert prepare(tmp_path).environment == first.environment
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_no_two_folders_have_a_secret_in_common(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = (set(prepare(tmp_path / name).secrets.values()) for name in ("a", "b"))
    assert first & second == set()
    assert len(first) == len(simulated())


def test_the_sources_hold_no_secret(tmp_path: Path) -> None:
    setup = prepare(tmp_path)
    text = setup.path.read_text()
    assert not any(secret in text for secret in setup.secrets.values())


@pytest.mark.parametrize("content", ["nothing", "[]", '{"sendgrid": "only"}'])
def test_a_file_that_does_not_hold_the_secrets_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / SECRETS_FILE).write_text(content)
    with pytest.raises(SettingsError, match=r"simulator-secrets\.json"):
        find(tmp_path)
