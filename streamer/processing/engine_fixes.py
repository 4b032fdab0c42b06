"""Where Faust and aiokafka are worked round, each fix with its evidence.

Everything that depends on the inside of faust-streaming 0.15.3 and aiokafka 0.14 is here. Each
fix has a test that fails once upstream no longer needs it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import aiokafka
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

logger = logging.getLogger(__name__)


class WorkerThread(driver.AIOKafkaConsumerThread):
    """Builds the consumer with options of our own.

    The driver fixes some that matter: a fetch may wait 1.5 s there, and one partition's answer is
    limited by a setting that also limits others.
    """

    def _create_worker_consumer(self, _transport: Any) -> aiokafka.AIOKafkaConsumer:  # noqa: ANN401
        self._assignor = self.app.assignor
        consumer = aiokafka.AIOKafkaConsumer(
            **self.app.consumer_options, partition_assignment_strategy=[self._assignor]
        )
        return _report_heartbeats(consumer, self.app.clock, self.app.heard)


def _report_heartbeats(
    consumer: aiokafka.AIOKafkaConsumer, clock: Callable[[], float], heard: Callable[[float], None]
) -> aiokafka.AIOKafkaConsumer:
    """Call `heard` after each heartbeat that the coordinator has answered, with when it was sent.

    aiokafka keeps the time of the last one in a local variable. A failing heartbeat returns
    False or raises; the coordinator exists only once the consumer was started.
    """
    start = consumer.start

    async def start_and_listen() -> None:
        await start()
        coordinator = consumer._coordinator  # noqa: SLF001 - nothing public tells of heartbeats
        beat = coordinator._do_heartbeat  # noqa: SLF001

        async def beat_and_tell() -> bool:
            asked = clock()
            answered: bool = await beat()
            if answered:
                heard(asked)
            return answered

        coordinator._do_heartbeat = beat_and_tell  # noqa: SLF001

    consumer.start = start_and_listen
    return consumer


class FusedConsumer(driver.Consumer):
    """Gives Faust one message per run of records of a partition.

    The original costs 60 to 90 µs a record (a message, an event, a queue entry and two tasks to
    wait for it); whatever the records hold, that bounds it to some 16,000 a second.
    """

    def _new_consumer_thread(self) -> WorkerThread:
        return WorkerThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:  # noqa: ANN401 - mode's Service
        try:
            while not (self.should_stop or fetcher.should_stop):
                await self._hand_over()
        except self.consumer_stopped_errors:
            if not self.should_stop:
                raise
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - mode would log it and go on without a fetcher
            self.app.fail(error)

    async def _hand_over(self) -> None:
        await self.app.room_for_runs()
        records, active = await self._wait_next_records(timeout=1.0)
        generation = self.app.consumer_generation_id
        if not records or self.should_stop:
            await asyncio.sleep(0)
            return
        for tp, run in records.items():
            # A rebalance in between seeks anew: what is dropped here is read again.
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is None or tp in active:
                self.app.run_delivered()
                await self.wait_first(
                    self.callback(_fuse(tp, run, generation)), self.suspend_flow.wait()
                )
                self._read_offset[tp] = run[-1].offset

    async def _getmany(self, active_partitions: set[TP], timeout: float) -> Any:  # noqa: ANN401, ASYNC109 - Faust's own
        held_back = self.app.held_back()
        if held_back:
            active_partitions = {
                tp for tp in active_partitions if (tp.topic, tp.partition) not in held_back
            }
        return await super()._getmany(active_partitions, timeout)

    async def perform_seek(self) -> None:
        """Seek to the committed offsets, and tell where consumption goes on."""
        await super().perform_seek()
        logs = self.app.tables.changelog_topics
        mine = {tp for tp in self.assignment() if tp.topic not in logs}
        places = {tp: self._read_offset.get(tp) for tp in mine}
        # aiokafka seeks to what is committed, and where nothing is, goes on after whatever it has
        # handed over since the assignment, which Faust drops.
        await self.seek_wait({tp: at or 0 for tp, at in places.items()})
        await self.app.sought(places)

    async def commit_exactly(self, offsets: Mapping[TP, int]) -> bool:
        """Commit these offsets and no others; False if the group has moved on.

        Faust's own commit is not used: it may pass an unacknowledged head (upstream issue 606)
        and commits offsets whose changelog is not durable yet (`flush` gives up after 0.1 s).
        """
        mine = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        return bool(mine) and bool(await self._commit(mine))

    async def leave(self) -> None:
        """Leave the group at once, so that others need not wait for the session to end."""
        await self._thread.call_thread(self._thread._consumer.stop)  # noqa: SLF001


def _fuse(tp: TP, run: list[Any], generation: int) -> ConsumerMessage:
    last = run[-1]
    return ConsumerMessage(
        last.topic,
        last.partition,
        last.offset,
        last.timestamp / 1000,
        last.timestamp_type,
        last.headers,
        None,
        run,
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )


class Transport(driver.Transport):
    """The driver with our consumer."""

    Consumer = FusedConsumer


class BulkRecovery(Recovery):
    """Restores the state in bulk, then seeks, then lets records flow.

    The original resumes partitions before it has sought the committed offsets, and resumes flow
    control, which clears the queues, after records may have come in: of six runs with two workers
    three skipped records. It also reads changelogs record by record and logs what a store raises.
    """

    def need_recovery(self) -> bool:
        """Nothing is left for Faust to read."""
        return False

    async def _seek_offsets(self, *_: Any) -> None:  # noqa: ANN401
        """Changelogs are read elsewhere; their positions here play no part."""

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Restore what was assigned, then seek, then resume: in this order."""
        app = self.app
        consumer = app.consumer
        await app.on_rebalance_complete.send()
        self._set_recovery_ended()
        assignment = {tp for tp in consumer.assignment() if not self._is_changelog_tp(tp)}
        await self._wait(app.restore(sorted({tp.partition for tp in assignment})))
        if app.consumer_generation_id != generation_id:
            return
        if assignment:
            await self._wait(consumer.perform_seek(), timeout=app.conf.broker_request_timeout)
        self.completed.set()
        app.flow_control.resume()
        consumer.resume_partitions(assignment)
        consumer.resume_flow()
        await app._fetcher.maybe_start()  # noqa: SLF001 - as the original does
        self.tables.on_actives_ready()
        self.tables.on_standbys_ready()
        app.on_rebalance_end()
        app.resumed()


class BulkTables(TableManager):
    """Faust's tables with our recovery."""

    _recovery: BulkRecovery | None

    @property
    def recovery(self) -> BulkRecovery:
        """The service that restores the state."""
        if self._recovery is None:
            self._recovery = BulkRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    async def on_start(self) -> None:
        """Begin at once: the original sleeps for a second first."""
        await self._update_channels()
        await self.recovery.start()
