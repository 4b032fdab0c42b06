"""Counting: from records of `touchpoints` to the state of campaigns, checkpoints and exports.

Records are applied as they come; refreshing and exporting, and checkpointing, go on beside it at
their own pace.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Final

from streamer.processing.checkpoint import Checkpoint
from streamer.processing.export import Exporter, Metrics
from streamer.processing.fence import Fence
from streamer.processing.letters import Letters, SetAside
from streamer.processing.owned import Owned
from streamer.processing.place import Place
from streamer.processing.recovery import recover
from streamer.settings import Settings
from streamer.state import COUNTING_TABLES, Partition
from streamer.transport.topics import TOUCHPOINTS

logger = logging.getLogger(__name__)

_MINUTE: Final = 60
# Exporting rests for so many times as long as it took: while records wait, counting goes first.
_REST: Final = 1
_REST_BEHIND: Final = 4
_BEHIND_RECORDS: Final = 1_000
_LONGEST_REFRESH: Final = 1.0

PartitionFactory = Callable[[], Partition]


class Counting:
    """The campaigns of this process's partitions."""

    topics = (TOUCHPOINTS,)

    def __init__(  # noqa: PLR0913 - its parts, all named where it is built
        self,
        *,
        settings: Settings,
        options: Mapping[str, Any],
        exporter: Exporter,
        metrics: Metrics,
        checkpoint: Checkpoint,
        letters: Letters,
        fence: Fence,
        quarantine: Collection[tuple[str, int, int]],
        new_partition: PartitionFactory,
    ) -> None:
        self._settings = settings
        self._options = options
        self._exporter = exporter
        self._metrics = metrics
        self._checkpoint = checkpoint
        self._letters = letters
        self._fence = fence
        self._quarantine = quarantine
        self._new_partition = new_partition
        self._owned: dict[int, Owned] = {}
        self._incomplete: set[int] = set()
        # By partition, the campaigns that are exposed.
        self._shown: dict[int, set[str]] = {}
        self._silent = False
        self._stopping = False

    # What the worker tells and asks.

    async def restore(self, partitions: Sequence[int], is_current: Callable[[], bool]) -> int:
        """Build the state of these partitions from the changelogs; all others are given up."""
        # What went to another worker is no longer shown; what stayed keeps its last numbers.
        self._shown = {n: names for n, names in self._shown.items() if n in partitions}
        self._exporter.retain(set[str]().union(*self._shown.values()))
        for owned in self._owned.values():
            owned.live, owned.given_up = False, True
        self._owned = {}
        # What an older checkpoint still writes or commits must be there before it is looked for.
        await self._checkpoint.settled()
        states, records = await recover(
            self._options, COUNTING_TABLES, partitions, self._new_partition, is_current
        )
        if is_current():
            count = self._settings.partitions
            self._owned = {
                n: Owned(n, state, self._metrics, partitions=count) for n, state in states.items()
            }
        return records

    def place(self, topic: str, number: int) -> Place | None:
        """A partition that is owned."""
        del topic
        return self._owned.get(number)

    def held_back(self) -> Collection[tuple[str, int]]:
        """Nothing ever is."""
        return ()

    def resumed(self) -> None:
        """Records flow again: show everything that is owned, and nothing else."""
        for owned in self._owned.values():
            owned.live = True
        self._incomplete = set(self._owned)
        self._exporter.retain(self._campaigns(set(self._owned)))
        self._export(everything=True)
        logger.info("ready with partitions %s", sorted(self._owned))

    async def revoked(self) -> None:
        """Partitions are about to go: store what is known, then apply no more."""
        await self._write_last()

    async def apply(self, place: Place, run: list[Any], end: int) -> None:
        """Apply one run of records."""
        owned = self._owned[place.number]
        if not owned.live:
            return
        owned.check(run)
        set_aside: list[SetAside] = []
        for _ in owned.apply(run, self._is_quarantined(owned.number), set_aside):
            if set_aside:
                self._letters.send(owned, set_aside)
                set_aside.clear()
            await asyncio.sleep(0)
            if not self._goes_on(owned):
                break
        if set_aside:
            self._letters.send(owned, set_aside)
        owned.lag = max(end - (owned.next_offset or 0), 0)
        self._metrics.lag(owned.number, owned.lag)

    def _goes_on(self, owned: Owned) -> bool:
        """Whether the partition is still ours, which may end whenever others have a turn."""
        return owned.live

    def _is_quarantined(self, partition: int) -> Callable[[int], bool]:
        offsets = {
            offset
            for topic, number, offset in self._quarantine
            if topic == TOUCHPOINTS and number == partition
        }
        return offsets.__contains__

    # What goes on beside it.

    def beside(self) -> Sequence[Coroutine[Any, Any, None]]:
        """Exporting and checkpointing."""
        return self._export_forever(), self._checkpoint_forever()

    async def _export_forever(self) -> None:
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
                self._exporter.withhold()
                self._metrics.withheld(withheld=True)
                logger.warning("no answer from Kafka for a session: numbers are withheld")
            took = time.monotonic() - started
            rest = _REST_BEHIND if self._is_behind() else _REST
            pause = max(self._settings.refresh_seconds, rest * took)
            to_minute = _MINUTE - time.time() % _MINUTE
            await asyncio.sleep(min(pause, _LONGEST_REFRESH, to_minute + 0.001))

    def _is_behind(self) -> bool:
        return sum(owned.lag for owned in self._owned.values()) > _BEHIND_RECORDS

    async def _checkpoint_forever(self) -> None:
        """Checkpoint at intervals."""
        while not self._stopping:
            await asyncio.sleep(self._settings.checkpoint_seconds)
            if self._fence.holds():
                await self._checkpoint.write([o for o in self._owned.values() if o.live])

    async def finish(self) -> None:
        """The last checkpoint and the last export."""
        self._stopping = True
        for owned in await self._write_last():
            self._export_partition(owned, int(time.time()), everything=False)

    async def _write_last(self) -> Sequence[Owned]:
        """Apply no more and store what is known; what was stored."""
        live = [owned for owned in self._owned.values() if owned.live]
        for owned in live:
            owned.live = False
        if not self._fence.holds():
            return ()
        await self._checkpoint.write(live)
        return live

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
