"""Programs of others that tests run: found, or the test is skipped; and what they say."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Tool = Callable[..., str]


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


def runner(command: str, origin: str) -> Tool:
    """Run it and return what it printed; the test fails with that when the program fails."""
    path = found(command, origin)

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(
            [path, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
