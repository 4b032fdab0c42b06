"""The Faust application: its settings, the topics with an agent each, the tables.

The tables' names, changelog topics and their co-partitioning are Faust's. Their contents live in
the columns of the state, in no second copy: a table's own store stays empty.
"""

import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import faust
from faust.types.tuples import TP

from streamer.processing.engine_fixes import BulkTables, Transport
from streamer.settings import Settings
from streamer.state import TABLES
from streamer.transport.topics import GROUP, changelog

_CLIENT_ID: Final = "streamer"
_REQUEST_SECONDS: Final = 30.0
_POLL_RECORDS: Final = 4_000
_FETCH_BYTES: Final = 8 * 1024 * 1024
# Runs that wait for the agent: enough to keep it busy, few enough to stay small.
_HEARTBEATS_PER_SESSION: Final = 6


class App(faust.App):
    """Faust with the seams of the engine: who is told what, and who is asked."""

    consumer_options: Mapping[str, Any]
    clock: Callable[[], float]
    heard: Callable[[float], None]
    fail: Callable[[BaseException], None]
    room_for_runs: Callable[[], Awaitable[None]]
    run_delivered: Callable[[], None]
    held_back: Callable[[], Collection[tuple[str, int]]]
    sought: Callable[[Mapping[TP, int | None]], Awaitable[None]]
    restore: Callable[[Sequence[int]], Awaitable[None]]
    resumed: Callable[[], None]

    def _create_directories(self) -> None:
        """Make none: tables live in memory, and the working directory may not be ours."""

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)


def new_app(settings: Settings, options: Mapping[str, Any]) -> App:
    """The application, not started; `options` are the Kafka client's."""
    request_seconds = max(_REQUEST_SECONDS, settings.session_timeout_seconds + 5)
    app = App(
        GROUP,
        broker=[f"kafka://{server}" for server in (settings.kafka or "").split(",")],
        processing_guarantee="at_least_once",
        store="memory://",
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=65536,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        recovery_consistency_check=False,
        broker_commit_interval=3600.0,
        broker_commit_every=1_000_000_000,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_request_timeout=request_seconds,
        producer_acks=-1,
        web_enabled=False,
        web_in_thread=False,
        autodiscover=False,
        TableManager=BulkTables,
        broker_credentials=_credentials(options),
    )
    app.consumer_options = {
        **options,
        "client_id": _CLIENT_ID,
        "group_id": GROUP,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "max_poll_records": _POLL_RECORDS,
        "max_poll_interval_ms": 3_600_000,
        "max_partition_fetch_bytes": _FETCH_BYTES,
        "fetch_max_bytes": 4 * _FETCH_BYTES,
        "fetch_max_wait_ms": 250,
        "request_timeout_ms": int(request_seconds * 1000),
        "session_timeout_ms": int(settings.session_timeout_seconds * 1000),
        "heartbeat_interval_ms": int(
            settings.session_timeout_seconds * 1000 / _HEARTBEATS_PER_SESSION
        ),
        "metadata_max_age_ms": 60_000,
    }
    for table in TABLES:
        topic = app.topic(changelog(table), internal=False)
        app.Table(
            table,
            partitions=settings.partitions,
            changelog_topic=topic,
            key_type=bytes,
            value_type=bytes,
        )
    return app


def add_agents(app: App, topics: Iterable[str], take: Callable[[Any], Awaitable[None]]) -> None:
    """Have every run of each of these topics given to `take`, of each one after the other.

    Nothing is acknowledged through Faust: what is committed is decided by the checkpoint. `take`
    must not raise: an agent that does is restarted after the run that it lost.
    """

    async def agent(stream: Any) -> None:  # noqa: ANN401 - faust's Stream
        async for event in stream.noack().events():
            await take(event.message)

    for name in topics:
        topic = app.topic(name, key_serializer="raw", value_serializer="raw")
        app.agent(topic, name=name, concurrency=1)(agent)


def _credentials(options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - faust's credentials
    """Faust's own producer, which is never used, wants to reach the broker as well."""
    context: ssl.SSLContext | None = options.get("ssl_context")
    if options.get("sasl_mechanism"):
        return faust.SASLCredentials(
            username=options.get("sasl_plain_username"),
            password=options.get("sasl_plain_password"),
            mechanism=options["sasl_mechanism"],
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None
