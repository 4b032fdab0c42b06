"""The gateway's metrics address: `/metrics`, and the health routes for whoever scrapes."""

from prometheus_client import CONTENT_TYPE_LATEST

from streamer.ingest.health import HealthRoute
from streamer.ingest.metrics import GatewayMetrics
from streamer.ingest.problems import NotFound, Receive, Scope, Send, answer, answer_error


class MetricsApp:
    """The ASGI application of the metrics address."""

    def __init__(self, metrics: GatewayMetrics, health: HealthRoute) -> None:
        self._metrics = metrics
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        if scope["type"] != "http":
            return
        if scope["path"] == "/metrics":
            await answer(send, 200, self._metrics.render(), CONTENT_TYPE_LATEST.encode())
        elif scope["path"] in {"/healthz", "/readyz"}:
            await self._health(scope, receive, send)
        else:
            await answer_error(send, NotFound("There are /metrics, /healthz and /readyz."))
