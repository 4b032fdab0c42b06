"""What a gateway needs so that simulated vendors can call it: a sources file and their secrets.

Owns three files in a folder, for the owner's eyes only. Never prints a secret.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from streamer.errors import SettingsError
from streamer.simulator.vendors import simulated

SOURCES_FILE: Final = "simulator-sources.toml"
ENVIRONMENT_FILE: Final = "simulator.env"
SECRETS_FILE: Final = "simulator-secrets.json"
_HEAD: Final = "# The sources of simulated vendors.\n"


class Setup(NamedTuple):
    """The sources file, and what each simulated vendor signs with, by its name."""

    path: Path
    secrets: Mapping[str, str]

    @property
    def environment(self) -> Mapping[str, str]:
        """What the gateway's environment must hold for the file to be read."""
        shown = {
            _variable(name): simulated()[name].shown(secret)
            for name, secret in self.secrets.items()
        }
        return {"STREAMER_SOURCES": str(self.path), **shown}


def prepare(folder: Path) -> Setup:
    """Write the files into the folder; secrets that are there are kept."""
    found = find(folder)
    if found is not None:
        return found
    secrets = {name: each.secret() for name, each in simulated().items()}
    _write(folder / SOURCES_FILE, sources_file())
    setup = Setup(folder / SOURCES_FILE, secrets)
    lines = (f"{name}={value}\n" for name, value in setup.environment.items())
    _write(folder / ENVIRONMENT_FILE, "".join(lines))
    # Written last: whoever finds the secrets finds the sources as well.
    _write(folder / SECRETS_FILE, json.dumps(secrets, indent=2) + "\n")
    return setup


def find(folder: Path) -> Setup | None:
    """What an earlier `prepare` wrote into the folder; None when it never did."""
    path = folder / SECRETS_FILE
    try:
        secrets = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        raise SettingsError(f"{path} holds no secrets of simulated vendors.") from None
    if set(secrets) != set(simulated()):
        raise SettingsError(f"{path} is of another version: remove it, and start the gateway anew.")
    return Setup(folder / SOURCES_FILE, secrets)


def sources_file() -> str:
    """The sources of all simulated vendors, as TOML."""
    return "\n".join([_HEAD, *_tables()])


def _tables() -> Iterator[str]:
    for vendor in simulated().values():
        for name, keys in vendor.sources():
            table = {**keys, "secrets": [f"env:{_variable(vendor.name)}"]}
            lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
            yield "\n".join([f"[sources.{name}]", *lines, ""])


def _toml(value: Any) -> str:  # noqa: ANN401 - texts, lists and tables of them
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_toml(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inside} }}"
    return json.dumps(value, ensure_ascii=False)


def _variable(vendor: str) -> str:
    return f"SIMULATOR_{vendor.upper()}"


def _write(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
