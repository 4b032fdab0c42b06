"""A changelog in memory, with the crashes that a real one sees."""

import json
from random import Random

from streamer.events import decode_record
from streamer.state import Epoch, Partition, TableRecord


class Stored:
    """What a sequence of writers left of a partition, by table and key."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._values: dict[tuple[str, bytes], bytes] = {}

    def __len__(self) -> int:
        return len(self._values)

    def write(self, records: list[TableRecord]) -> None:
        """All records arrived."""
        for record in records:
            if record.value is None:
                self._values.pop((record.table, record.key), None)
            else:
                self._values[record.table, record.key] = record.value

    def write_some(self, records: list[TableRecord]) -> None:
        """A crash: any of the records arrived."""
        self.write([record for record in records if self._chance.random() < 0.5])

    def with_first(self, records: list[TableRecord], count: int) -> "Stored":
        """What would be left had only the first so many of these records arrived."""
        other = Stored(self._chance)
        other._values = dict(self._values)
        other.write(records[:count])
        return other

    def recover(self, page_rows: int) -> Partition:
        """A new writer's partition, from the records in any order."""
        partition = Partition(Epoch(0, 0), page_rows)
        found = list(self._values.items())
        self._chance.shuffle(found)
        for (table, key), value in found:
            partition.restore(table, key, value)  # type: ignore[arg-type]
        partition.restored()
        partition.epoch = Epoch(partition.found_epoch + 1, self._chance.getrandbits(32))
        return partition


def apply(partition: Partition, events: list[object], campaign: str = "c") -> None:
    """Apply events as one record, in which JSON's escapes let even lone surrogates through."""
    partition.apply(decode_record(campaign.encode(), json.dumps(events).encode()))
