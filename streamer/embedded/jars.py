"""Kafka's jars: fetched once from the Maven repository, checked, and kept in its local cache.

`jars.txt` locks them: coordinate, size, SHA-256 of every jar that resolving
`org.apache.kafka:kafka_2.13:4.4.0` gives, and the binding that lets Kafka write its log. So nothing
is resolved at the start, and a jar that is not the very one is refused. Never runs them.
"""

import contextlib
import errno
import hashlib
import importlib.resources
import logging
import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from streamer.errors import StartError

KAFKA_VERSION = "4.4.0"
PARALLEL = 4
SPARE_BYTES = 20_000_000
INSTEAD = "or set STREAMER_KAFKA to a broker that runs elsewhere"


class Jar(NamedTuple):
    """One locked jar."""

    group: str
    artifact: str
    version: str
    size: int
    sha256: str

    @property
    def path(self) -> Path:
        """Where it lies below a Maven cache."""
        folder = Path(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"


class _Interrupted(Exception):  # noqa: N818 - raised inside a download to end it
    pass


def locked() -> list[Jar]:
    """The rows of the lock."""
    text = importlib.resources.files(__package__).joinpath("jars.txt").read_text()
    rows = [line.split() for line in text.splitlines()]
    return [_jar(*row) for row in rows]


def _jar(name: str, size: str, sha256: str) -> Jar:
    group, artifact, version = name.split(":")
    return Jar(group, artifact, version, int(size), sha256)


def classpath(
    note: Callable[[str], None],
    cache: Path | None = None,
    repositories: Mapping[str, str] | None = None,
    cancel: threading.Event | None = None,
) -> str:
    """Java's class path of Kafka, fetching what is missing; `note` is told of the progress.

    `cache` and `repositories` are those of jgo's own configuration unless given; setting `cancel`
    in another thread ends a download. Raises `StartError` when a jar is missing and cannot be had.
    """
    from jgo.config import GlobalSettings  # noqa: PLC0415 - heavy, and only needed here
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415

    config = GlobalSettings.load()
    cache = cache or Path(config.repo_cache)
    jars = locked()
    missing = [jar for jar in jars if not _present(cache, jar)]
    if missing:
        repositories = repositories or {"central": MAVEN_CENTRAL_URL, **config.repositories}
        try:
            _fetch(missing, cache, repositories, note, cancel or threading.Event())
        except OSError as error:
            raise _refusal(error, cache, repositories) from None
        except _Interrupted:
            raise StartError("Interrupted while fetching Kafka.") from None
    return os.pathsep.join(str(cache / jar.path) for jar in jars)


def cached(cache: Path | None = None) -> bool:
    """Whether every jar is there, so that a start needs no network."""
    from jgo.config import GlobalSettings  # noqa: PLC0415

    cache = cache or Path(GlobalSettings.load().repo_cache)
    return all(_present(cache, jar) for jar in locked())


def _present(cache: Path, jar: Jar) -> bool:
    try:
        return (cache / jar.path).stat().st_size == jar.size
    except OSError:
        return False


def _fetch(
    jars: list[Jar],
    cache: Path,
    repositories: Mapping[str, str],
    note: Callable[[str], None],
    cancel: threading.Event,
) -> None:
    size = sum(jar.size for jar in jars)
    note(f"fetching Kafka {KAFKA_VERSION} ({size / 1e6:.0f} MB) …")
    cache.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(cache).free < size + SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    # Into a folder of its own first: an interrupted or second download leaves no half jar.
    with tempfile.TemporaryDirectory(
        prefix=".streamer-", dir=cache, ignore_cleanup_errors=True
    ) as scratch:
        # Its own, for the threads: `cancel` is the caller's, who may have others waiting on it.
        stop = threading.Event()
        resolve = _resolver(Path(scratch), repositories, stop)
        done = 0
        try:
            for jar, found in _all(jars, resolve, stop, cancel):
                _install(jar, found, cache)
                before, done = done, done + jar.size
                if done * 4 // size > before * 4 // size and done < size:
                    note(f"  {done / 1e6:.0f} of {size / 1e6:.0f} MB")
        finally:
            stop.set()


def _all(
    jars: Sequence[Jar],
    resolve: Callable[[Jar], Path],
    stop: threading.Event,
    cancel: threading.Event,
) -> Iterator[tuple[Jar, Path]]:
    """Each jar with its file, some at a time, in the order in which they come.

    In threads that nobody waits for: one that waits for a busy repository must not hold up the end.
    """
    jobs: queue.SimpleQueue[Jar] = queue.SimpleQueue()
    outcomes: queue.SimpleQueue[tuple[Jar, Path | BaseException]] = queue.SimpleQueue()
    for jar in jars:
        jobs.put(jar)

    def work() -> None:
        with contextlib.suppress(queue.Empty):
            while not stop.is_set():
                jar = jobs.get_nowait()
                try:
                    outcomes.put((jar, resolve(jar)))
                except BaseException as error:  # noqa: BLE001 - raised again by who waits
                    outcomes.put((jar, error))
                    return

    for _ in range(PARALLEL):
        threading.Thread(target=work, name="fetch", daemon=True).start()
    for _ in jars:
        while outcomes.empty():
            if cancel.wait(0.05):
                raise _Interrupted
        jar, outcome = outcomes.get()
        if isinstance(outcome, BaseException):
            raise outcome
        yield jar, outcome


def _resolver(
    scratch: Path, repositories: Mapping[str, str], stop: threading.Event
) -> Callable[[Jar], Path]:
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    @contextlib.contextmanager
    def interruptible(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        def update(_count: int) -> None:
            if stop.is_set():
                raise _Interrupted

        yield update

    # Its word on a checksum is only a warning; ours decides.
    logging.getLogger("jgo").setLevel(logging.ERROR)
    context: Any = MavenContext(
        resolver=PythonResolver(progress_callback=interruptible),
        repo_cache=scratch,
        remote_repos=dict(repositories),
    )

    def resolve(jar: Jar) -> Path:
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        try:
            return Path(component.artifact().resolve())
        except RuntimeError:
            raise FileNotFoundError(errno.ENOENT, f"it has no {jar.path.name}") from None

    return resolve


def _install(jar: Jar, found: Path, cache: Path) -> None:
    if hashlib.sha256(found.read_bytes()).hexdigest() != jar.sha256:
        raise OSError(errno.EBADMSG, f"{jar.path.name} is not the file that it should be")
    target = cache / jar.path
    target.parent.mkdir(parents=True, exist_ok=True)
    found.replace(target)


def _refusal(error: OSError, cache: Path, repositories: Mapping[str, str]) -> StartError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StartError(
            f"No room for Kafka's jars (45 MB) in {cache}: free some space, or point M2_REPO to a "
            "folder on another disk."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
        return StartError(
            f"Kafka's jars cannot be written to {cache} ({error.strerror}): make it writable, or "
            "point M2_REPO to a folder that is."
        )
    # The HTTP client's errors carry no number, and their text is a page long.
    reason = error.strerror or f"it does not answer: {type(error).__name__}"
    places = " or ".join(repositories.values())
    return StartError(
        f"Kafka {KAFKA_VERSION} could not be fetched from {places} ({reason}). The first start "
        f"needs the network once: connect this machine and start again, name a mirror in jgo's "
        f"configuration, copy {cache} from a machine that has it, {INSTEAD}."
    )
