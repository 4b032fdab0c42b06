"""The wall's door: logging in and out, and the links that a wall screen is opened with.

Owns the cookie's attributes and the bounds of what is handed out. The pages that ask for it are
elsewhere, and know it by its methods only.
"""

import time
import urllib.parse
from collections.abc import Callable
from typing import Final

from streamer.errors import Malformed, Unauthorized
from streamer.ingest.access import (
    LINK_PARAMETER,
    Principal,
    authorise,
    check_origin,
    cookie_name,
    holder_of,
    is_https,
    seals,
)
from streamer.ingest.attempts import Attempts
from streamer.ingest.origin import client_address, public_url
from streamer.ingest.problems import Scope
from streamer.settings import Settings

SESSION_SECONDS: Final = 7 * 86_400
DAY_SECONDS: Final = 86_400
MOST_DAYS: Final = 366
# A page of its own; escaped, it is a campaign like any other.
_TAKEN: Final = {"login": "%6Cogin"}


class Door:
    """Lets people in under these settings; `clock` is for the bound on attempts."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._attempts = Attempts(clock)

    def admit(self, scope: Scope) -> Principal:
        """Who asks; raises `Unauthorized`."""
        return authorise(scope, self._settings)

    def sign_in(self, scope: Scope, token: str) -> str:
        """The `Set-Cookie` of a session; Unauthorized for a wrong token, TooManyAttempts."""
        check_origin(scope, self._settings)
        address = client_address(scope, self._settings)
        self._attempts.admit(address)
        holder = holder_of(token.strip().encode("utf-8", "replace"), self._settings)
        if holder is None:
            self._attempts.failed(address)
            raise Unauthorized("This is not a valid token.")
        expires = int(time.time()) + SESSION_SECONDS
        ticket = seals(self._settings).seal("session", "", holder, expires)
        return self._cookie(ticket, SESSION_SECONDS)

    def sign_out(self, scope: Scope) -> str:
        """The `Set-Cookie` that ends a session."""
        check_origin(scope, self._settings)
        return self._cookie("", 0)

    def link(self, scope: Scope, campaign: str, days: object) -> tuple[str, int]:
        """The address by which a screen reads one campaign for so many days, and its end.

        Only for whoever may write; Malformed for a number of days that is not from 1 to 366.
        """
        principal = authorise(scope, self._settings)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
            raise Malformed(f"days must be a whole number from 1 to {MOST_DAYS}.")
        expires = int(time.time()) + days * DAY_SECONDS
        ticket = seals(self._settings).seal("link", campaign, principal.name, expires)
        base = urllib.parse.urlsplit(public_url(scope, self._settings))
        path = f"/wall/{_TAKEN.get(campaign) or urllib.parse.quote(campaign, safe='')}"
        return f"{base.scheme}://{base.netloc}{path}?{LINK_PARAMETER}={ticket}", expires

    def _cookie(self, ticket: str, seconds: int) -> str:
        secure = "; Secure" if is_https(self._settings) else ""
        return (
            f"{cookie_name(self._settings)}={ticket}; Path=/; Max-Age={seconds}; HttpOnly; "
            f"SameSite=Lax{secure}"
        )
