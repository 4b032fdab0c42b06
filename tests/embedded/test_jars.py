import errno
import hashlib
import shutil
import socket
import threading
import time
from collections import namedtuple
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streamer.embedded import jars
from streamer.embedded.ports import free_port
from streamer.errors import StartError

BODY = b"not really a jar"
JAR = jars.Jar("org.example", "small", "1.0", len(BODY), hashlib.sha256(BODY).hexdigest())


@pytest.fixture
def one_jar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "locked", lambda: [JAR])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A Maven repository on disk; see `serve`."""
    path = tmp_path / "repository" / JAR.path
    path.parent.mkdir(parents=True)
    path.write_bytes(BODY)
    return tmp_path / "repository"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url(repository: Path) -> object:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=repository))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_jar_of_the_lock_has_a_size_and_a_sum() -> None:
    rows = jars.locked()

    assert len({(row.group, row.artifact) for row in rows}) == len(rows)
    assert {row.version for row in rows if row.artifact.startswith("kafka")} == {"4.4.0"}
    assert all(row.size > 0 and len(row.sha256) == 64 for row in rows)


@pytest.mark.usefixtures("one_jar")
def test_a_missing_jar_is_fetched_once_and_said(tmp_path: Path, url: str) -> None:
    said: list[str] = []
    cache = tmp_path / "cache"

    first = jars.classpath(said.append, cache, {"here": url})
    second = jars.classpath(said.append, cache, {"here": "http://127.0.0.1:1"})

    assert first == second == str(cache / JAR.path)
    assert said == ["fetching Kafka 4.4.0 (0 MB) …"]
    assert [path.name for path in cache.iterdir()] == ["org"]


@pytest.mark.usefixtures("one_jar")
def test_half_a_jar_is_fetched_again(tmp_path: Path, url: str) -> None:
    cache = tmp_path / "cache"
    (cache / JAR.path).parent.mkdir(parents=True)
    (cache / JAR.path).write_bytes(BODY[:3])

    jars.classpath(lambda _: None, cache, {"here": url})

    assert (cache / JAR.path).read_bytes() == BODY


@pytest.mark.usefixtures("one_jar")
def test_another_file_than_the_locked_one_is_refused(
    tmp_path: Path, repository: Path, url: str
) -> None:
    (repository / JAR.path).write_bytes(BODY[::-1])

    with pytest.raises(StartError, match="is not the file that it should be"):
        jars.classpath(lambda _: None, tmp_path / "cache", {"here": url})
    assert not (tmp_path / "cache" / JAR.path).exists()


@pytest.mark.usefixtures("one_jar")
def test_a_repository_without_it_is_a_clear_sentence(
    tmp_path: Path, repository: Path, url: str
) -> None:
    (repository / JAR.path).unlink()

    with pytest.raises(StartError, match=r"could not be fetched from .* \(it has no small-1.0.jar"):
        jars.classpath(lambda _: None, tmp_path / "cache", {"here": url})


def test_no_network_is_a_clear_sentence(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(StartError, match=r"needs the network once.*STREAMER_KAFKA") as refused:
        jars.classpath(lambda _: None, tmp_path, {"here": nowhere})
    assert nowhere in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_room_for_the_jars_is_a_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 0))

    with pytest.raises(StartError, match=r"No room for Kafka's jars .* free some space"):
        jars.classpath(lambda _: None, tmp_path)


def test_a_cache_that_is_no_folder_is_a_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")

    with pytest.raises(StartError, match=r"cannot be written to .*cache"):
        jars.classpath(lambda _: None, tmp_path / "cache")


@pytest.mark.usefixtures("one_jar")
def test_a_disk_that_fills_up_meanwhile_is_a_clear_sentence(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(jars, "_install", full)

    with pytest.raises(StartError, match="No room for Kafka's jars"):
        jars.classpath(lambda _: None, tmp_path / "cache", {"here": url})


@pytest.mark.usefixtures("one_jar")
def test_a_download_leaves_the_caller_s_event_alone(tmp_path: Path, url: str) -> None:
    cancel = threading.Event()

    jars.classpath(lambda _: None, tmp_path / "cache", {"here": url}, cancel)

    assert not cancel.is_set()


@pytest.mark.usefixtures("one_jar")
def test_a_download_from_a_silent_repository_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    cancel = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        threading.Timer(0.3, cancel.set).start()
        begun = time.monotonic()

        with pytest.raises(StartError, match="Interrupted"):
            jars.classpath(
                lambda _: None,
                tmp_path / "cache",
                {"here": f"http://127.0.0.1:{silent.getsockname()[1]}"},
                cancel,
            )

        assert time.monotonic() - begun < 3
