"""The names of the pipeline's own metrics: one row for every `streamer_*` of a worker.

What is measured and what is documented are made from this table. Never measures anything.
"""

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
    "streamer_worker_ready",
    "streamer_numbers_withheld",
    "streamer_redis_up",
    "streamer_redis_writes_total",
]
Kind = Literal["counter", "gauge", "histogram"]
Outcome = Literal["applied", "repeated", "unknown", "rejected"]
Write = Literal["written", "refused", "failed"]


class Row(NamedTuple):
    """One metric; `buckets` are the bounds of a histogram's."""

    name: Name
    kind: Kind
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


TABLE: Final = (
    Row(
        "streamer_events_total",
        "counter",
        ("outcome",),
        "Events read from touchpoints: applied, repeated (changed no evidence), unknown (type) or "
        "rejected; an unreadable record is one rejected.",
    ),
    Row(
        "streamer_event_to_gauge_seconds",
        "histogram",
        (),
        "Time from an event's arrival in Kafka until the gauges show it.",
        (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.2, 1.5, 2.0, 5.0, 10.0, 30.0, 60.0),
    ),
    Row(
        "streamer_consumer_lag_records",
        "gauge",
        ("partition",),
        "Records of a partition of touchpoints that are not yet read.",
    ),
    Row(
        "streamer_last_event_seconds",
        "gauge",
        ("source",),
        "Time of the latest event of a source, in seconds since 1970, by the event's own time.",
    ),
    Row(
        "streamer_checkpoint_seconds",
        "histogram",
        (),
        "Time that a checkpoint took, until Kafka had acknowledged all of it.",
        (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    ),
    Row(
        "streamer_checkpoint_bytes_total",
        "counter",
        (),
        "Bytes of state that checkpoints wrote.",
    ),
    Row(
        "streamer_checkpoint_records_total",
        "counter",
        (),
        "Records of state that checkpoints wrote.",
    ),
    Row(
        "streamer_recovery_seconds",
        "histogram",
        (),
        "Time from the assignment of partitions until their state was rebuilt.",
        (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 10.0, 20.0, 60.0),
    ),
    Row(
        "streamer_recovery_records_total",
        "counter",
        (),
        "Records of state that recoveries read.",
    ),
    Row(
        "streamer_dead_letters_total",
        "counter",
        (),
        "Dead letters written: unreadable records and rejected events.",
    ),
    Row(
        "streamer_waiting_events",
        "gauge",
        (),
        "Events that wait until their campaign is known.",
    ),
    Row(
        "streamer_worker_ready",
        "gauge",
        (),
        "1 while all that is assigned to the worker is recovered and it speaks for it, else 0.",
    ),
    Row(
        "streamer_numbers_withheld",
        "gauge",
        (),
        "1 while Kafka has not answered for a session: another worker may speak for the campaigns.",
    ),
    Row(
        "streamer_redis_up",
        "gauge",
        (),
        "1 while Redis answers, else 0; counting goes on without it.",
    ),
    Row(
        "streamer_redis_writes_total",
        "counter",
        ("outcome",),
        "Snapshots sent to Redis: written, refused (a newer one is there) or failed (sent anew).",
    ),
)


def table() -> str:
    """The rows as a Markdown table."""
    lines = ["| metric | type | labels | meaning |", "|---|---|---|---|"]
    for row in TABLE:
        labels = ", ".join(f"`{label}`" for label in row.labels)
        lines.append(f"| `{row.name}` | {row.kind} | {labels} | {row.help} |")
    return "\n".join(lines)
