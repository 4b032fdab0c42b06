"""Who may: the one place where a request to `/v1` or to the wall is let in or refused.

Owns the check of bearer tokens, of the session of a logged-in page and of read-only links. Never
checks webhooks: these prove themselves by their vendor's signature.
"""

import hmac
import re
import time
import urllib.parse
from collections.abc import Iterator
from typing import Final, NamedTuple

from streamer.errors import RequestError, Unauthorized
from streamer.ingest.bodies import header
from streamer.ingest.origin import public_url
from streamer.ingest.problems import Scope
from streamer.ingest.seals import Seals
from streamer.settings import Settings

_READS: Final = frozenset({"GET", "HEAD"})
_OF_CAMPAIGN: Final = re.compile(rb"/v1/campaigns/([^/]+)(?:/[^/]*)?|/wall/([^/]+)")
_PARAMETERS: Final = 16
LINK_PARAMETER: Final = "key"


class CrossOrigin(RequestError):  # noqa: N818 - named after what it reports
    """A page of another origin asks for a write on behalf of whoever is logged in here."""

    status = 403


class Principal(NamedTuple):
    """On whose behalf a request is served: the name of a token, or `open` for anybody.

    `writes` is false for those who may only read.
    """

    name: str
    writes: bool = True


def authorise(scope: Scope, settings: Settings) -> Principal:
    """The principal of a request; Unauthorized when there is none, CrossOrigin for a forged write.

    With STREAMER_OPEN reads need no token; the settings refuse that on any but a loopback address.
    """
    name = _bearer(scope, settings)
    if name is not None:
        return Principal(name)
    name = session_of(scope, settings)
    if name is not None:
        if scope["method"] not in _READS:
            check_origin(scope, settings)
        return Principal(name)
    if scope["method"] in _READS:
        name = _link(scope, settings)
        if name is not None:
            return Principal(name, writes=False)
        if settings.open and settings.gateway.loopback:
            return Principal("open", writes=False)
    raise Unauthorized("This takes the header `Authorization: Bearer TOKEN` with a valid token.")


def holder_of(token: bytes, settings: Settings) -> str | None:
    """The name of a token; None when it is none of ours."""
    found = None
    # Every token is compared, so that the time taken tells nothing.
    for name, known in settings.tokens.items():
        if hmac.compare_digest(known.encode(), token):
            found = name
    return found


def seals(settings: Settings) -> Seals:
    """The tickets of this gateway."""
    return Seals(settings.secret, settings.tokens)


def cookie_name(settings: Settings) -> str:
    """The session's cookie; over https it is bound to this very host (RFC 6265bis, 4.1.3)."""
    return "__Host-streamer" if is_https(settings) else "streamer"


def is_https(settings: Settings) -> bool:
    """Whether people reach the gateway over https."""
    return (settings.public_url or "").startswith("https://")


def session_of(scope: Scope, settings: Settings) -> str | None:
    """Who is logged in; None when nobody is, or no longer."""
    wanted, now = cookie_name(settings), time.time()
    for name, value in _cookies(scope):
        if name == wanted:
            holder = seals(settings).holder("session", "", value, now)
            if holder is not None:
                return holder
    return None


def check_origin(scope: Scope, settings: Settings) -> None:
    """Raise CrossOrigin unless a page of ours asks.

    Browsers say so themselves (Fetch Metadata); older ones only name the origin, which must be the
    one that the request was sent to. Whoever says neither is refused.
    """
    site = header(scope, b"sec-fetch-site")
    if site is not None:
        if site == b"same-origin":
            return
    elif (origin := header(scope, b"origin")) is not None:
        parts = urllib.parse.urlsplit(public_url(scope, settings))
        if origin.decode("latin-1") == f"{parts.scheme}://{parts.netloc}":
            return
    raise CrossOrigin("A page of another origin may not write here.")


def _bearer(scope: Scope, settings: Settings) -> str | None:
    scheme, _, token = (header(scope, b"authorization") or b"").partition(b" ")
    return holder_of(token.strip(), settings) if scheme.lower() == b"bearer" else None


def _cookies(scope: Scope) -> Iterator[tuple[str, str]]:
    for key, value in scope["headers"]:
        if key == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                name, _, content = pair.partition("=")
                yield name.strip(), content.strip()


def _link(scope: Scope, settings: Settings) -> str | None:
    """Who made the link by which one campaign is read; None when it is of another campaign."""
    query = scope.get("query_string", b"").decode("latin-1")
    try:
        keys = urllib.parse.parse_qs(query, max_num_fields=_PARAMETERS).get(LINK_PARAMETER, [])
    except ValueError:
        return None
    campaign = _campaign(scope)
    if len(keys) != 1 or not campaign:
        return None
    return seals(settings).holder("link", campaign, keys[0], time.time())


def _campaign(scope: Scope) -> str | None:
    """The campaign whose page or whose reads are asked for."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    found = _OF_CAMPAIGN.fullmatch(path.partition(b"?")[0])
    try:
        return found and urllib.parse.unquote_to_bytes(found[1] or found[2]).decode()
    except UnicodeDecodeError:
        return None
