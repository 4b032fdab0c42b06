"""The wall's routes: pages, their files, the overview, logging in and out, and links for screens.

Owns paths and answers. Who is let in is decided by the `Door` that is passed in; the numbers come
from the store and from the reads of the API.
"""

import asyncio
import html
import urllib.parse
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPMethod, HTTPStatus
from string import Template
from typing import Any, Final, Protocol

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from streamer.errors import Malformed, RequestError, StreamerError, TooLarge, Unauthorized
from streamer.exposition.api import RawRoute, problem
from streamer.exposition.sources import Feed
from streamer.exposition.store import SnapshotStore
from streamer.exposition.wall.assets import HEADERS, read_assets
from streamer.exposition.wall.overview import overview

Endpoint = Callable[[Request], Awaitable[Response]]

_MOST_BYTES: Final = 8 * 1024
_BODY_SECONDS: Final = 10.0
_CONCURRENT: Final = 16


class Guest(Protocol):
    """Who is let in."""

    @property
    def name(self) -> str:
        """The name of a token, or `open`."""
        ...

    @property
    def writes(self) -> bool:
        """Whether he may enter something."""
        ...


class Door(Protocol):
    """What lets people in; every method raises a `RequestError` for whom it does not."""

    def admit(self, scope: Any, /) -> Guest:  # noqa: ANN401 - an ASGI scope
        """Who asks."""
        ...

    def sign_in(self, scope: Any, token: str, /) -> str:  # noqa: ANN401
        """The `Set-Cookie` of a new session."""
        ...

    def sign_out(self, scope: Any, /) -> str:  # noqa: ANN401
        """The `Set-Cookie` that ends a session."""
        ...

    def link(self, scope: Any, campaign: str, days: object, /) -> tuple[str, int]:  # noqa: ANN401
        """An address that reads one campaign, and until when in UTC seconds."""
        ...


def routes(store: SnapshotStore, door: Door, feeds: Sequence[Feed] = ()) -> list[BaseRoute]:
    """All routes under `/wall`, save that entries are taken elsewhere.

    `feeds` are the configured sources, for the figures that nothing can feed.
    """
    wall = _Wall(store, door, feeds)
    table: tuple[tuple[HTTPMethod, str, Endpoint], ...] = (
        (HTTPMethod.GET, "/wall", wall.page("wall.html")),
        (HTTPMethod.GET, "/wall/login", wall.login_page),
        (HTTPMethod.POST, "/wall/login", wall.login),
        (HTTPMethod.POST, "/wall/logout", wall.logout),
        (HTTPMethod.GET, "/wall/static/{name}", wall.file),
        (HTTPMethod.GET, "/wall/data/overview", wall.overview),
        (HTTPMethod.POST, "/wall/{campaign}/link", wall.link),
        (HTTPMethod.GET, "/wall/{campaign}", wall.page("campaign.html")),
    )
    return [
        RawRoute(path, _answered(endpoint), methods=[method]) for method, path, endpoint in table
    ]


def _answered(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except StreamerError as error:
            return problem(error)

    return answer


class _Wall:
    def __init__(self, store: SnapshotStore, door: Door, feeds: Sequence[Feed]) -> None:
        self._store = store
        self._door = door
        self._feeds = feeds
        self._assets = read_assets()

    def page(self, name: str) -> Endpoint:
        """The page of that name, or in its place the one to log in on."""
        template = self._template(name)

        async def answer(request: Request) -> Response:
            try:
                guest = self._door.admit(request.scope)
            except Unauthorized:
                why = "link" if "key" in request.query_params else ""
                path = request.scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
                return self._login(path, why, HTTPStatus.UNAUTHORIZED)
            rights = "write" if guest.writes else "read"
            return _html(template.substitute(rights=rights, name=html.escape(guest.name)))

        return answer

    async def login_page(self, request: Request) -> Response:
        return self._login(request.query_params.get("next", ""), "", HTTPStatus.OK)

    async def login(self, request: Request) -> Response:
        form = urllib.parse.parse_qs((await _body(request)).decode("utf-8", "replace"))
        following = _local(form.get("next", [""])[0])
        try:
            cookie = self._door.sign_in(request.scope, form.get("token", [""])[0])
        except RequestError as error:
            return self._login(following, f"refused-{error.status}", HTTPStatus(error.status))
        answer = RedirectResponse(following, HTTPStatus.SEE_OTHER, headers=_PRIVATE)
        answer.headers["Set-Cookie"] = cookie
        return answer

    async def logout(self, request: Request) -> Response:
        await _body(request)
        cookie = self._door.sign_out(request.scope)
        answer = RedirectResponse("/wall/login", HTTPStatus.SEE_OTHER, headers=_PRIVATE)
        answer.headers["Set-Cookie"] = cookie
        return answer

    async def link(self, request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await _body(request))
        except msgspec.DecodeError:
            asked = None
        if not isinstance(asked, dict):
            raise Malformed('The body is a JSON object such as {"days": 30}.')
        campaign = request.path_params["campaign"]
        url, expires = self._door.link(request.scope, campaign, asked.get("days"))
        return _json(msgspec.json.encode({"url": url, "expires": expires}))

    async def file(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["name"])
        if asset is None or asset.media_type.startswith("text/html"):
            return Response(status_code=HTTPStatus.NOT_FOUND, headers=HEADERS)
        return asset.answer(request)

    async def overview(self, request: Request) -> Response:
        self._door.admit(request.scope)
        entries = await self._store.campaigns()
        turn = asyncio.Semaphore(_CONCURRENT)

        async def find(campaign: str) -> Any:  # noqa: ANN401
            async with turn:
                return await self._store.find(campaign)

        found = await asyncio.gather(*(find(entry.campaign) for entry in entries))
        known = (snapshot for snapshot in found if snapshot is not None)
        return _json(overview(known, self._feeds))

    def _login(self, following: str, why: str, status: HTTPStatus) -> Response:
        values = {"next": html.escape(_local(following)), "why": html.escape(why)}
        return _html(self._template("login.html").substitute(values), status)

    def _template(self, name: str) -> Template:
        return Template(self._assets[name].body.decode())


_PRIVATE: Final = {**HEADERS, "Cache-Control": "no-store"}


def _html(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(text, status, _PRIVATE, "text/html; charset=utf-8")


def _json(body: bytes) -> Response:
    return Response(body, headers=_PRIVATE, media_type="application/json")


def _local(path: str) -> str:
    """A path of the wall, never another host's: what a login may go on to."""
    if path == "/wall" or (path.startswith("/wall/") and path.isprintable() and "\\" not in path):
        return path
    return "/wall"


async def _body(request: Request) -> bytes:
    """A small body; TooLarge, Malformed when it does not come."""
    body = b""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise TooLarge(f"The request is above {_MOST_BYTES} bytes.")
    except (TimeoutError, ClientDisconnect):
        raise Malformed("The body did not arrive.") from None
    return body
