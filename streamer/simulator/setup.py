"""What a stack needs so that the simulation's mails come by SendGrid's webhook: key and source.

Owns two files in the stack's folder. Never prints the key.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from streamer.errors import SettingsError
from streamer.simulator.sendgrid import CAMPAIGN_ARGUMENT, verification_key

SOURCE: Final = "simulator"
VARIABLE: Final = "SIMULATOR_SENDGRID_KEY"
_KEY_FILE: Final = "simulator-sendgrid.pem"
_SOURCES_FILE: Final = "simulator-sources.toml"

SOURCES: Final = f"""\
# The simulator's mails, as SendGrid's signed event webhook tells them.
[sources.{SOURCE}]
vendor = "sendgrid"
secrets = ["env:{VARIABLE}"]
campaign_from = "{CAMPAIGN_ARGUMENT}"
"""


class DemoSources(NamedTuple):
    """A sources file with one SendGrid source, and the private half of its key."""

    path: Path
    source: str
    private_key: ec.EllipticCurvePrivateKey

    @property
    def environment(self) -> Mapping[str, str]:
        """What the gateway's environment must hold for the file to be read."""
        return {
            "STREAMER_SOURCES": str(self.path),
            VARIABLE: verification_key(self.private_key),
        }


def prepare(folder: Path) -> DemoSources:
    """Write both files into the folder; a key that is there is kept."""
    found = find(folder)
    if found is not None:
        return found
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / _SOURCES_FILE
    path.write_text(SOURCES, encoding="utf-8")
    # Written last: whoever finds the key finds the source as well.
    descriptor = os.open(folder / _KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return DemoSources(path, SOURCE, key)


def find(folder: Path) -> DemoSources | None:
    """What an earlier `prepare` wrote into the folder; None when it never did."""
    path = folder / _KEY_FILE
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        return None
    return DemoSources(folder / _SOURCES_FILE, SOURCE, read_key(pem, path))


def read_key(pem: bytes, path: Path) -> ec.EllipticCurvePrivateKey:
    """The private key in PEM; SettingsError, naming the file, for anything else."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SettingsError(f"{path} holds no private key of an elliptic curve in PEM.")
    return key
