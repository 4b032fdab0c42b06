"""The worker: which partitions it owns, and the flow of records to what is done with them.

Any exception that nothing expects ends the process, with nothing acknowledged: what was not stored
is read again.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aiokafka.errors import KafkaError

from streamer.errors import GapError, KafkaUnavailable
from streamer.processing.app import App
from streamer.processing.export import Metrics
from streamer.processing.fence import Fence
from streamer.processing.place import Place
from streamer.processing.work import Work

logger = logging.getLogger(__name__)

# Runs handed over and not yet applied: enough to keep the applying busy while more is fetched.
_RUNS_AHEAD: Final = 4


class Worker:
    """The partitions of this process, and the work that is done with them."""

    def __init__(
        self,
        *,
        app: App,
        works: Sequence[Work],
        metrics: Metrics,
        fence: Fence,
        fail: Callable[[BaseException], None],
    ) -> None:
        self._app = app
        self._works = works
        self._metrics = metrics
        self._fence = fence
        self._fail = fail
        self._work_of = {topic: work for work in works for topic in work.topics}
        self._runs = 0
        self._room = asyncio.Event()
        self._room.set()
        self._restoration = 0

    # What the application tells and asks.

    async def room_for_runs(self) -> None:
        """Wait until the agents have caught up with what was handed to them."""
        while self._runs >= _RUNS_AHEAD:
            self._room.clear()
            await self._room.wait()

    def run_delivered(self) -> None:
        """A run is on its way to an agent."""
        self._runs += 1

    def held_back(self) -> set[tuple[str, int]]:
        """Partitions of which nothing is to be read for now."""
        return {place for work in self._works for place in work.held_back()}

    def ready(self) -> bool:
        """Whether all that was assigned is recovered, and this worker speaks for it."""
        tables = self._app.tables
        return bool(tables.actives_ready) and not self._app.rebalancing and self._fence.holds()

    async def restore(self, partitions: Sequence[int]) -> None:
        """Build the state of these partitions; all others are given up.

        Another rebalance may begin meanwhile: what it restores is never touched by this one.
        """
        self._restoration += 1
        mine = self._restoration
        self._fence.heard(self._fence.now())
        started = time.monotonic()
        self._forget_runs()
        records = 0
        try:
            for found in await asyncio.gather(
                *(
                    work.restore(partitions, lambda: mine == self._restoration)
                    for work in self._works
                )
            ):
                records += found
        except asyncio.CancelledError:
            raise
        except KafkaError as error:
            self._fail(KafkaUnavailable(f"Kafka went away while the state was read ({error})."))
        except Exception as error:  # noqa: BLE001 - Faust would only log it
            self._fail(error)
        seconds = time.monotonic() - started
        self._metrics.recovery(seconds, records)
        logger.info("recovered %d partitions in %.2f s", len(partitions), seconds)

    async def sought(self, offsets: Mapping[Any, int | None]) -> None:
        """Consumption goes on at these offsets; None: at the beginning of the partition."""
        # Each question waits for a fetch under way: one for all of them.
        firsts = await self._app.consumer.earliest_offsets(*offsets)
        ends = await self._app.consumer.highwaters(*offsets)
        for tp, offset in offsets.items():
            place = self._place(tp.topic, tp.partition)
            if place is None:
                continue
            if not firsts[tp] <= (offset or 0) <= ends[tp]:
                self._fail(_missing(place, offset, firsts[tp], ends[tp]))
            place.sought(offset or 0)

    def resumed(self) -> None:
        """Records flow again."""
        for work in self._works:
            work.resumed()

    async def revoked(self, _partitions: Any) -> None:  # noqa: ANN401 - faust's signal
        """Partitions are about to go: store what is known, then apply no more."""
        self._forget_runs()
        await asyncio.gather(*(work.revoked() for work in self._works))

    # What is done with records.

    async def take(self, message: Any) -> None:  # noqa: ANN401 - faust's Message
        """Apply one run of records."""
        place = self._place(message.topic, message.partition)
        try:
            if place is not None and message.generation_id == self._app.consumer_generation_id:
                end = self._app.consumer.highwater(message.tp) or 0
                await self._work_of[message.topic].apply(place, message.value, end)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - the agent would lose the run and go on
            if place is not None:
                where = f"{place.topic}:{place.number}:{place.next_offset}"
                error.add_note(
                    f"It was met at {where}; --quarantine {where} sets that record aside."
                )
            self._fail(error)
        finally:
            self._runs = max(self._runs - 1, 0)
            self._room.set()

    async def finish(self) -> None:
        """The process ends: store what is known."""
        await asyncio.gather(*(work.finish() for work in self._works))

    def _place(self, topic: str, number: int) -> Place | None:
        work = self._work_of.get(topic)
        return work.place(topic, number) if work else None

    def _forget_runs(self) -> None:
        """Runs on their way to the agents were cleared with their queues."""
        self._runs = 0
        self._room.set()


def _missing(place: Place, offset: int | None, first: int, end: int) -> GapError:
    committed = "nothing is committed" if offset is None else f"{offset} is committed"
    return GapError(
        f"Records of {place.topic}-{place.number} are missing: {committed}, and the topic holds "
        f"{first} up to and without {end}. Nothing was applied. Records were deleted, or the topic "
        "was made anew: restore it, see `streamer doctor`."
    )
