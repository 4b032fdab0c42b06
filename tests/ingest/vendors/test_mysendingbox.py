"""MySendingBox's words, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import mysendingbox
from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("mysendingbox")


def told(word: object = "letter.sent", **changes: Any) -> dict[str, Any]:
    return {
        "created_at": "2026-03-02T10:00:00.998Z",
        "event": {"_id": "e-1", "name": word, "letter": "l-1"},
        "letter": {"_id": "l-1", "description": "p_8"},
    } | changes


@pytest.mark.parametrize("word", sorted(mysendingbox.IGNORED))
async def test_a_word_that_proves_nothing_is_passed_over(tmp_path: Path, word: str) -> None:
    assert await exchange(CASE, tmp_path, told(word)) == ([], [])


async def test_what_the_debugger_sends_never_counts_nor_is_it_kept(tmp_path: Path) -> None:
    bodies = [told(debugger=True), told("letter.levitated", debugger=True)]
    assert await exchange(CASE, tmp_path, *bodies) == ([], [])
    events, _ = await exchange(CASE, tmp_path, told(debugger=False))
    assert len(events) == 1


async def test_the_description_and_the_metadata_name_the_prospect_and_the_rest(
    tmp_path: Path,
) -> None:
    ((event,), _) = await exchange(CASE, tmp_path, told(), prospect_from="description")
    assert (event.subject, event.message, event.campaign) == ("p_8", "l-1", "c")
    letter = {"_id": "l-1", "description": "c=spring;id=p_9", "metadata": {"id": "p_8", "l": "x"}}
    keys = {"prospect_from": "id", "campaign_from": "c", "message_from": "l"}
    ((event,), _) = await exchange(CASE, tmp_path, told(letter=letter), **keys)
    assert (event.subject, event.message, event.campaign) == ("p_8", "x", "spring")


@pytest.mark.parametrize(
    "strange",
    [
        # An old list has it, the current API has not.
        told("letter.delivered"),
        told(None),
        told(event={"name": "letter.sent"}),
        told(event=None),
        told(letter=None),
        told(letter={}),
        told(created_at=None),
    ],
)
async def test_what_is_not_understood_is_kept(tmp_path: Path, strange: dict[str, Any]) -> None:
    events, letters = await exchange(CASE, tmp_path, strange)
    assert (len(events), len(letters)) == (0, 1)
