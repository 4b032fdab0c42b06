"""One worker process from start to end: its parts, its signals, its exit code."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faust.types.tuples import TP

from streamer.errors import KafkaUnavailable, SettingsError, StreamerError
from streamer.kpis.drift import watches
from streamer.processing.app import App, add_agents, new_app
from streamer.processing.checkpoint import Checkpoint
from streamer.processing.counting import Counting, PartitionFactory
from streamer.processing.deciding import Deciding
from streamer.processing.export import Exporter, Metrics
from streamer.processing.fence import Fence
from streamer.processing.letters import Letters
from streamer.processing.work import Work
from streamer.processing.worker import Worker
from streamer.settings import Settings
from streamer.state import Epoch, Partition
from streamer.transport.kafka import client_options
from streamer.transport.people import IDENTITIES

logger = logging.getLogger(__name__)

_DEFECT: Final = 1
# A stop: the last checkpoint, then the leave; together below the 5 s that are promised, which a
# timer of its own thread sees to: with Kafka away the libraries may swallow or outlive any timeout.
_STOP_SECONDS: Final = 4.5
_CHECKPOINT_SECONDS: Final = 2.5
_LEAVE_SECONDS: Final = 1.0
_EXPORTER_SECONDS: Final = 0.5
# A million ids are no cycles: looking for some among them took a third of the recovery.
_COLLECT_AFTER: Final = 200_000
_CRASH_POLL_SECONDS: Final = 0.2
_BATCH_BYTES: Final = 1024 * 1024
_LARGEST_REQUEST: Final = 16 * 1024 * 1024


class Quarantined(NamedTuple):
    """A record that is to be set aside unread."""

    topic: str
    partition: int
    offset: int


async def run_worker(
    settings: Settings,
    exporter: Exporter,
    metrics: Metrics,
    quarantine: Sequence[Quarantined] = (),
    new_partition: PartitionFactory | None = None,
) -> NoReturn:
    """Work until SIGTERM or SIGINT, then end the process with exit code 0.

    Any exception that nothing expects ends it at once, see `fail`. It does not return: what Faust
    and the loop do to clean up can take minutes, and nothing is left to be cleaned up.
    """
    gc.set_threshold(_COLLECT_AFTER)
    stop = _stop_on_signals()
    options = client_options(settings)
    producer = AIOKafkaProducer(
        **options,
        acks="all",
        enable_idempotence=True,
        linger_ms=2,
        max_batch_size=_BATCH_BYTES,
        max_request_size=_LARGEST_REQUEST,
    )
    app = new_app(settings, options)
    fence = Fence(settings.session_timeout_seconds, _clock)

    async def commit(offsets: Mapping[tuple[str, int], int]) -> bool:
        places = {TP(topic, number): offset for (topic, number), offset in offsets.items()}
        return bool(await app.consumer.commit_exactly(places))

    async def end_offsets(numbers: Sequence[int]) -> Mapping[int, int]:
        ends = await app.consumer.highwaters(*(TP(IDENTITIES, number) for number in numbers))
        return {tp.partition: end for tp, end in ends.items()}

    letters = Letters(producer, metrics, settings.secret or b"")
    counting = Counting(
        settings=settings,
        options=options,
        exporter=exporter,
        metrics=metrics,
        checkpoint=Checkpoint(
            producer, commit, lambda: int(app.consumer_generation_id), letters, metrics
        ),
        letters=letters,
        fence=fence,
        quarantine=frozenset(quarantine),
        new_partition=new_partition or _partitions(settings),
    )
    deciding = Deciding(
        settings=settings,
        options=options,
        producer=producer,
        commit=commit,
        letters=letters,
        metrics=metrics,
        fence=fence,
        quarantine=frozenset(quarantine),
        end_offsets=end_offsets,
    )
    works: Sequence[Work] = (counting, deciding)
    topics = [topic for work in works for topic in work.topics]
    _check(quarantine, topics)
    worker = Worker(app=app, works=works, metrics=metrics, fence=fence, fail=fail)
    app.clock = fence.now
    app.heard = fence.heard
    app.fail = fail
    app.room_for_runs = worker.room_for_runs
    app.run_delivered = worker.run_delivered
    app.held_back = worker.held_back
    app.sought = worker.sought
    app.restore = worker.restore
    app.resumed = worker.resumed
    app.on_partitions_revoked.connect(_signal(worker.revoked))
    add_agents(app, topics, worker.take)
    exporter.set_ready(worker.ready)
    exporter.set_speaks(fence.holds)
    try:
        await producer.start()
    except (KafkaError, OSError) as error:
        raise KafkaUnavailable(
            f"Kafka does not answer at {settings.kafka} ({error}): is it running?"
        ) from error
    await exporter.start()
    await app.start()
    beside = [
        asyncio.create_task(task)
        for task in (*(task for work in works for task in work.beside()), _fail_with(app))
    ]
    for task in beside:
        task.add_done_callback(_fail_if_ended)
    await stop.wait()
    try:
        # A checkpoint under way goes on; whatever ends now ends in order.
        for task in beside:
            task.remove_done_callback(_fail_if_ended)
        await _leave(worker, exporter, app)
        logging.shutdown()
    finally:
        os._exit(0)


def _stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM or SIGINT, and then the process has `_STOP_SECONDS` left."""
    stop = asyncio.Event()
    deadline = threading.Timer(_STOP_SECONDS, os._exit, (0,))
    deadline.daemon = True

    def begin_to_stop() -> None:
        if not stop.is_set():
            stop.set()
            deadline.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, begin_to_stop)
    return stop


def _clock() -> float:
    """Seconds that pass while the machine is suspended as well, where the system tells them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


async def _fail_with(app: App) -> None:
    """End when Faust has crashed: without its own worker around it, it would just stand still."""
    while not app.crashed:  # noqa: ASYNC110 - Faust has no public event for it
        await asyncio.sleep(_CRASH_POLL_SECONDS)
    # Its reason may be a cancellation, which as it is would look like an orderly end.
    raise RuntimeError("Faust crashed") from app.crash_reason


def _partitions(settings: Settings) -> PartitionFactory:
    try:
        watched = watches(settings.drift)
    except ValueError as problem:
        raise SettingsError(f"STREAMER_DRIFT {problem}.") from None
    return lambda: Partition(Epoch(0, 0), settings.page_rows, watched)


def _check(quarantine: Sequence[Quarantined], topics: Sequence[str]) -> None:
    for item in quarantine:
        if item.topic not in topics:
            raise SettingsError(
                f"--quarantine {item.topic}:… cannot be: the worker reads {', '.join(topics)}."
            )


async def _leave(worker: Worker, exporter: Exporter, app: App) -> None:
    """A checkpoint and a leave, each within its time: what is not done is done by replay."""
    for name, what, seconds in (
        ("checkpoint", worker.finish, _CHECKPOINT_SECONDS),
        ("export", exporter.stop, _EXPORTER_SECONDS),
        ("leave", app.consumer.leave, _LEAVE_SECONDS),
    ):
        try:
            await asyncio.wait_for(what(), seconds)
        except TimeoutError:
            logger.warning("the %s did not end within %.1f s", name, seconds)
        except BaseException as error:  # noqa: BLE001 - aiokafka's cancellations come out here
            logger.warning("the %s failed: %s", name, error or type(error).__name__)


def _signal(callback: Any) -> Any:  # noqa: ANN401 - faust's signals pass themselves along
    async def receive(_sender: Any, partitions: Any, **_: Any) -> None:  # noqa: ANN401
        try:
            await callback(partitions)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - faust would log it and go on
            fail(error)

    return receive


def _fail_if_ended(task: "asyncio.Task[None]") -> None:
    """Nothing that goes on beside the records may end by itself."""
    if task.cancelled():
        fail(RuntimeError(f"{task.get_coro()} was cancelled"))
    fail(task.exception() or RuntimeError(f"{task.get_coro()} ended"))


def fail(error: BaseException) -> NoReturn:
    """End the process now, with a message, acknowledging nothing.

    Neither Faust nor Python gets a turn: both would acknowledge, or wait for minutes.
    """
    if isinstance(error, StreamerError):
        sys.stderr.write(f"streamer worker: {error}\n")
    else:
        sys.stderr.write("streamer worker: a defect; nothing of what caused it is acknowledged.\n")
        traceback.print_exception(error, file=sys.stderr)
    sys.stderr.flush()
    logging.shutdown()
    os._exit(error.exit_code if isinstance(error, StreamerError) else _DEFECT)
