"""A real Prometheus for the tests of dashboards and rules."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Promtool = Callable[..., str]


def found(command: str) -> str:
    """The command's path; without it a test skips, but fails where everything is installed."""
    path = shutil.which(command)
    if path is not None:
        return path
    reason = f"{command} is missing: it comes with the Debian package prometheus"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def promtool() -> Promtool:
    """Run promtool and return what it printed; the test fails with it when promtool fails."""
    path = found("promtool")

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(
            [path, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def prometheus_binary() -> str:
    """The path of the Prometheus server."""
    return found("prometheus")
