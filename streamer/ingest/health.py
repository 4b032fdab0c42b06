"""`/healthz` and `/readyz`: alive, and able to have events acknowledged."""

import json
from collections.abc import Callable

from streamer.ingest.problems import MethodNotAllowed, Receive, Scope, Send, answer


class HealthRoute:
    """Serves both; the gateway is ready while Kafka acknowledges, with or without Redis."""

    def __init__(self, why_not_ready: Callable[[], str]) -> None:
        self._why_not_ready = why_not_ready

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer 200, or 503 with the reason."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed("GET")
        reason = self._why_not_ready() if scope["path"] == "/readyz" else ""
        body = {"status": "unavailable", "reason": reason} if reason else {"status": "ok"}
        await answer(send, 503 if reason else 200, json.dumps(body).encode())
