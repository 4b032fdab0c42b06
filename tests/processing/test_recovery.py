"""The order of a recovery: restored, then sought, and only then do records flow."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from faust.types.tuples import TP

from streamer.processing.engine_fixes import BulkRecovery

PLACE = TP("touchpoints", 3)
GENERATION = 5
FLOWS = ("flow_control.resume", "consumer.resume_partitions", "consumer.resume_flow")


class Told:
    """Writes down which of its parts was called, in order; every call can be awaited."""

    def __init__(self, calls: list[str], path: str = "", **parts: object) -> None:
        self._calls = calls
        self._path = path
        self.__dict__.update(parts)

    def __getattr__(self, name: str) -> "Told":
        return Told(self._calls, f"{self._path}.{name}".removeprefix("."))

    def __call__(self, *_: object, **__: object) -> Any:
        self._calls.append(self._path)
        return Done()


class Done:
    """Can be awaited, and need not be."""

    def __await__(self) -> Iterator[None]:
        return iter(())


async def recover(generation_meanwhile: int = GENERATION) -> list[str]:
    """What a recovery calls, when the group is in that generation after the state was restored."""
    calls: list[str] = []
    consumer = Told(calls, "consumer", assignment=lambda: {PLACE})
    app = Told(
        calls,
        consumer=consumer,
        consumer_generation_id=generation_meanwhile,
        conf=SimpleNamespace(broker_request_timeout=1.0),
    )

    async def wait(awaitable: Any, timeout: float | None = None) -> None:  # noqa: ASYNC109
        del timeout
        await awaitable

    recovery: Any = Told(
        calls, app=app, _wait=wait, _is_changelog_tp=lambda tp: tp.topic != PLACE.topic
    )
    await BulkRecovery.on_recovery_completed(recovery, GENERATION)
    return calls


async def test_nothing_flows_before_the_state_is_restored_and_the_place_sought() -> None:
    calls = await recover()
    assert calls.index("restore") < calls.index("consumer.perform_seek")
    assert all(calls.index("consumer.perform_seek") < calls.index(flow) for flow in FLOWS)
    assert calls[-1] == "resumed"


async def test_nothing_flows_into_a_state_that_was_overtaken() -> None:
    calls = await recover(GENERATION + 1)
    assert "restore" in calls
    assert not {"consumer.perform_seek", "resumed", *FLOWS} & set(calls)
