"""Every worked case holds, in any order, with repetitions, however it is cut."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from streamer.events import parse_time
from streamer.state import Epoch, Partition
from tests.numbers import numbers_of
from tests.recount.recount import compare
from tests.state.stored import apply

CASES = sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(5))
def test_every_number_of_a_worked_case_holds(path: Path, seed: int) -> None:
    case: dict[str, Any] = json.loads(path.read_text())
    chance = Random(seed)
    events = case["events"] * (1 + seed % 2)
    chance.shuffle(events)
    partition = Partition(Epoch(1, 1))
    while events:
        cut = chance.randint(1, len(events))
        apply(partition, events[:cut])
        partition.refresh()
        events = events[cut:]
    now = parse_time(case["now"])
    assert now is not None
    assert compare(case, numbers_of(partition.snapshot("c", now // 1_000_000))) == []
