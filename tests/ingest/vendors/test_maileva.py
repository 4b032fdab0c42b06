"""Maileva's resources and events, one by one."""

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("maileva")
MAIL = "mail/v2/sendings"
SENDINGS = "registered_mail/v4/sendings"
RECIPIENTS = "registered_mail/v4/recipients"


def told(word: object, resource: object = RECIPIENTS, **changes: Any) -> dict[str, Any]:
    return {
        "event_type": word,
        "resource_type": resource,
        "resource_id": "r-1",
        "event_date": "2026-03-02T10:00:00.137Z",
        "resource_custom_id": "p_8",
        "resource_custom_data": "my data",
    } | changes


@pytest.mark.parametrize(
    ("resource", "word"),
    [
        (MAIL, "ON_STATUS_ACCEPTED"),
        (MAIL, "ON_STATUS_REJECTED"),
        (MAIL, "ON_STATUS_ARCHIVED"),
        (SENDINGS, "ON_STATUS_ACCEPTED"),
        (SENDINGS, "ON_STATUS_REJECTED"),
        (SENDINGS, "ON_STATUS_PROCESSED"),
        (SENDINGS, "ON_STATUS_ARCHIVED"),
        (SENDINGS, "ON_GLOBAL_DEPOSIT_PROOF_RECEIVED"),
        (RECIPIENTS, "ON_CONTENT_PROOF_RECEIVED"),
    ],
)
async def test_a_word_that_proves_nothing_is_passed_over(
    tmp_path: Path, resource: str, word: str
) -> None:
    assert await exchange(CASE, tmp_path, told(word, resource)) == ([], [])


async def test_a_registered_letter_is_one_letter_though_its_sending_is_told_too(
    tmp_path: Path,
) -> None:
    events, _ = await exchange(
        CASE,
        tmp_path,
        told("ON_STATUS_PROCESSED", SENDINGS, resource_id="s-1"),
        told("ON_GLOBAL_DEPOSIT_PROOF_RECEIVED", SENDINGS, resource_id="s-1"),
        told("ON_DEPOSIT_PROOF_RECEIVED"),
        told("ON_MAIN_DELIVERY_STATUS_DELIVERED"),
    )
    assert {event.message for event in events} == {"r-1"}


async def test_letters_and_words_are_distinct_and_a_redelivery_is_not(tmp_path: Path) -> None:
    delivered = "ON_MAIN_DELIVERY_STATUS_DELIVERED"
    bodies = [
        told(delivered),
        told(delivered, resource_id="r-2"),
        told("ON_ACKNOWLEDGEMENT_OF_RECEIPT_RECEIVED"),
        told(delivered, event_date="2026-03-03T10:00:00.137Z"),
        told(delivered, event_location="FR"),
    ]
    events, _ = await exchange(CASE, tmp_path, *bodies)
    ids = [event.id for event in events]
    assert len(set(ids[:4])) == 4
    assert ids[4] == ids[0]


async def test_the_custom_fields_name_the_campaign_the_prospect_and_the_letter(
    tmp_path: Path,
) -> None:
    body = told("ON_STATUS_PROCESSED", MAIL)
    own = {"prospect_from": "resource_custom_id", "campaign_from": "resource_custom_data"}
    ((event,), _) = await exchange(CASE, tmp_path, body, **own)
    assert (event.subject, event.campaign, event.message) == ("p_8", "my data", "r-1")
    within = told("ON_STATUS_PROCESSED", MAIL, resource_custom_data='{"c": "spring", "l": "l-3"}')
    keys = {"campaign_from": "c", "message_from": "l"}
    ((event,), _) = await exchange(CASE, tmp_path, within, **keys)
    assert (event.subject, event.campaign, event.message) == (None, "spring", "l-3")


@pytest.mark.parametrize(
    "strange",
    [
        told("ON_LEVITATION"),
        told("ON_DEPOSIT_PROOF_RECEIVED", MAIL),
        told("ON_STATUS_PROCESSED", "flow/v1/sendings"),
        told(None),
        told("ON_STATUS_PROCESSED", None),
        told("ON_STATUS_PROCESSED", MAIL, resource_id=None),
        told("ON_STATUS_PROCESSED", MAIL, event_date="2026-03-02"),
    ],
)
async def test_what_is_not_understood_is_kept(tmp_path: Path, strange: dict[str, Any]) -> None:
    events, letters = await exchange(CASE, tmp_path, strange)
    assert (len(events), len(letters)) == (0, 1)


async def test_events_and_resources_that_the_source_ignores_are_passed_over(
    tmp_path: Path,
) -> None:
    body = told("ON_STATUS_PROCESSED", MAIL)
    for ignore in ([MAIL], ["ON_STATUS_PROCESSED"]):
        assert await exchange(CASE, tmp_path, body, ignore=ignore) == ([], [])
