"""Who is let in: tokens, sessions of pages of ours, links of one campaign, and nobody else."""

import time
from typing import Any

import pytest

from streamer.errors import Unauthorized
from streamer.ingest.access import CrossOrigin, Principal, authorise, cookie_name, seals
from streamer.settings import Settings
from tests.ingest.support import SECRET, TOKEN, settings

SETTINGS = settings()
LATER = int(time.time()) + 86_400


def scope(
    path: str = "/v1/campaigns/c/kpis", method: str = "GET", query: str = "", **headers: str
) -> dict[str, Any]:
    named = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    return {
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "scheme": "http",
        "headers": [(b"host", b"wall.example"), *named.items()],
    }


def session(given: Settings = SETTINGS, expires: int = LATER) -> str:
    return f"{cookie_name(given)}={seals(given).seal('session', '', 'test', expires)}"


def link(campaign: str = "c", expires: int = LATER) -> str:
    return "key=" + seals(SETTINGS).seal("link", campaign, "test", expires)


def test_a_token_may_all() -> None:
    for method in ("GET", "POST", "PUT"):
        asked = scope(method=method, authorization=f"Bearer {TOKEN}")
        assert authorise(asked, SETTINGS) == Principal("test")


def test_a_session_reads() -> None:
    assert authorise(scope(cookie=f"a=b; {session()}"), SETTINGS) == Principal("test")


@pytest.mark.parametrize(
    "cookie",
    [
        session(expires=int(time.time())),
        session(settings(TOKENS="test=changed")),
        session(settings(SECRET=SECRET[::-1])),
        "streamer=",
        "streamer=1.2",
    ],
)
def test_a_session_that_is_not_in_force_is_nobodys(cookie: str) -> None:
    with pytest.raises(Unauthorized):
        authorise(scope(cookie=cookie), SETTINGS)


@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "same-origin"}, {"origin": "http://wall.example"}],
)
def test_a_session_writes_from_a_page_of_ours(headers: dict[str, str]) -> None:
    asked = scope(method="POST", cookie=session(), **headers)
    assert authorise(asked, SETTINGS) == Principal("test")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://wall.example"},
        {"sec_fetch_site": "none"},
        {"origin": "http://other.example"},
        {"origin": "https://wall.example"},
        {"origin": "http://wall.example:81"},
        {"origin": "null"},
    ],
)
def test_a_session_does_not_write_from_elsewhere(headers: dict[str, str]) -> None:
    for method in ("POST", "PUT", "DELETE"):
        with pytest.raises(CrossOrigin):
            authorise(scope(method=method, cookie=session(), **headers), SETTINGS)


def test_the_origin_of_a_gateway_behind_a_proxy_is_its_public_one() -> None:
    given = settings(PUBLIC_URL="https://wall.example/")
    asked = scope(method="POST", cookie=session(given), origin="https://wall.example")
    assert authorise(asked, given) == Principal("test")


@pytest.mark.parametrize(
    "path",
    ["/wall/c", "/v1/campaigns/c", "/v1/campaigns/c/live", "/v1/campaigns/c/history", "/wall/%63"],
)
def test_a_link_reads_its_campaign(path: str) -> None:
    assert authorise(scope(path, query=link()), SETTINGS) == Principal("test", writes=False)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/wall/d", link()),
        ("/wall", link()),
        ("/wall/data/overview", link("data")),
        ("/wall/c/link", link()),
        ("/v1/campaigns", link()),
        ("/v1/campaigns/", link("")),
        ("/v1/campaigns/d/kpis", link()),
        ("/v1/campaigns/c%2Fkpis", link()),
        ("/v1/campaigns/%FF/kpis", link()),
        ("/v1/events", link()),
        ("/wall/c", link(expires=1)),
        ("/wall/c", f"{link()}&{link()}"),
        ("/wall/c", "&".join(f"a{n}=1" for n in range(20)) + f"&{link()}"),
        ("/wall/c", "key="),
        ("/wall/c", ""),
    ],
)
def test_a_link_reads_nothing_else(path: str, query: str) -> None:
    with pytest.raises(Unauthorized):
        authorise(scope(path, query=query), SETTINGS)


def test_a_link_does_not_write() -> None:
    for method in ("POST", "PUT"):
        with pytest.raises(Unauthorized):
            authorise(
                scope("/v1/campaigns/c", method, link(), sec_fetch_site="same-origin"), SETTINGS
            )


def test_an_open_gateway_lets_anybody_read_and_nobody_write() -> None:
    given = settings(OPEN="1")
    assert authorise(scope(), given) == Principal("open", writes=False)
    with pytest.raises(Unauthorized):
        authorise(scope(method="PUT"), given)


def test_over_https_the_cookie_is_bound_to_its_host() -> None:
    given = settings(PUBLIC_URL="https://wall.example")
    assert cookie_name(given) == "__Host-streamer"
    with pytest.raises(Unauthorized):
        authorise(scope(cookie=session().replace("streamer=", "streamer=", 1)), given)
