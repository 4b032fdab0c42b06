"""When a simulated vendor tries again, and when it gives up."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import httpx
import pytest

from streamer.errors import SettingsError
from streamer.simulator.attempts import Caller, squeeze
from streamer.simulator.client import GatewayClient
from streamer.simulator.vendors import Request, simulated
from tests.simulator.happened import first_minute

Respond = Callable[[httpx.Request], httpx.Response]
URL = "http://gateway.test"


class Told:
    """What became of one request."""

    def __init__(self, taken: bool, pauses: list[float], seen: list[httpx.Request]) -> None:  # noqa: FBT001
        self.taken = taken
        self.pauses = pauses
        self.seen = seen


def first_request(name: str, secret: str) -> Request:
    vendor = simulated()[name]
    happening = next(each for each in first_minute() if vendor.tells(each))
    return next(vendor.requests([happening], secret))


async def deliver(name: str, respond: Respond, patience: float = 1e9) -> Told:
    vendor = simulated()[name]
    secret, pauses, seen = vendor.secret(), list[float](), list[httpx.Request]()

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return respond(request)

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async with GatewayClient(URL, "t", transport=httpx.MockTransport(note)) as client:
        caller = Caller(vendor, secret, client, URL, patience, sleep)
        await caller.place()
        return Told((await caller.deliver(first_request(name, secret))).taken, pauses, seen)


def answers(*statuses: int) -> Respond:
    """These in turn, the last for ever; 0: no answer."""
    left: Iterator[int] = itertools.chain(statuses, itertools.repeat(statuses[-1]))

    def respond(_: httpx.Request) -> httpx.Response:
        status = next(left)
        if not status:
            raise httpx.ConnectError("refused")
        return httpx.Response(status)

    return respond


@pytest.mark.parametrize("name", sorted(simulated()))
async def test_each_tries_again_by_its_contract_while_we_are_away_and_then_gives_up(
    name: str,
) -> None:
    vendor = simulated()[name]
    told = await deliver(name, answers(vendor.vendor.retries.away))
    assert not told.taken
    assert tuple(told.pauses) == vendor.delays
    assert len(told.seen) == 1 + len(vendor.delays)


@pytest.mark.parametrize("name", sorted(simulated()))
async def test_the_last_attempt_is_as_good_as_the_first(name: str) -> None:
    vendor = simulated()[name]
    away = [0] * len(vendor.delays)
    told = await deliver(name, answers(*away, vendor.vendor.retries.taken.status))
    assert told.taken


async def test_brevo_drops_what_is_answered_by_a_server_error_of_whatever_stands_before_us() -> (
    None
):
    told = await deliver("brevo", answers(502, 200))
    assert not told.taken
    assert told.pauses == []


async def test_every_attempt_has_the_same_body() -> None:
    told = await deliver("calendly", answers(503, 0, 503, 200))
    assert len({each.content for each in told.seen}) == 1
    assert len(told.seen) == 4


async def test_a_source_that_the_gateway_does_not_know_ends_it_with_what_to_do() -> None:
    with pytest.raises(SettingsError, match="sources, see `streamer simulate --help`"):
        await deliver("aircall", answers(401))


def ratios(delays: Sequence[float]) -> list[float]:
    return [after / before for before, after in pairwise(delays)]


@pytest.mark.parametrize("name", sorted(simulated()))
def test_a_squeezed_schedule_fits_and_keeps_its_shape(name: str) -> None:
    delays = simulated()[name].delays
    squeezed = squeeze(delays, 20.0)
    assert sum(squeezed) <= 20.0 + 1e-9
    assert ratios(squeezed) == pytest.approx(ratios(delays))


def test_a_schedule_that_fits_stays_as_it_is() -> None:
    delays = simulated()["twilio_sms"].delays
    assert squeeze(delays, 20.0) == delays
