"""Ids that grow with time."""

import uuid

from streamer.ingest.uuid7 import Uuid7


def test_ids_grow_whatever_the_clock_does() -> None:
    clock = iter([1_700_000_000_000_000_000] * 500 + [1_600_000_000_000_000_000] * 500)
    next_id = Uuid7(lambda: next(clock))
    ids = [next_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


def test_an_id_is_of_version_7_and_tells_its_millisecond() -> None:
    found = uuid.UUID(Uuid7(lambda: 1_700_000_000_123_456_789)())
    assert (found.variant, found.version) == (uuid.RFC_4122, 7)
    assert found.int >> 80 == 1_700_000_000_123
