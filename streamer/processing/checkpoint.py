"""The checkpoint: first everything that is known is stored, only then is the place committed.

The order is the promise. A record of a changelog that was not acknowledged by all replicas when
the offsets that it covers were committed would be an event lost by the next kill.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiokafka.errors import KafkaError

from streamer.errors import KafkaUnavailable
from streamer.processing.export import Metrics
from streamer.processing.letters import Letters, Producer
from streamer.processing.owned import Owned
from streamer.processing.place import Commit, commit_places
from streamer.state import TableRecord
from streamer.transport.topics import changelog

# Which generation of the group this worker is a member of.
Generation = Callable[[], int]


class Checkpoint:
    """Stores the state of partitions and commits what it covers."""

    def __init__(
        self,
        producer: Producer,
        commit: Commit,
        generation: Generation,
        letters: Letters,
        metrics: Metrics,
    ) -> None:
        self._producer = producer
        self._commit = commit
        self._generation = generation
        self._letters = letters
        self._metrics = metrics
        self._lock = asyncio.Lock()

    async def write(self, partitions: Sequence[Owned]) -> None:
        """Store and commit; raises, with nothing committed, if anything is not acknowledged."""
        async with self._lock:
            started = time.monotonic()
            generation = self._generation()
            # From here to the first await is one moment: the records cover these offsets.
            written = [(o, o.state.checkpoint()) for o in partitions]
            offsets = {o.number: o.next_offset for o, _ in written if o.next_offset is not None}
            letters = [f for o, _ in written for f in self._letters.unacknowledged(o)]
            try:
                sent = [await self._send(o.number, r) for o, records in written for r in records]
                await asyncio.gather(*sent, *letters)
            except KafkaError as error:
                raise KafkaUnavailable(
                    f"Kafka did not acknowledge a checkpoint ({error or type(error).__name__}). "
                    "Nothing that it covers was committed: a restart reads it again."
                ) from error
            for owned, _ in written:
                owned.state.written()
            # What was assigned anew meanwhile is read anew, from what is committed by now: nothing
            # may be committed any more that the reading of the state may not have found.
            if self._generation() == generation:
                await self._commit_covered([o for o in partitions if not o.given_up], offsets)
            if sent:
                size = sum(len(r.key) + len(r.value or b"") for _, rs in written for r in rs)
                self._metrics.checkpoint(time.monotonic() - started, size, len(sent))

    async def settled(self) -> None:
        """Return once no checkpoint is under way."""
        async with self._lock:
            pass

    async def _send(self, partition: int, record: TableRecord) -> "asyncio.Future[Any]":
        return await self._producer.send(
            changelog(record.table), record.value, record.key, partition
        )

    async def _commit_covered(
        self, partitions: Sequence[Owned], offsets: Mapping[int, int]
    ) -> None:
        await commit_places(
            self._commit, {o: offsets[o.number] for o in partitions if o.number in offsets}
        )
