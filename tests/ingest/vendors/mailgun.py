"""Proofs as Mailgun makes them."""

import hmac
import secrets

KEYS = {which: f"key-{which}" for which in ("first", "second", "wrong")}


def proof(which: str, moment: float, token: str = "") -> dict[str, str]:
    """What Mailgun signs, with its signature; a token of its own unless one is given."""
    token = token or secrets.token_hex(25)
    timestamp = str(int(moment))
    signature = hmac.digest(KEYS[which].encode(), (timestamp + token).encode(), "sha256").hex()
    return {"timestamp": timestamp, "token": token, "signature": signature}
