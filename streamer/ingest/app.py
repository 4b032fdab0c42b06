"""The gateway's ASGI application: which path goes to whom, and what any error looks like.

The hot routes are bare ASGI functions; the reads are Starlette routes that are passed in. Owns
routing, error answers and the count of answers. Never opens a port.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from starlette.routing import BaseRoute, Match

from streamer.errors import RequestError
from streamer.ingest.bodies import Budget
from streamer.ingest.docs_page import DocsRoute
from streamer.ingest.entry_route import EntryRoute
from streamer.ingest.events_route import EventsRoute
from streamer.ingest.fetching import NO_FETCHER, Fetcher
from streamer.ingest.health import HealthRoute
from streamer.ingest.intake import Intake
from streamer.ingest.metrics import GatewayMetrics
from streamer.ingest.packing import Packer, Sender
from streamer.ingest.plan_events import PlanEvents, Plans
from streamer.ingest.plan_route import PlanRoute
from streamer.ingest.problems import (
    UNAVAILABLE,
    Disconnected,
    MethodNotAllowed,
    NotFound,
    Receive,
    Scope,
    Send,
    answer_error,
)
from streamer.ingest.prospects_route import ProspectsRoute
from streamer.ingest.rows_route import RowsRoute
from streamer.ingest.sources import Source
from streamer.ingest.tokens import NO_TOKENS, Tokens
from streamer.ingest.webhooks import Proofs, WebhookRoute
from streamer.settings import Settings

_log = logging.getLogger(__name__)

Route = Callable[[Scope, Receive, Send], Awaitable[None]]


class Kafka(Sender, Protocol):
    """Where records go, and whether they arrive."""

    def why_not_ready(self) -> str:
        """Why records would not be acknowledged now; empty when they would."""
        ...


class Parts(NamedTuple):
    """What the gateway is made of, built elsewhere; `openapi` is the document that /docs shows."""

    kafka: Kafka
    plans: Plans
    sources: Mapping[str, Source]
    reads: Sequence[BaseRoute] = ()
    openapi: bytes | None = None
    tokens: Tokens = NO_TOKENS
    fetcher: Fetcher = NO_FETCHER


class Gateway:
    """The application, with the parts that its server needs beside it."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.metrics = GatewayMetrics()
        self.metrics.expect(parts.sources)
        budget = Budget(settings.max_buffered_bytes)
        self.packer = Packer(parts.kafka, budget)
        self._reads = parts.reads
        intake = Intake(self.packer, settings.partitions)
        plans = PlanEvents(parts.plans)
        self._plan = PlanRoute(settings, intake, budget, plans)
        self._prospects = ProspectsRoute(settings, intake, budget, self.metrics)
        self._entries = EntryRoute(settings, intake, budget, plans)
        proofs = Proofs(parts.sources, parts.tokens, parts.fetcher)
        self._webhooks = WebhookRoute(settings, intake, budget, proofs, self.metrics)
        self.health = HealthRoute(parts.kafka.why_not_ready)
        docs = DocsRoute(parts.openapi)
        self._fixed: Mapping[bytes, tuple[str, Route]] = {
            b"/v1/events": ("events", EventsRoute(settings, intake, budget, self.metrics)),
            b"/v1/events/csv": ("rows", RowsRoute(settings, intake, budget, self.metrics)),
            b"/healthz": ("health", self.health),
            b"/readyz": ("health", self.health),
            b"/docs": ("docs", docs),
            b"/docs/openapi.json": ("docs", docs),
        }
        self.metrics.watch(lambda: budget.held, lambda: not parts.kafka.why_not_ready())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            return
        begun = time.perf_counter()
        name, started = "none", False

        async def observed(message: dict[str, Any]) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self.metrics.answered(name, message["status"], time.perf_counter() - begun)
            await send(message)

        try:
            name, route = self._find(scope)
            await route(scope, receive, observed)
        except Disconnected:
            return
        except (RequestError, *UNAVAILABLE) as error:
            await answer_error(observed, error)
        except Exception as error:
            if started:
                raise
            _log.exception("a defect while serving %s", name)
            await answer_error(observed, error)

    def _find(self, scope: Scope) -> tuple[str, Route]:
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed
        if path.startswith(b"/webhooks/"):
            return "webhooks", self._webhooks
        if scope["method"] == "PUT" and self._plan.serves(path):
            return "plan", self._plan
        if scope["method"] == "PUT" and self._prospects.serves(path):
            return "prospects", self._prospects
        if scope["method"] == "POST" and self._entries.serves(path):
            return "entries", self._entries
        return "reads", self._find_read(scope, path)

    def _find_read(self, scope: Scope, path: bytes) -> Route:
        puts = self._plan.serves(path) or self._prospects.serves(path)
        allowed: set[str] = {"PUT"} if puts else set()
        for route in self._reads:
            match, child = route.matches(dict(scope))
            if match is Match.FULL:
                return _within(route, child)
            if match is Match.PARTIAL:
                allowed |= getattr(route, "methods", None) or set()
        if allowed:
            raise MethodNotAllowed(*sorted(allowed))
        raise NotFound("There is nothing here; /docs lists what there is.")


def _within(route: BaseRoute, child: Mapping[str, Any]) -> Route:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await route.handle({**scope, **child}, receive, send)  # type: ignore[arg-type]

    return serve
