"""Logging in and out, and links: what is handed out, and to whom it is not."""

import time
import urllib.parse
from typing import Any

import pytest

from streamer.errors import Malformed, Unauthorized
from streamer.ingest.access import CrossOrigin
from streamer.ingest.attempts import ALLOWED, TooManyAttempts
from streamer.ingest.door import SESSION_SECONDS, Door
from tests.ingest.support import TOKEN, settings
from tests.ingest.test_access import link, scope

OURS = {"sec_fetch_site": "same-origin"}


def asked(client: str = "192.0.2.1", **headers: str) -> dict[str, Any]:
    return {**scope("/wall/login", "POST", **{**OURS, **headers}), "client": (client, 1)}


def test_a_token_gives_a_session() -> None:
    door = Door(settings())
    cookie = door.sign_in(asked(), f" {TOKEN} ")
    name, *attributes = cookie.split("; ")
    assert attributes == ["Path=/", f"Max-Age={SESSION_SECONDS}", "HttpOnly", "SameSite=Lax"]
    assert TOKEN not in cookie
    assert door.admit(scope(cookie=name)).name == "test"


def test_over_https_the_cookie_is_secure() -> None:
    door = Door(settings(PUBLIC_URL="https://wall.example"))
    cookie = door.sign_in(asked(), TOKEN)
    assert cookie.startswith("__Host-streamer=")
    assert cookie.endswith("; Secure")


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], "é", "\ud800"])
def test_a_wrong_token_gives_none(token: str) -> None:
    with pytest.raises(Unauthorized):
        Door(settings()).sign_in(asked(), token)


def test_after_many_wrong_tokens_the_right_one_is_not_tried_either() -> None:
    door = Door(settings())
    for _ in range(ALLOWED):
        with pytest.raises(Unauthorized):
            door.sign_in(asked(), "wrong")
    with pytest.raises(TooManyAttempts):
        door.sign_in(asked(), TOKEN)
    assert door.sign_in(asked("192.0.2.2"), TOKEN)


def test_behind_a_proxy_that_is_trusted_addresses_are_told_apart() -> None:
    door = Door(settings(TRUSTED_PROXIES="10.0.0.0/8"))
    for number in range(ALLOWED):
        # What the client itself claims to have passed through changes nothing.
        forwarded = f"203.0.113.{number}, 192.0.2.1, 10.0.0.2"
        with pytest.raises(Unauthorized):
            door.sign_in(asked("10.0.0.1", x_forwarded_for=forwarded), "wrong")
    with pytest.raises(TooManyAttempts):
        door.sign_in(asked("10.0.0.1", x_forwarded_for="192.0.2.1"), TOKEN)
    assert door.sign_in(asked("10.0.0.1", x_forwarded_for="192.0.2.2"), TOKEN)


def test_a_page_of_another_origin_logs_nobody_in_or_out() -> None:
    door = Door(settings())
    foreign = asked(sec_fetch_site="cross-site")
    with pytest.raises(CrossOrigin):
        door.sign_in(foreign, TOKEN)
    with pytest.raises(CrossOrigin):
        door.sign_out(foreign)


def test_logging_out_takes_the_cookie_away() -> None:
    assert "streamer=; Path=/; Max-Age=0" in Door(settings()).sign_out(asked())


def bearer(path: str = "/wall/c/link") -> dict[str, Any]:
    return scope(path, "POST", authorization=f"Bearer {TOKEN}")


@pytest.mark.parametrize("campaign", ["c", "spring/26 é?#%2F", "login", "data"])
def test_a_link_opens_its_campaign(campaign: str) -> None:
    door = Door(settings())
    url, expires = door.link(bearer(), campaign, 3)
    assert expires == pytest.approx(time.time() + 3 * 86_400, abs=5)
    parts = urllib.parse.urlsplit(url)
    assert (parts.scheme, parts.netloc) == ("http", "wall.example")
    assert parts.path != "/wall/login"
    assert door.admit(scope(parts.path, query=parts.query)).writes is False


@pytest.mark.parametrize("days", [0, -1, 367, 1.5, "3", None, True])
def test_a_link_has_an_end(days: object) -> None:
    with pytest.raises(Malformed):
        Door(settings()).link(bearer(), "c", days)


def test_a_link_makes_no_links() -> None:
    with pytest.raises(Unauthorized):
        Door(settings()).link(scope("/wall/c/link", "POST", link(), **OURS), "c", 3)
