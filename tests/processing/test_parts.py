"""The engine's parts that need no Kafka: the fence, the contiguity check, what is set aside."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from streamer.errors import GapError
from streamer.processing.fence import Fence
from streamer.processing.letters import SetAside
from streamer.processing.owned import Owned
from streamer.state import Epoch, Partition
from streamer.transport.people import partition_of

SENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/s",
    "type": "email.sent",
    "time": "2026-03-02T10:00:00Z",
    "campaign": "c",
    "message": "m",
}


PARTITIONS = 8


class Counted:
    """Metrics that a test reads."""

    def __init__(self) -> None:
        self.read: dict[str, int] = {}

    def events(self, outcome: str, count: int) -> None:
        self.read[outcome] = self.read.get(outcome, 0) + count


def record(offset: int, value: object, key: bytes | None = b"c") -> Any:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return SimpleNamespace(offset=offset, key=key, value=raw, timestamp=1_772_445_600_000)


def owned(metrics: Any = None) -> Owned:
    read: Any = metrics or Counted()
    one = Owned(0, Partition(Epoch(1, 1)), read, partitions=1)
    one.sought(5)
    return one


def applied(
    one: Owned, run: list[Any], quarantined: frozenset[int] = frozenset()
) -> list[SetAside]:
    aside: list[SetAside] = []
    for _ in one.apply(run, quarantined.__contains__, aside):
        pass
    return aside


@pytest.mark.parametrize("offsets", [[6], [4, 5], [5, 7], [5, 6, 8], [5, 5], []])
def test_a_run_that_does_not_follow_is_refused(offsets: list[int]) -> None:
    run = [record(offset, [SENT]) for offset in offsets]
    if run:
        with pytest.raises(GapError, match="are missing"):
            owned().check(run)


def test_a_run_that_follows_is_applied_and_moves_the_place() -> None:
    one = owned()
    run = [record(5, [SENT]), record(6, [SENT])]
    one.check(run)
    assert applied(one, run) == []
    assert one.next_offset == 7


def test_every_event_read_has_one_outcome() -> None:
    metrics = Counted()
    one = owned(metrics)
    run = [
        record(5, [SENT, SENT, {**SENT, "type": "fax.sent"}, {**SENT, "id": ""}]),
        record(6, b"{"),
        record(7, [SENT], key=None),
        record(8, [{**SENT, "campaign": "d"}]),
    ]
    aside = applied(one, run)
    assert metrics.read == {"applied": 1, "repeated": 1, "unknown": 1, "rejected": 4}
    assert [(item.record.offset, item.position) for item in aside] == [
        (5, 3),
        (6, None),
        (7, None),
        (8, 0),
    ]
    assert all(item.reason for item in aside)


def test_a_record_on_a_partition_that_is_not_its_keys_is_set_aside() -> None:
    key = b"c"
    home = partition_of(key, PARTITIONS)
    for number in range(PARTITIONS):
        metrics: Any = Counted()
        one = Owned(number, Partition(Epoch(1, 1)), metrics, partitions=PARTITIONS)
        one.sought(5)
        aside = applied(one, [record(5, [SENT], key), record(6, [SENT], key)])
        if number == home:
            assert aside == []
        else:
            assert [item.record.offset for item in aside] == [5, 6]
            assert f"its key belongs to partition {home}" in aside[0].reason
            assert list(one.state.campaigns()) == []


def test_a_repetition_is_no_arrival() -> None:
    one = owned()
    applied(one, [record(5, [SENT])])
    assert one.arrivals.pop("c") == 1_772_445_600
    applied(one, [record(6, [SENT])])
    assert one.arrivals == {}


def test_a_quarantined_record_marks_its_campaign() -> None:
    one = owned()
    applied(one, [record(5, [SENT]), record(6, [{**SENT, "message": "n"}])], frozenset({6}))
    one.state.refresh()
    snapshot = one.state.snapshot("c", 1_772_445_660)
    assert snapshot.incomplete
    assert ("email", "sent", "campaign", 1) in snapshot.milestones


def test_a_quarantined_record_without_a_key_marks_every_campaign() -> None:
    one = owned()
    applied(one, [record(5, [SENT]), record(6, b"?", key=b"\xff")], frozenset({6}))
    assert one.state.snapshot("c", 1_772_445_660).incomplete


def test_the_fence_holds_for_one_session_after_the_last_answer() -> None:
    now = [100.0]
    fence = Fence(6.0, lambda: now[0])
    now[0] = 105.9
    assert fence.holds()
    now[0] = 106.0
    assert not fence.holds()
    fence.heard(fence.now())
    assert fence.holds()


def test_an_answer_that_was_read_late_is_no_news() -> None:
    now = [100.0]
    fence = Fence(6.0, lambda: now[0])
    asked = fence.now()
    # The worker sleeps beyond its session; the old answer is in its buffers when it wakes.
    now[0] = 110.0
    fence.heard(asked)
    assert not fence.holds()
