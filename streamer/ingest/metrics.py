"""The gateway's own health, on its metrics address: what came in, what became of it.

Owns the names and labels. A source that is not configured is never a label value.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

WebhookOutcome = Literal["taken", "refused", "unavailable"]
EventOutcome = Literal["taken", "ignored", "dead_lettered"]
UNKNOWN_SOURCE = "unknown"
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class GatewayMetrics:
    """One registry of its own, so that several gateways can live in one process."""

    def __init__(self) -> None:
        # Their creation times would double every series, and nothing reads them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "streamer_webhook_requests",
            "Webhook requests: taken, refused (4xx: not authentic or unreadable), or unavailable.",
            ("source", "outcome"),
            registry=self.registry,
        )
        self._events = Counter(
            "streamer_webhook_events",
            "Events in taken webhooks: taken, ignored (they prove nothing here), dead_lettered.",
            ("source", "outcome"),
            registry=self.registry,
        )
        self._posted = Counter(
            "streamer_posted_events",
            "Events taken at /v1/events.",
            registry=self.registry,
        )
        self._listed = Counter(
            "streamer_listed_prospects",
            "Lines of lists of prospects that were taken.",
            registry=self.registry,
        )
        self._answers = Counter(
            "streamer_http_requests",
            "Requests by route and status.",
            ("route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "streamer_http_request_seconds",
            "Time to answer, Kafka's acknowledgement included.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        # Finding a series by its labels costs more than to count it, and there are few.
        self._requests_of = cache(self._requests.labels)
        self._events_of = cache(self._events.labels)
        self._answers_of = cache(self._answers.labels)
        self._seconds_of = cache(self._seconds.labels)

    def watch(self, held: Callable[[], int], ready: Callable[[], bool]) -> None:
        """Show what is held and whether Kafka acknowledges, read at each scrape."""
        Gauge(
            "streamer_gateway_held_bytes",
            "Bytes of requests held until Kafka acknowledges them.",
            registry=self.registry,
        ).set_function(held)
        Gauge(
            "streamer_gateway_ready", "1 while Kafka acknowledges.", registry=self.registry
        ).set_function(lambda: float(ready()))

    def expect(self, sources: Iterable[str]) -> None:
        """Show these sources' dead letters from the start, at zero.

        What grows is seen only from its second sample on: without this one, the first would not be.
        """
        for source in sources:
            self._events.labels(source, "dead_lettered")

    def webhook(self, source: str, outcome: WebhookOutcome) -> None:
        """Count one request to a source."""
        self._requests_of(source, outcome).inc()

    def webhook_events(self, source: str, outcome: EventOutcome, count: int) -> None:
        """Count events of a taken request."""
        if count:
            self._events_of(source, outcome).inc(count)

    def posted(self, count: int) -> None:
        """Count events taken at /v1/events."""
        self._posted.inc(count)

    def listed(self, count: int) -> None:
        """Count lines of lists of prospects."""
        self._listed.inc(count)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is a name of ours, never a path."""
        self._answers_of(route, status).inc()
        self._seconds_of(route).observe(seconds)

    def render(self) -> bytes:
        """The exposition in Prometheus' text format."""
        return generate_latest(self.registry)
