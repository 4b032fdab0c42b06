"""The ledger finds what is lost, what was given up, and what nobody told."""

from collections.abc import Callable
from typing import Any

import pytest

from streamer.simulator.attempts import Delivered, Span
from streamer.simulator.happening import Happening
from streamer.simulator.ledger import Ledger, Row
from streamer.simulator.run import Told
from streamer.simulator.vendors import simulated
from tests.simulator.happened import first_minute

OUTAGE = Span(100.0, 110.0)


def some_of(vendor: str, count: int) -> list[Happening]:
    tells = simulated()[vendor].tells
    found = {str(each.event): each for each in first_minute()[-5000:] if tells(each)}
    return list(found.values())[:count]


def taken(happenings: list[Happening], vendor: str | None, *, attempts: int = 1) -> Told:
    return Told(happenings, vendor, Delivered(taken=True, attempts=(Span(0, 0),) * attempts))


def given_up(happenings: list[Happening], vendor: str, *at: float) -> Told:
    spans = tuple(Span(each, each + 0.1) for each in at)
    return Told(happenings, vendor, Delivered(taken=False, attempts=spans))


def as_counted(happenings: list[Happening], change: Callable[[Any], Any] = dict) -> list[Any]:
    return [change({**each.event, "id": "another", "source": "/sources/s"}) for each in happenings]


def row(told: list[Told], events: list[Any], teller: str) -> Row:
    ledger = Ledger()
    for each in told:
        ledger.hear(each)
    (found,) = [each for each in ledger.rows(events, [OUTAGE]) if each.teller == teller]
    return found


@pytest.mark.parametrize("vendor", sorted(simulated()))
def test_what_stands_in_the_topic_is_counted_whatever_its_id(vendor: str) -> None:
    happenings = some_of(vendor, 5)
    told = [taken(happenings, vendor, attempts=3), taken(happenings[:2], vendor)]
    assert row(told, as_counted(happenings), vendor) == Row(vendor, 5, 5, 0, 0, 0, 2)


@pytest.mark.parametrize("vendor", sorted(simulated()))
def test_what_was_taken_and_does_not_stand_there_is_lost(vendor: str) -> None:
    happenings = some_of(vendor, 5)
    found = row([taken(happenings, vendor)], as_counted(happenings[1:]), vendor)
    assert (found.counted, found.given_up, found.lost) == (4, 0, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda event: {**event, "time": "2026-03-02T10:00:00Z"},
        lambda event: {**event, "campaign": "another"},
        lambda event: {**event, "subject": "another"},
        lambda event: {**event, "data": {"bounce": "soft"}},
        lambda event: {**event, "type": "email.replied"},
    ],
)
def test_what_stands_there_otherwise_than_it_was_told_is_lost_and_a_stranger(
    change: Callable[[Any], Any],
) -> None:
    happenings = some_of("sendgrid", 1)
    ledger = Ledger()
    ledger.hear(taken(happenings, "sendgrid"))
    events = as_counted(happenings, change)
    assert ledger.rows(events, [])[0].lost == 1
    assert ledger.strangers(events) == 1


def test_what_is_told_without_a_time_is_found_at_any() -> None:
    happenings = some_of("twilio_sms", 3)
    events = as_counted(happenings, lambda event: {**event, "time": "2026-03-02T10:00:00Z"})
    assert row([taken(happenings, "twilio_sms")], events, "twilio_sms").lost == 0


def test_what_was_given_up_within_an_outage_is_no_fault() -> None:
    happenings = some_of("brevo", 2)
    found = row([given_up(happenings, "brevo", 101.0, 109.0)], [], "brevo")
    assert (found.given_up, found.lost, found.needless, found.retries) == (2, 0, 0, 1)


def test_what_was_given_up_though_we_were_there_is_one() -> None:
    happenings = some_of("brevo", 2)
    assert row([given_up(happenings, "brevo", 101.0, 115.0)], [], "brevo").needless == 2


def test_what_was_given_up_once_and_taken_once_is_told() -> None:
    happenings = some_of("brevo", 2)
    told = [given_up(happenings, "brevo", 101.0), taken(happenings, "brevo")]
    found = row(told, as_counted(happenings), "brevo")
    assert (found.told, found.counted, found.given_up) == (2, 2, 0)


def test_what_was_given_up_and_had_arrived_all_the_same_is_counted() -> None:
    happenings = some_of("brevo", 2)
    found = row([given_up(happenings, "brevo", 101.0)], as_counted(happenings), "brevo")
    assert (found.counted, found.given_up, found.needless) == (2, 0, 0)
