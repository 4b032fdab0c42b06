"""Refusing secrets that anybody would guess, once others than this machine can reach us.

Owns what is a guess: words of examples, and what is short. On localhost all is allowed, for trying
things out. Never shows a secret.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from streamer.errors import SettingsError
from streamer.settings import Address, Settings

SHORTEST: Final = 16
# What examples, tutorials and images call their secrets; each stands for itself in any spelling.
_WORDS: Final = re.compile(
    r"change.?(?:me|it|this)|replace.?(?:me|it|this)|example|default|password|passwd|secret|"
    r"your.|insert|todo|xxxx|letmein|qwerty|admin|streamer|test|dummy|foobar|12345678",
    re.IGNORECASE,
)
# `abababab…` is as long as one likes, and no secret.
_FEWEST_LETTERS: Final = 6


class Weak(NamedTuple):
    """A secret that anybody would guess: its variable, what is wrong with it."""

    variable: str
    fault: str


def weaknesses(settings: Settings) -> Iterator[Weak]:
    """The secrets of these settings that are set and weak, wherever they are reached from."""
    if settings.secret and (fault := _fault(settings.secret.decode(errors="replace"))):
        yield Weak("STREAMER_SECRET", fault)
    for name, token in settings.tokens.items():
        if fault := _fault(token):
            yield Weak(f"STREAMER_TOKENS ({name})", fault)
    password = urlsplit(settings.redis or "").password
    if password and (fault := _fault(password)):
        yield Weak("STREAMER_REDIS", f"its password {fault}")


def _fault(secret: str) -> str:
    """Why it would be guessed; empty when it would not."""
    # By chance a word of an example hardly ever stands in what is long and random.
    if (found := _WORDS.search(secret)) and len(secret) - len(found[0]) < 2 * SHORTEST:
        return "is one of an example"
    if len(secret) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    if len(set(secret)) < _FEWEST_LETTERS:
        return "is made of a few letters"
    return ""


def reached_from(settings: Settings) -> str:
    """The setting by which others than this machine reach us; empty when none do."""
    listening: tuple[tuple[str, Address], ...] = (
        ("STREAMER_GATEWAY", settings.gateway),
        ("STREAMER_METRICS", settings.metrics),
        ("STREAMER_GATEWAY_METRICS", settings.gateway_metrics),
    )
    for name, address in listening:
        if not address.loopback:
            return f"{name}={address}"
    host = urlsplit(settings.public_url or "").hostname
    if host and not Address(host, 0).loopback:
        return f"STREAMER_PUBLIC_URL={settings.public_url}"
    return ""


def refuse_weak(settings: Settings) -> None:
    """Raise SettingsError for the first weak secret, when others than this machine reach us."""
    where = reached_from(settings)
    weak = next(weaknesses(settings), None) if where else None
    if weak:
        raise SettingsError(
            f"{weak.variable} {weak.fault}, and {where} is reached from outside of this machine: "
            "make another with `openssl rand -hex 24`."
        )
