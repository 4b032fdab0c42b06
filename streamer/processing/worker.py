"""The worker: which partitions it owns, and the flow from runs of records to exports.

Records are applied as they come; refreshing and exporting, and checkpointing, go on beside it at
their own pace. Any exception that nothing expects ends the process, with nothing acknowledged:
what was not checkpointed is read again.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiokafka.errors import KafkaError

from streamer.errors import GapError, KafkaUnavailable
from streamer.processing.app import App
from streamer.processing.changelogs import read_changelogs
from streamer.processing.checkpoint import Checkpoint
from streamer.processing.export import Exporter, Metrics
from streamer.processing.fence import Fence
from streamer.processing.owned import Owned, SetAside
from streamer.settings import Settings
from streamer.state import TABLES, Epoch, Partition, Table
from streamer.transport.topics import TOUCHPOINTS, changelog

logger = logging.getLogger(__name__)

# Runs handed over and not yet applied: enough to keep the applying busy while more is fetched.
_RUNS_AHEAD: Final = 4
_MINUTE: Final = 60
# Exporting may take this share of the time when there is much to export.
_EXPORT_SHARE: Final = 4
_LONGEST_REFRESH: Final = 1.0

PartitionFactory = Callable[[], Partition]


class Worker:
    """The partitions of this process, and what is done with them."""

    def __init__(  # noqa: PLR0913 - its parts, all named where it is built
        self,
        *,
        app: App,
        settings: Settings,
        options: Mapping[str, Any],
        exporter: Exporter,
        metrics: Metrics,
        checkpoint: Checkpoint,
        fence: Fence,
        quarantine: frozenset[tuple[int, int]],
        new_partition: PartitionFactory,
        fail: Callable[[BaseException], None],
    ) -> None:
        self._app = app
        self._settings = settings
        self._options = options
        self._exporter = exporter
        self._metrics = metrics
        self._checkpoint = checkpoint
        self._fence = fence
        self._quarantine = quarantine
        self._new_partition = new_partition
        self._fail = fail
        self._owned: dict[int, Owned] = {}
        self._incomplete: set[int] = set()
        # By partition, the campaigns that are exposed.
        self._shown: dict[int, set[str]] = {}
        self._runs = 0
        self._room = asyncio.Event()
        self._room.set()
        self._restoration = 0
        self._silent = False
        self._stopping = False

    # What the application tells and asks.

    async def room_for_runs(self) -> None:
        """Wait until the agent has caught up with what was handed to it."""
        while self._runs >= _RUNS_AHEAD:
            self._room.clear()
            await self._room.wait()

    def run_delivered(self) -> None:
        """A run is on its way to the agent."""
        self._runs += 1

    def ready(self) -> bool:
        """Whether all that was assigned is recovered, and this worker speaks for it."""
        tables = self._app.tables
        return bool(tables.actives_ready) and not self._app.rebalancing and self._fence.holds()

    async def restore(self, partitions: Sequence[int]) -> None:
        """Build the state of these partitions from the changelogs; all others are given up.

        Another rebalance may begin meanwhile: what it restores is never touched by this one.
        """
        self._restoration += 1
        mine = self._restoration
        self._fence.heard(self._fence.now())
        started = time.monotonic()
        self._forget_runs()
        # What went to another worker is no longer shown; what stayed keeps its last numbers.
        self._shown = {n: names for n, names in self._shown.items() if n in partitions}
        self._exporter.retain(set[str]().union(*self._shown.values()))
        for owned in self._owned.values():
            owned.live, owned.given_up = False, True
        self._owned = {}
        # What an older checkpoint still writes or commits must be there before it is looked for.
        await self._checkpoint.settled()
        tables: dict[str, Table] = {changelog(table): table for table in TABLES}
        # What stands under a key is one writer's, and grew: only the last of it is joined.
        found: dict[int, dict[tuple[Table, bytes], bytes | None]] = {n: {} for n in partitions}

        def take(topic: str, partition: int, key: bytes, value: bytes | None) -> None:
            found[partition][tables[topic], key] = value

        try:
            records = await read_changelogs(self._options, list(tables), partitions, take)
            for number in partitions:
                if mine != self._restoration:
                    return
                state = self._restored(found.pop(number))
                self._owned[number] = Owned(number, state, self._metrics)
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            raise
        except KafkaError as error:
            self._fail(KafkaUnavailable(f"Kafka went away while the state was read ({error})."))
        except Exception as error:  # noqa: BLE001 - Faust would only log it
            self._fail(error)
        seconds = time.monotonic() - started
        self._metrics.recovery(seconds, records)
        logger.info("recovered %d partitions in %.2f s", len(partitions), seconds)

    def _restored(self, records: Mapping[tuple[Table, bytes], bytes | None]) -> Partition:
        state = self._new_partition()
        for (table, key), value in records.items():
            state.restore(table, key, value)
        state.restored()
        state.epoch = Epoch(state.found_epoch + 1, secrets.randbits(32))
        return state

    async def sought(self, offsets: Mapping[Any, int | None]) -> None:
        """Consumption goes on at these offsets; None: at the beginning of the partition."""
        for tp, offset in offsets.items():
            owned = self._owned.get(tp.partition) if tp.topic == TOUCHPOINTS else None
            if owned is None:
                continue
            first = (await self._app.consumer.earliest_offsets(tp))[tp]
            end = (await self._app.consumer.highwaters(tp))[tp]
            if not first <= (offset or 0) <= end:
                self._fail(_missing(owned.number, offset, first, end))
            owned.sought(offset or 0)

    def resumed(self) -> None:
        """Records flow again: show everything that is owned, and nothing else."""
        for owned in self._owned.values():
            owned.live = True
        self._incomplete = set(self._owned)
        self._exporter.retain(self._campaigns(set(self._owned)))
        self._export(everything=True)
        logger.info("ready with partitions %s", sorted(self._owned))

    async def revoked(self, _partitions: Any) -> None:  # noqa: ANN401 - faust's signal
        """Partitions are about to go: store what is known, then apply no more."""
        self._forget_runs()
        live = [owned for owned in self._owned.values() if owned.live]
        for owned in live:
            owned.live = False
        if self._fence.holds():
            await self._checkpoint.write(live)

    # What is done with records.

    async def take(self, message: Any) -> None:  # noqa: ANN401 - faust's Message
        """Apply one run of records."""
        try:
            await self._apply(message)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - the agent would lose the run and go on
            owned = self._owned.get(message.partition)
            if owned is not None:
                error.add_note(
                    f"It was met at {message.topic} {owned.number}:{owned.next_offset}; `streamer "
                    f"worker --quarantine {owned.number}:{owned.next_offset}` sets that aside."
                )
            self._fail(error)
        finally:
            self._runs = max(self._runs - 1, 0)
            self._room.set()

    async def _apply(self, message: Any) -> None:  # noqa: ANN401
        owned = self._owned.get(message.partition)
        if owned is None or not owned.live:
            return
        if message.generation_id != self._app.consumer_generation_id:
            return
        run = message.value
        owned.check(run, message.topic)
        set_aside: list[SetAside] = []
        for _ in owned.apply(run, self._is_quarantined(owned.number), set_aside):
            if set_aside:
                await self._checkpoint.set_aside(owned, set_aside)
                set_aside.clear()
            await asyncio.sleep(0)
            if not self._goes_on(owned):
                break
        if set_aside:
            await self._checkpoint.set_aside(owned, set_aside)
        end = self._app.consumer.highwater(message.tp)
        self._metrics.lag(owned.number, max((end or 0) - (owned.next_offset or 0), 0))

    def _goes_on(self, owned: Owned) -> bool:
        """Whether the partition is still ours, which may end whenever others have a turn."""
        return owned.live

    def _is_quarantined(self, partition: int) -> Callable[[int], bool]:
        offsets = {offset for number, offset in self._quarantine if number == partition}
        return offsets.__contains__

    # What goes on beside it.

    async def export_forever(self) -> None:
        """Refresh and export what changed, and everything at each minute of the clock."""
        minute = int(time.time()) // _MINUTE
        while not self._stopping:
            started = time.monotonic()
            now_minute = int(time.time()) // _MINUTE
            if self._fence.holds():
                self._export(everything=now_minute != minute or self._silent)
                minute = now_minute
                if self._silent:
                    self._silent = False
                    self._metrics.withheld(withheld=False)
            elif not self._silent:
                # Another worker may speak for these campaigns by now.
                self._silent = True
                self._exporter.retain(())
                self._metrics.withheld(withheld=True)
                logger.warning("no answer from Kafka for a session: numbers are withheld")
            took = time.monotonic() - started
            pause = max(self._settings.refresh_seconds, _EXPORT_SHARE * took)
            to_minute = _MINUTE - time.time() % _MINUTE
            await asyncio.sleep(min(pause, _LONGEST_REFRESH, to_minute + 0.001))

    async def checkpoint_forever(self) -> None:
        """Checkpoint at intervals."""
        while not self._stopping:
            await asyncio.sleep(self._settings.checkpoint_seconds)
            if self._fence.holds():
                await self._checkpoint.write([o for o in self._owned.values() if o.live])

    async def finish(self) -> None:
        """The last checkpoint and the last export."""
        self._stopping = True
        live = [owned for owned in self._owned.values() if owned.live]
        for owned in live:
            owned.live = False
        if self._fence.holds():
            await self._checkpoint.write(live)
            for owned in live:
                self._export_partition(owned, int(time.time()), everything=False)

    def _export(self, *, everything: bool) -> None:
        for owned in self._owned.values():
            if not owned.live:
                continue
            try:
                self._export_partition(owned, int(time.time()), everything=everything)
            except Exception as error:
                error.add_note(
                    f"It was met when the numbers of partition {owned.number} were brought up to "
                    f"date, after {TOUCHPOINTS} {owned.number}:{owned.exported} and before "
                    f"{owned.number}:{owned.next_offset}."
                )
                raise

    def _export_partition(self, owned: Owned, now: int, *, everything: bool) -> None:
        state, epoch = owned.state, owned.state.epoch
        changed = state.refresh()
        owned.exported = owned.next_offset
        self._shown[owned.number] = set(state.campaigns())
        if everything:
            changed = set(state.campaigns())
        for campaign in changed:
            snapshot = state.snapshot(campaign, now)
            self._exporter.publish(owned.number, epoch, owned.next_offset or 0, snapshot)
            arrived = owned.arrivals.pop(campaign, None)
            if arrived is not None:
                self._metrics.latency(max(time.time() - arrived, 0.0))
            for source, _, _, last in snapshot.sources:
                self._metrics.last_event(source, last)
        hours = state.hours_changed()
        if hours:
            self._exporter.hours(owned.number, epoch, hours)
        if owned.number in self._incomplete:
            self._incomplete.discard(owned.number)
            self._exporter.complete(owned.number, epoch)

    def _campaigns(self, partitions: set[int]) -> set[str]:
        owned = (o for number, o in self._owned.items() if number in partitions)
        return {campaign for one in owned for campaign in one.state.campaigns()}

    def _forget_runs(self) -> None:
        """Runs on their way to the agent were cleared with its queue."""
        self._runs = 0
        self._room.set()


def _missing(partition: int, offset: int | None, first: int, end: int) -> GapError:
    committed = "nothing is committed" if offset is None else f"{offset} is committed"
    return GapError(
        f"Records of {TOUCHPOINTS}-{partition} are missing: {committed}, and the topic holds "
        f"{first} up to and without {end}. Nothing was applied. Records were deleted, or the topic "
        "was made anew: restore it, see `streamer doctor`."
    )
