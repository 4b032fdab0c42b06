"""The gateway's own health, on its metrics address: what came in, what became of it.

Owns the names and labels. A source that is not configured is never a label value.

What every request counts is counted in plain numbers, and made a metric when it is read: the
library's own counters, which lock for threads that there are not, take several times as long.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

WebhookOutcome = Literal["taken", "refused", "unavailable"]
EventOutcome = Literal["taken", "ignored", "dead_lettered"]
UNKNOWN_SOURCE = "unknown"
_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_BOUNDS: Final = (*map(str, _SECONDS), "+Inf")


class _Tally(Collector):
    """A counter by the values of its labels."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.counts: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self._name = name
        self._text = text
        self._labels = labels

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The series that there are by now."""
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for values, count in self.counts.items():
            family.add_metric(values, count)
        yield family


class _Durations(Collector):
    """A histogram of seconds by one label."""

    def __init__(self, name: str, text: str, label: str) -> None:
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(_BOUNDS))
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._name = name
        self._text = text
        self._label = label

    def observe(self, value: str, seconds: float) -> None:
        """Count one duration."""
        self._buckets[value][bisect_left(_SECONDS, seconds)] += 1
        self._sums[value] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """The series that there are by now."""
        family = HistogramMetricFamily(self._name, self._text, labels=[self._label])
        for value, counts in self._buckets.items():
            buckets: Sequence[tuple[str, float]] = list(
                zip(_BOUNDS, accumulate(counts), strict=True)
            )
            family.add_metric([value], buckets, self._sums[value])
        yield family


class GatewayMetrics:
    """One registry of its own, so that several gateways can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = _Tally(
            "streamer_webhook_requests",
            "Webhook requests: taken, refused (4xx: not authentic or unreadable), or unavailable.",
            "source",
            "outcome",
        )
        self._events = _Tally(
            "streamer_webhook_events",
            "Events in taken webhooks: taken, ignored (they prove nothing here), dead_lettered.",
            "source",
            "outcome",
        )
        self._posted = _Tally("streamer_posted_events", "Events taken at /v1/events.")
        self._listed = _Tally(
            "streamer_listed_prospects", "Lines of lists of prospects that were taken."
        )
        self._answers = _Tally(
            "streamer_http_requests", "Requests by route and status.", "route", "status"
        )
        self._seconds = _Durations(
            "streamer_http_request_seconds",
            "Time to answer, Kafka's acknowledgement included.",
            "route",
        )
        # They are shown from the start, at zero.
        for plain in (self._posted, self._listed):
            plain.counts[()] = 0
        for collector in (
            self._requests,
            self._events,
            self._posted,
            self._listed,
            self._answers,
            self._seconds,
        ):
            self.registry.register(collector)

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
            self._events.counts[source, "dead_lettered"] += 0

    def webhook(self, source: str, outcome: WebhookOutcome) -> None:
        """Count one request to a source."""
        self._requests.counts[source, outcome] += 1

    def webhook_events(self, source: str, outcome: EventOutcome, count: int) -> None:
        """Count events of a taken request."""
        if count:
            self._events.counts[source, outcome] += count

    def posted(self, count: int) -> None:
        """Count events taken at /v1/events."""
        self._posted.counts[()] += count

    def listed(self, count: int) -> None:
        """Count lines of lists of prospects."""
        self._listed.counts[()] += count

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is a name of ours, never a path."""
        self._answers.counts[route, str(status)] += 1
        self._seconds.observe(route, seconds)

    def render(self) -> bytes:
        """The exposition in Prometheus' text format."""
        return generate_latest(self.registry)
