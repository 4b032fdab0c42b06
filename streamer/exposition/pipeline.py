"""The pipeline's own health as it is measured: prometheus_client objects made from the table.

Never knows a campaign's numbers, and registers nothing globally.
"""

from collections.abc import Callable, Iterable
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from streamer.exposition.health import TABLE, Name, Outcome, Write

# Of those that are no vendors' endpoints; lists of prospects are such.
_MOST_SOURCES: Final = 200
_VENDORS: Final = "/sources/"


class _WithoutCreated(Collector):
    """A registry without the `_created` samples, which double the counters for no use here."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        for family in self._registry.collect():
            family.samples = [s for s in family.samples if not s.name.endswith("_created")]
            yield family


class WorkerMetrics:
    """A worker's health; every method may be called from any thread and never fails."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters: dict[Name, Counter] = {}
        self._gauges: dict[Name, Gauge] = {}
        self._histograms: dict[Name, Histogram] = {}
        self._latest: dict[str, int] = {}
        self._others = 0
        for row in TABLE:
            if row.kind == "counter":
                self._counters[row.name] = Counter(
                    row.name, row.help, row.labels, registry=self._registry
                )
            elif row.kind == "gauge":
                self._gauges[row.name] = Gauge(
                    row.name, row.help, row.labels, registry=self._registry
                )
            else:
                self._histograms[row.name] = Histogram(
                    row.name, row.help, row.labels, buckets=row.buckets, registry=self._registry
                )
        # From zero on: what appears at once with a value is no increase to Prometheus.
        for outcome in get_args(Outcome):
            self.events(outcome, 0)
        for write in get_args(Write):
            self.redis_write(write, 0)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of them in Prometheus's text format."""
        return generate_latest(_WithoutCreated(self._registry))

    def events(self, outcome: Outcome, number: int) -> None:
        """Events were read."""
        self._counters["streamer_events_total"].labels(outcome).inc(number)

    def latency(self, seconds: float) -> None:
        """An event has reached the gauges so long after its arrival in Kafka."""
        self._histograms["streamer_event_to_gauge_seconds"].observe(seconds)

    def lag(self, partition: int, records: int) -> None:
        """So many records of the partition are not yet read."""
        self._gauges["streamer_consumer_lag_records"].labels(str(partition)).set(records)

    def forget_lags(self) -> None:
        """Other partitions than before are read from now on."""
        self._gauges["streamer_consumer_lag_records"].clear()

    def last_event(self, source: str, at: int) -> None:
        """An event of the source has this time, UTC seconds; the latest stands.

        Whoever posts events names their source, so only so many of those are shown.
        """
        known = self._latest.get(source)
        # Vendors' endpoints are as many as somebody has configured.
        if known is None and not source.startswith(_VENDORS):
            if self._others >= _MOST_SOURCES:
                return
            self._others += 1
        if known is None or at > known:
            self._latest[source] = at
            self._gauges["streamer_last_event_seconds"].labels(source).set(at)

    def checkpoint(self, seconds: float, size: int, records: int) -> None:
        """A checkpoint was acknowledged; `size` in bytes."""
        self._histograms["streamer_checkpoint_seconds"].observe(seconds)
        self._counters["streamer_checkpoint_bytes_total"].inc(size)
        self._counters["streamer_checkpoint_records_total"].inc(records)

    def recovery(self, seconds: float, records: int) -> None:
        """Assigned partitions were rebuilt."""
        self._histograms["streamer_recovery_seconds"].observe(seconds)
        self._counters["streamer_recovery_records_total"].inc(records)

    def waiting(self, number: int) -> None:
        """So many events wait for a campaign."""
        self._gauges["streamer_waiting_events"].set(number)

    def watch(self, ready: Callable[[], bool]) -> None:
        """Ask at each scrape whether the worker is ready."""
        self._gauges["streamer_worker_ready"].set_function(lambda: float(ready()))

    def withheld(self, *, withheld: bool) -> None:
        """Numbers of campaigns are withheld, or shown."""
        self._gauges["streamer_numbers_withheld"].set(withheld)

    def redis_write(self, outcome: Write, number: int = 1) -> None:
        """Snapshots were sent to Redis."""
        self._counters["streamer_redis_writes_total"].labels(outcome).inc(number)

    def dead_letters(self, number: int) -> None:
        """Dead letters were written."""
        self._counters["streamer_dead_letters_total"].inc(number)

    def redis_up(self, *, up: bool) -> None:
        """Redis answers, or does not."""
        self._gauges["streamer_redis_up"].set(up)
