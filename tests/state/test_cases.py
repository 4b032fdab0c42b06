"""The cases worked by hand where rules meet hold for the state as well."""

import pytest

from streamer.events import parse_time
from streamer.state import Epoch, Partition
from tests.numbers import numbers_of
from tests.recount import cases_attribution, cases_values
from tests.recount.cases import NOW, says
from tests.state.stored import apply

CASES = (*cases_attribution.CASES, *cases_values.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_state_says_what_was_worked_out_by_hand(case: object) -> None:
    assert callable(case)
    events, expected = case()
    partition = Partition(Epoch(1, 1))
    apply(partition, events)
    partition.refresh()
    now = parse_time(NOW)
    assert now is not None
    result = numbers_of(partition.snapshot("c", now // 1_000_000))
    # The cases leave out rows that say nothing.
    result["kpis"] = [row for row in result["kpis"] if row["value"] is not None or row["numerator"]]
    found = {name: says(result, name) for name in expected if name not in ("rejected", "unknown")}
    assert found == {name: value for name, value in expected.items() if name in found}
