import stat
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.ingest.sources import read_sources
from streamer.settings import Settings
from streamer.simulator.setup import find, prepare, read_key


def test_the_gateway_reads_the_sources_file(tmp_path: Path) -> None:
    demo = prepare(tmp_path)
    env = {**demo.environment, "STREAMER_SECRET": "not a secret"}
    sources = read_sources(Settings.from_environment(env))
    assert list(sources) == [demo.source]
    assert sources[demo.source].vendor.name == "sendgrid"


def test_the_key_is_the_owners_and_stays(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    first = prepare(tmp_path)
    second = prepare(tmp_path)
    assert first.environment == second.environment
    (key,) = tmp_path.glob("*.pem")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_file_that_holds_no_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.pem holds no private key"):
        read_key(b"nothing", tmp_path / "nothing.pem")
