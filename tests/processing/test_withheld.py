"""A worker that Kafka does not answer says that it withholds its numbers, until it is answered."""

import asyncio
from typing import Any
from unittest.mock import Mock

from streamer.processing.counting import Counting
from streamer.settings import Settings


async def test_it_tells_when_it_begins_to_withhold_and_when_it_ends() -> None:
    fence, metrics = Mock(), Mock()
    counting = Counting(
        settings=Settings.from_environment({}, refresh_seconds=0.01),
        options={},
        exporter=Mock(),
        metrics=metrics,
        checkpoint=Mock(),
        letters=Mock(),
        fence=fence,
        quarantine=frozenset(),
        new_partition=Mock(),
    )
    told: list[Any] = metrics.withheld.call_args_list
    fence.holds.return_value = True
    refreshing, checkpointing = counting.beside()
    checkpointing.close()
    exporting = asyncio.create_task(refreshing)
    try:
        for holds, count in ((True, 0), (False, 1), (True, 2)):
            fence.holds.return_value = holds
            await asyncio.sleep(0.1)
            assert len(told) == count
        assert [call.kwargs["withheld"] for call in told] == [True, False]
    finally:
        exporting.cancel()
