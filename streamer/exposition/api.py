"""The reads of the HTTP API: one route each, over the store.

Owns paths, parameters and statuses. Who may read is decided by the `authorise` that is passed in;
the bodies are made elsewhere.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from streamer.errors import Malformed, RedisUnavailable, RequestError, StreamerError
from streamer.exposition import bodies
from streamer.exposition.history import points, read_query, rfc3339
from streamer.exposition.sources import Feed
from streamer.exposition.store import Held, SnapshotStore

Authorise = Callable[[Request], Awaitable[None]]
Endpoint = Callable[[Request], Awaitable[Response]]

_CAMPAIGN: Final = "/v1/campaigns/{campaign}"
_RETRY_SECONDS: Final = "1"
_HEARTBEAT_SECONDS: Final = 15
# A listener that takes nothing for so long has gone.
_SEND_SECONDS: Final = 30.0


class UnknownCampaign(RequestError):  # noqa: N818 - named after what it reports
    """No event of a known type was ever accepted for the campaign."""

    status = 404


def routes(
    store: SnapshotStore, authorise: Authorise, feeds: Sequence[Feed] = ()
) -> list[BaseRoute]:
    """The routes of every GET under `/v1`; `authorise` raises what it refuses with.

    `feeds` are the configured sources, for the KPIs that have no data.
    """
    reads = _Reads(store)
    paths: Mapping[str, Endpoint] = {
        "/v1/campaigns": reads.campaigns,
        _CAMPAIGN: reads.body(bodies.campaign),
        f"{_CAMPAIGN}/kpis": reads.kpis,
        f"{_CAMPAIGN}/milestones": reads.body(bodies.milestones),
        f"{_CAMPAIGN}/history": reads.history,
        f"{_CAMPAIGN}/sources": reads.body(lambda snapshot: bodies.sources(snapshot, feeds)),
        f"{_CAMPAIGN}/live": reads.live,
    }
    return [
        RawRoute(path, _guarded(endpoint, authorise), methods=["GET"])
        for path, endpoint in paths.items()
    ]


class RawRoute(Route):
    """A route on the path as it was sent: `a%2Fb` is one campaign, and no two look alike."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the undecoded path; parameters are decoded thereafter."""
        raw: bytes | None = scope.get("raw_path")
        if raw is None:
            return super().matches(scope)
        path = raw.partition(b"?")[0].decode("latin-1")
        match, child = super().matches({**scope, "path": path, "root_path": ""})
        parameters = child.get("path_params")
        if parameters:
            try:
                decoded = {k: unquote(v, errors="strict") for k, v in parameters.items()}
            except UnicodeDecodeError:
                return Match.NONE, {}
            child = {**child, "path_params": decoded}
        return match, child


def problem(error: StreamerError) -> Response:
    """An error as `application/problem+json`, with Retry-After when it passes."""
    status = int(getattr(error, "status", 500))
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": str(error)}
    headers = {"Retry-After": _RETRY_SECONDS} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), status, headers, "application/problem+json")


def _guarded(endpoint: Endpoint, authorise: Authorise) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            await authorise(request)
            return await endpoint(request)
        except StreamerError as error:
            return problem(error)

    return answer


def _json(body: bytes) -> Response:
    return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/json")


class _Reads:
    def __init__(self, store: SnapshotStore) -> None:
        self._store = store

    async def campaigns(self, _request: Request) -> Response:
        return _json(bodies.campaigns(await self._store.campaigns()))

    def body(self, make: Callable[[Any], bytes]) -> Endpoint:
        """An endpoint that answers with a body made of the snapshot alone."""

        async def answer(request: Request) -> Response:
            return _json(make((await self._held(request)).snapshot))

        return answer

    async def kpis(self, request: Request) -> Response:
        return _json((await self._held(request)).kpis)

    async def history(self, request: Request) -> Response:
        snapshot = (await self._held(request)).snapshot
        query = read_query(_single(request), int(time.time()))
        cells = await self._store.hours(snapshot.campaign, query)
        return _json(bodies.history(snapshot, query, points(query, cells)))

    async def live(self, request: Request) -> Response:
        held = await self._held(request)
        counts = request.query_params.get("with") == "milestones"
        return EventSourceResponse(
            self._events(held.snapshot.campaign, counts=counts),
            ping=_HEARTBEAT_SECONDS,
            send_timeout=_SEND_SECONDS,
            sep="\n",
        )

    async def _held(self, request: Request) -> Held:
        campaign = request.path_params["campaign"]
        held = await self._store.held(campaign)
        if held is None:
            raise UnknownCampaign(f"No event of campaign {campaign} was accepted yet.")
        return held

    async def _events(self, campaign: str, *, counts: bool) -> AsyncIterator[ServerSentEvent]:
        """The body of the KPIs now and after each change; a slow listener gets the latest.

        With `counts`, the milestones of the same snapshot come before it.
        """
        with self._store.watch(campaign) as changed:
            sent = (b"", b"")
            while True:
                changed.clear()
                try:
                    held = await self._store.held(campaign)
                except RedisUnavailable:
                    # The listener stays: it is told when Redis is back.
                    held = None
                bodies_now = held and (held.kpis, held.milestones if counts else b"")
                if held and bodies_now and bodies_now != sent:
                    sent = bodies_now
                    if counts:
                        yield ServerSentEvent(held.milestones.decode(), event="milestones")
                    as_of = rfc3339(held.snapshot.as_of)
                    yield ServerSentEvent(held.kpis.decode(), event="kpis", id=as_of)
                await changed.wait()


def _single(request: Request) -> dict[str, str]:
    parameters = request.query_params
    known = {"channel", "milestone", "from", "to", "step"}
    for name in parameters:
        # A read-only link comes beside the question.
        if name not in known and name != "key":
            raise Malformed(f"{name} is no parameter: there are {', '.join(sorted(known))}.")
    return {name: value for name, value in parameters.items() if name in known}
