"""The identity of a person: a keyed hash of a normalised address.

Pure. What goes in never comes out: the same address under the same secret is the same identity,
and without the secret neither can be found from the other.
"""

import base64
import hmac
from typing import Final

# 144 bits: no two of all the persons on earth meet, and no padding in Base64.
_BYTES: Final = 18


def email_identity(secret: bytes, address: str) -> str:
    """The identity of whoever has this mail address, whatever its case."""
    return _identity(secret, "email", address.strip().lower())


def _identity(secret: bytes, kind: str, normalised: str) -> str:
    digest = hmac.digest(secret, f"{kind}:{normalised}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode()
