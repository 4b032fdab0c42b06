"""Pipedrive's changes, one by one."""

from pathlib import Path
from typing import Any

import pytest

from streamer.ingest.vendors import vendors
from tests.ingest.vendors.exchange import case_of, exchange

CASE = case_of("pipedrive")
STAGES = {"5": "lead.qualified", "6": "customer.won"}


def told(
    changed: object = None, action: object = "change", entity: object = "deal", **deal: Any
) -> dict[str, Any]:
    meta = {
        "action": action,
        "entity": entity,
        "id": "m-1",
        "timestamp": "2026-03-02T10:00:00.000Z",
    }
    data = {"id": 746, "status": "open", "stage_id": 4, "person_id": 88} | deal
    return {"meta": meta, "data": data, "previous": changed}


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (told({"status": "open"}, status="won"), ["customer.won"]),
        (told({"status": "lost"}, status="won"), ["customer.won"]),
        (told({"status": "won"}), []),
        (told({"status": "open"}, status="lost"), []),
        (told({"title": "x"}, status="won"), []),
        (told({"title": "x"}, stage_id=5), []),
        (told({"stage_id": 4}, stage_id=5), ["lead.qualified"]),
        (told({"stage_id": 4}, stage_id="5"), ["lead.qualified"]),
        (told({"stage_id": 4}, stage_id=6), ["customer.won"]),
        (told({"stage_id": 4}, stage_id=7), []),
        (told({"stage_id": 4, "status": "open"}, stage_id=6, status="won"), ["customer.won"]),
        (
            told({"stage_id": 4, "status": "open"}, stage_id=5, status="won"),
            ["customer.won", "lead.qualified"],
        ),
        (told(action="create", stage_id=5), ["lead.qualified"]),
        (told(action="create", status="won"), ["customer.won"]),
        (told(action="create"), []),
        (told({"status": "won"}, action="delete", status="won"), []),
        (told({"status": "open"}, entity="lead", status="won"), []),
        # Nobody is asked for where nothing happened.
        (told({"title": "x"}, person_id=None), []),
    ],
)
async def test_what_a_deal_comes_to_by_a_change_is_told_once(
    tmp_path: Path, body: dict[str, Any], kinds: list[str]
) -> None:
    events, letters = await exchange(CASE, tmp_path, body, stages=STAGES)
    assert [event.type for event in events] == kinds
    assert letters == []


@pytest.mark.parametrize("field", ["spring", {"type": "varchar", "value": "spring"}])
async def test_a_field_of_the_deal_may_name_the_campaign_and_the_prospect(
    tmp_path: Path, field: object
) -> None:
    fields = {"abc": field, "def": {"value": "p_8"}}
    body = told({"status": "open"}, status="won", custom_fields=fields, pipeline_id=2)
    ((event,), _) = await exchange(CASE, tmp_path, body, campaign_from="abc", prospect_from="def")
    assert (event.campaign, event.subject) == ("spring", "p_8")
    ((event,), _) = await exchange(
        CASE, tmp_path, body, campaign_from="pipeline_id", campaigns={"2": "autumn"}
    )
    assert event.campaign == "autumn"


async def test_a_retry_is_the_same_event(tmp_path: Path) -> None:
    again = told({"status": "open"}, status="won")
    again["meta"] |= {"attempt": 2}
    events, _ = await exchange(CASE, tmp_path, told({"status": "open"}, status="won"), again)
    assert [event.id for event in events] == ["m-1:customer.won"] * 2


@pytest.mark.parametrize(
    "strange",
    [
        told({"status": "open"}, action="levitate", status="won"),
        told({"status": "open"}, entity="spaceship"),
        told({"status": "open"}, action=None),
        told(None, status="won"),
        told({"status": "open"}, status="won", person_id=None),
        told({"status": "open"}, status="won") | {"data": None},
        told() | {"meta": None},
        {"v": 1, "event": "updated.deal", "current": {}, "previous": {}},
    ],
)
async def test_what_is_not_understood_is_kept(tmp_path: Path, strange: dict[str, Any]) -> None:
    events, letters = await exchange(CASE, tmp_path, strange)
    assert (len(events), len(letters)) == (0, 1)


async def test_actions_and_entities_that_the_source_ignores_are_passed_over(
    tmp_path: Path,
) -> None:
    body = told({"status": "open"}, status="won")
    for ignore in (["deal"], ["change"], ["change.deal"]):
        assert await exchange(CASE, tmp_path, body, ignore=ignore) == ([], [])


def test_it_can_tell_what_its_stages_tell(tmp_path: Path) -> None:
    tells = vendors()["pipedrive"].tells
    plain = CASE.sources(tmp_path)["it"].wishes
    staged = CASE.sources(tmp_path, stages=STAGES)["it"].wishes
    assert tells(plain) == {"customer.won"}
    assert tells(staged) == {"customer.won", "lead.qualified"}
