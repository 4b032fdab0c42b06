"""Signed tickets: the session of a logged-in page, and the read-only link of one campaign. Pure.

A ticket is `EXPIRY.SIGNATURE`. Its key is derived from the secret and from the token on whose
behalf it was made, so that changing either revokes it; nothing is stored. Never decides what a
ticket opens.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Purpose = Literal["session", "link"]

_KEY_BYTES: Final = 32
# Seconds since 1970 until the year 5138.
_EXPIRY_DIGITS: Final = 11


class Seals:
    """Makes tickets under one secret for the holders of `tokens` (name → token), and reads them.

    Without a secret none can be made, and none is believed.
    """

    def __init__(self, secret: bytes | None, tokens: Mapping[str, str]) -> None:
        self._secret = secret
        self._tokens = tokens

    def seal(self, purpose: Purpose, content: str, holder: str, expires: int) -> str:
        """A ticket until `expires`, UTC seconds; KeyError for a holder without a token."""
        if not self._secret:
            raise KeyError("there is no secret")
        key = _key(self._secret, purpose, holder, self._tokens[holder])
        return f"{expires}.{_signature(key, content, expires)}"

    def holder(self, purpose: Purpose, content: str, ticket: str, now: float) -> str | None:
        """On whose behalf the ticket was made for this purpose and content; None if not in force.

        The signature is compared with every holder's, so that the time taken tells nothing.
        """
        text, _, signature = ticket.partition(".")
        if not self._secret or not text.isascii() or not text.isdigit():
            return None
        if len(text) > _EXPIRY_DIGITS or str(int(text)) != text:
            return None
        found = None
        for name, token in self._tokens.items():
            key = _key(self._secret, purpose, name, token)
            expected = _signature(key, content, int(text))
            if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
                found = name
        return found if int(text) > now else None


def _signature(key: bytes, content: str, expires: int) -> str:
    signed = json.dumps([content, expires]).encode()
    return base64.urlsafe_b64encode(hmac.digest(key, signed, "sha256")).rstrip(b"=").decode()


@lru_cache(maxsize=256)
def _key(secret: bytes, purpose: Purpose, holder: str, token: str) -> bytes:
    info = json.dumps(["streamer wall 1", purpose, holder, token]).encode()
    return HKDF(SHA256(), _KEY_BYTES, None, info).derive(secret)
