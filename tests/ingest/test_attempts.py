"""Wrong attempts are bounded by address, and forgotten after a while."""

import pytest

from streamer.ingest import attempts
from streamer.ingest.attempts import ALLOWED, PERIOD_SECONDS, Attempts, TooManyAttempts


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def exhausted(address: str) -> tuple[Attempts, Clock]:
    clock = Clock()
    bound = Attempts(clock)
    for _ in range(ALLOWED):
        bound.admit(address)
        bound.failed(address)
    return bound, clock


def test_after_so_many_wrong_attempts_none_is_tried() -> None:
    bound, _ = exhausted("192.0.2.1")
    with pytest.raises(TooManyAttempts) as refused:
        bound.admit("192.0.2.1")
    assert refused.value.status == 429
    assert refused.value.seconds == PERIOD_SECONDS + 1


def test_another_address_is_not_bound() -> None:
    bound, _ = exhausted("192.0.2.1")
    bound.admit("192.0.2.2")


def test_a_whole_network_of_the_new_protocol_is_one_address() -> None:
    bound, _ = exhausted("2001:db8::1")
    with pytest.raises(TooManyAttempts):
        bound.admit("2001:db8::ffff")
    bound.admit("2001:db8:0:1::1")


def test_attempts_are_forgotten() -> None:
    bound, clock = exhausted("192.0.2.1")
    clock.now += PERIOD_SECONDS
    bound.admit("192.0.2.1")


def test_no_more_than_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_REMEMBERED", 2)
    bound, _ = exhausted("192.0.2.1")
    for number in (2, 3):
        bound.failed(f"192.0.2.{number}")
    bound.admit("192.0.2.1")
