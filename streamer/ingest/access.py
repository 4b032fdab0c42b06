"""Who may: the one place where a request to `/v1` is let in or refused.

Owns the check of bearer tokens. Never checks webhooks: these prove themselves by their vendor's
signature.
"""

import hmac
from typing import Final, NamedTuple

from streamer.errors import Unauthorized
from streamer.ingest.bodies import header
from streamer.ingest.problems import Scope
from streamer.settings import Settings

_READS: Final = frozenset({"GET", "HEAD"})


class Principal(NamedTuple):
    """On whose behalf a request is served: the name of a token, or `open` for anybody."""

    name: str


def authorise(scope: Scope, settings: Settings) -> Principal:
    """The principal of a request; Unauthorized when there is none.

    With STREAMER_OPEN reads need no token; the settings refuse that on any but a loopback address.
    """
    scheme, _, token = (header(scope, b"authorization") or b"").partition(b" ")
    if scheme.lower() == b"bearer":
        found = None
        # Every token is compared, so that the time taken tells nothing.
        for name, known in settings.tokens.items():
            if hmac.compare_digest(known.encode(), token.strip()):
                found = name
        if found is not None:
            return Principal(found)
    if settings.open and settings.gateway.loopback and scope["method"] in _READS:
        return Principal("open")
    raise Unauthorized("This takes the header `Authorization: Bearer TOKEN` with a valid token.")
