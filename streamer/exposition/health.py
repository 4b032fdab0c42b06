"""The names of the pipeline's own metrics: one row for every `streamer_*`.

What is measured and what is documented are made from this table. Never measures anything.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Name = Literal[
    "streamer_events_total",
    "streamer_event_to_gauge_seconds",
    "streamer_consumer_lag_records",
    "streamer_last_event_seconds",
    "streamer_checkpoint_seconds",
    "streamer_checkpoint_bytes_total",
    "streamer_checkpoint_records_total",
    "streamer_recovery_seconds",
    "streamer_recovery_records_total",
    "streamer_dead_letters_total",
    "streamer_waiting_events",
    "streamer_redis_up",
    "streamer_redis_writes_total",
    "streamer_webhook_requests_total",
    "streamer_webhook_events_total",
    "streamer_buffered_bytes",
]
Kind = Literal["counter", "gauge", "histogram"]
Where = Literal["worker", "gateway", "both"]
Outcome = Literal["applied", "repeated", "unknown", "rejected"]
Write = Literal["written", "refused", "failed"]


class Row(NamedTuple):
    """One metric: where it is exported, its labels, the bounds of a histogram's buckets."""

    name: Name
    kind: Kind
    where: Where
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


TABLE: Final = (
    Row(
        "streamer_events_total",
        "counter",
        "worker",
        ("outcome",),
        "Events read from touchpoints: applied, repeated (changed no evidence), unknown (type) or "
        "rejected; an unreadable record is one rejected.",
    ),
    Row(
        "streamer_event_to_gauge_seconds",
        "histogram",
        "worker",
        (),
        "Time from an event's arrival in Kafka until the gauges show it.",
        (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.2, 1.5, 2.0, 5.0, 10.0, 30.0, 60.0),
    ),
    Row(
        "streamer_consumer_lag_records",
        "gauge",
        "worker",
        ("partition",),
        "Records of a partition of touchpoints that are not yet read.",
    ),
    Row(
        "streamer_last_event_seconds",
        "gauge",
        "worker",
        ("source",),
        "Time of the latest event of a source, in seconds since 1970, by the event's own time.",
    ),
    Row(
        "streamer_checkpoint_seconds",
        "histogram",
        "worker",
        (),
        "Time that a checkpoint took, until Kafka had acknowledged all of it.",
        (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    ),
    Row(
        "streamer_checkpoint_bytes_total",
        "counter",
        "worker",
        (),
        "Bytes of state that checkpoints wrote.",
    ),
    Row(
        "streamer_checkpoint_records_total",
        "counter",
        "worker",
        (),
        "Records of state that checkpoints wrote.",
    ),
    Row(
        "streamer_recovery_seconds",
        "histogram",
        "worker",
        (),
        "Time from the assignment of partitions until their state was rebuilt.",
        (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 10.0, 20.0, 60.0),
    ),
    Row(
        "streamer_recovery_records_total",
        "counter",
        "worker",
        (),
        "Records of state that recoveries read.",
    ),
    Row(
        "streamer_dead_letters_total",
        "counter",
        "both",
        (),
        "Dead letters written: unreadable records, rejected events, bodies not understood.",
    ),
    Row(
        "streamer_waiting_events",
        "gauge",
        "worker",
        (),
        "Events that wait until their campaign is known.",
    ),
    Row(
        "streamer_redis_up",
        "gauge",
        "both",
        (),
        "1 while Redis answers, else 0; counting goes on without it.",
    ),
    Row(
        "streamer_redis_writes_total",
        "counter",
        "worker",
        ("outcome",),
        "Snapshots sent to Redis: written, refused (a newer one is there) or failed (sent anew).",
    ),
    Row(
        "streamer_webhook_requests_total",
        "counter",
        "gateway",
        ("source", "outcome"),
        "Requests of a source, by what became of them.",
    ),
    Row(
        "streamer_webhook_events_total",
        "counter",
        "gateway",
        ("source", "outcome"),
        "Events of a source, by what became of them.",
    ),
    Row(
        "streamer_buffered_bytes",
        "gauge",
        "gateway",
        (),
        "Bytes of events that Kafka has not acknowledged yet.",
    ),
)


def rows(where: Where) -> Iterator[Row]:
    """The rows that a worker or a gateway exports."""
    return (row for row in TABLE if row.where in (where, "both"))


def table() -> str:
    """The rows as a Markdown table."""
    lines = ["| metric | type | labels | of | meaning |", "|---|---|---|---|---|"]
    for row in TABLE:
        labels = ", ".join(f"`{label}`" for label in row.labels)
        where = "worker, gateway" if row.where == "both" else row.where
        lines.append(f"| `{row.name}` | {row.kind} | {labels} | {where} | {row.help} |")
    return "\n".join(lines)
