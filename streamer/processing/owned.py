"""One partition of campaigns that this worker owns: its state, its place, what waits for export."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from streamer.errors import UnreadableRecord
from streamer.events import Batch, Rejected, decode_record
from streamer.processing.export import Metrics
from streamer.processing.letters import SetAside
from streamer.processing.place import Place
from streamer.state import Partition
from streamer.transport.people import partition_of
from streamer.transport.topics import TOUCHPOINTS

# After so many records the loop gets a turn, whatever they hold.
_BREATH_RECORDS: Final = 64
_BREATH_BYTES: Final = 512 * 1024


class Owned(Place):
    """A partition's state and where it stands.

    `live`: records may be applied. `given_up`: the partition was assigned anew, to this worker or
    another, and this is no longer its state. `exported` is what was last brought up to date; `lag`,
    how many records waited in the topic when one was last applied.
    `arrivals` holds for each campaign that waits for export when the earliest of its records
    arrived in Kafka, seconds since 1970.
    """

    def __init__(
        self, number: int, partition: Partition, metrics: Metrics, *, partitions: int
    ) -> None:
        super().__init__(TOUCHPOINTS, number, stored=partition.found_epoch > 0)
        self.state = partition
        self.live = False
        self.given_up = False
        self.exported: int | None = None
        self.lag = 0
        self.arrivals: dict[str, float] = {}
        self._metrics = metrics
        self._partitions = partitions
        self._at_home: set[bytes] = set()

    def apply(
        self, run: list[Any], is_quarantined: Callable[[int], bool], set_aside: list[SetAside]
    ) -> Iterator[None]:
        """Apply a run that was checked; yields now and then, so that the loop can breathe."""
        weight = 0
        for count, record in enumerate(run, 1):
            if is_quarantined(record.offset):
                self._quarantine(record, set_aside)
            else:
                self._take(record, set_aside)
            self.next_offset = record.offset + 1
            weight += len(record.value or b"")
            if weight > _BREATH_BYTES or not count % _BREATH_RECORDS:
                weight = 0
                yield

    def _take(self, record: Any, set_aside: list[SetAside]) -> None:  # noqa: ANN401 - aiokafka's
        try:
            self._check_home(record.key)
            batch = decode_record(record.key, record.value)
        except UnreadableRecord as error:
            set_aside.append(SetAside(record, None, str(error), None))
            self._metrics.events("rejected", 1)
            return
        counts = self.state.apply(batch)
        if counts.applied:
            self.arrivals.setdefault(batch.campaign, record.timestamp / 1000)
        self._count(batch, counts.applied, counts.repeated)
        set_aside += [
            SetAside(record, event.position, _reason(event), event.raw) for event in batch.rejected
        ]

    def _check_home(self, key: bytes | None) -> None:
        """Raise UnreadableRecord if a campaign's records stand on another partition.

        Taken, they would make a second state of it, whose numbers replace those of the whole.
        """
        if not key or key in self._at_home:
            return
        home = partition_of(key, self._partitions)
        if home != self.number:
            raise UnreadableRecord(
                f"its key belongs to partition {home}: its producer must choose partitions as "
                "Kafka's own clients do, by murmur2"
            )
        self._at_home.add(key)

    def _count(self, batch: Batch, applied: int, repeated: int) -> None:
        if applied:
            self._metrics.events("applied", applied)
        if repeated:
            self._metrics.events("repeated", repeated)
        if batch.unknown:
            self._metrics.events("unknown", batch.unknown)
        if batch.rejected:
            self._metrics.events("rejected", len(batch.rejected))

    def _quarantine(self, record: Any, set_aside: list[SetAside]) -> None:  # noqa: ANN401
        """Set a record aside unread, and mark the campaigns whose numbers now lack it."""
        set_aside.append(SetAside(record, None, "set aside by the operator", None))
        self._metrics.events("rejected", 1)
        try:
            campaigns = [record.key.decode()]
        except (AttributeError, UnicodeDecodeError):
            campaigns = list(self.state.campaigns())
        for campaign in campaigns:
            self.state.mark_incomplete(campaign)
            self.arrivals.setdefault(campaign, record.timestamp / 1000)


def _reason(event: Rejected) -> str:
    return "; ".join(map(str, event.problems))
