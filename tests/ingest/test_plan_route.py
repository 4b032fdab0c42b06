"""`PUT /v1/campaigns/{campaign}`: a plan is an event, dated so that it is the one in force."""

from typing import Any

import httpx
import pytest

from streamer.events import parse_time
from tests.ingest.support import AUTHORISED, Bench, bench

PLAN = {
    "name": "Printemps",
    "planned": {"email": 1000, "sms": 0, "phone": 10.5},
    "cost": "1200.50",
    "currency": "EUR",
    "key_questions": 5,
    "start": "2026-03-01",
    "end": "2026-03-31T18:00:00+02:00",
    "time_zone": "Europe/Paris",
}


async def put(it: Bench, campaign: str, plan: Any, **headers: str) -> httpx.Response:
    path = f"/v1/campaigns/{campaign}"
    if isinstance(plan, bytes):
        given = {"content-type": "application/json"} | AUTHORISED | headers
        return await it.client.put(path, content=plan, headers=given)
    return await it.client.put(path, json=plan, headers=AUTHORISED | headers)


async def test_a_plan_becomes_an_event_and_is_shown() -> None:
    async with bench() as it:
        response = await put(it, "c", PLAN)
        assert response.status_code == 202
        shown = response.json()
        assert shown["data"] == PLAN
        assert (shown["source"], shown["type"]) == ("/v1/campaigns", "campaign.planned")
        (found,) = it.kafka.events()
        assert (found.id, found.time, found.campaign) == (shown["id"], shown["time"], "c")
        assert found.data == PLAN


async def test_an_empty_plan_is_a_plan() -> None:
    async with bench() as it:
        assert (await put(it, "c", {})).status_code == 202


async def test_a_plan_is_dated_just_after_a_later_one_in_force() -> None:
    async with bench() as it:
        it.plans.micros = {"c": 4_000_000_000_000_007}
        shown = (await put(it, "c", {})).json()
        assert parse_time(shown["time"]) == 4_000_000_000_000_008
        # Before the first is known to be in force, the next one is after it all the same.
        again = (await put(it, "c", {})).json()
        assert parse_time(again["time"]) == 4_000_000_000_000_009
        assert again["id"] > shown["id"]


async def test_a_plan_in_the_past_does_not_hold_the_next_one_back() -> None:
    async with bench() as it:
        it.plans.micros = {"c": 1}
        first, second = [(await put(it, "c", {})).json() for _ in range(2)]
        assert "2026" < first["time"] < second["time"]


@pytest.mark.parametrize(
    ("path", "campaign"),
    [("a%2Fb", "a/b"), ("caf%C3%A9", "café"), ("100%25", "100%"), ("a+b", "a+b"), ("%20", " ")],
)
async def test_campaigns_are_decoded_from_the_path(path: str, campaign: str) -> None:
    async with bench() as it:
        assert (await put(it, path, {})).json()["campaign"] == campaign
        assert it.kafka.touchpoints()[0].key == campaign.encode()


async def test_a_path_that_is_not_utf_8_is_no_campaign() -> None:
    async with bench() as it:
        assert (await put(it, "%FF", {})).status_code == 404


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ([], "data"),
        ({"budget": 3}, "data.budget"),
        ({"name": ""}, "data.name"),
        ({"name": None}, "data.name"),
        ({"planned": 3}, "data.planned"),
        ({"planned": {"fax": 3}}, "data.planned.fax"),
        ({"planned": {"email": -1}}, "data.planned.email"),
        ({"planned": {"email": True}}, "data.planned.email"),
        ({"planned": {"email": 2_147_483_648}}, "data.planned.email"),
        ({"planned": {"email": "10"}}, "data.planned.email"),
        ({"cost": "1e3"}, "data.cost"),
        ({"cost": 1e13}, "data.cost"),
        ({"currency": 7}, "data.currency"),
        ({"key_questions": -1}, "data.key_questions"),
        ({"start": "2026-02-30"}, "data.start"),
        ({"start": "20260301"}, "data.start"),
        ({"end": "2026-03-01 10:00:00Z"}, "data.end"),
        ({"end": "2026-03-01T10:00:00"}, "data.end"),
        ({"time_zone": "Paris"}, "data.time_zone"),
        ({"time_zone": "localtime"}, "data.time_zone"),
        ({"time_zone": "../etc/passwd"}, "data.time_zone"),
    ],
)
async def test_a_slip_is_told_and_nothing_is_taken(plan: object, field: str) -> None:
    async with bench() as it:
        response = await put(it, "c", plan)
        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == [field]
        assert it.kafka.records == []


async def test_all_slips_are_told() -> None:
    async with bench() as it:
        response = await put(it, "c", {"x": 1, "cost": "no", "planned": {"fax": 1, "sms": "1"}})
        fields = [error["field"] for error in response.json()["errors"]]
        assert fields == ["data.x", "data.cost", "data.planned.fax", "data.planned.sms"]


async def test_a_lone_surrogate_is_refused() -> None:
    async with bench() as it:
        assert (await put(it, "c", b'{"name": "\\ud800"}')).status_code == 400


async def test_amounts_keep_their_text() -> None:
    async with bench() as it:
        assert (await put(it, "c", b'{"cost": 0.10}')).status_code == 202
        assert b'"cost": 0.10' in it.kafka.touchpoints()[0].value


async def test_statuses_of_what_is_no_plan() -> None:
    async with bench() as it:
        assert (await put(it, "c", b"{")).status_code == 400
        assert (await put(it, "c", {}, **{"content-type": "text/csv"})).status_code == 415
        assert (await put(it, "c", {"name": "x" * 600_000})).status_code == 413
        assert (await put(it, "c", {}, authorization="Bearer no")).status_code == 401
        wrong = await it.client.delete("/v1/campaigns/c", headers=AUTHORISED)
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "PUT")


async def test_without_redis_or_kafka_it_is_503() -> None:
    async with bench() as it:
        it.plans.away = True
        response = await put(it, "c", {})
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        it.plans.away, it.kafka.away = False, True
        assert (await put(it, "c", {})).status_code == 503
        assert it.kafka.records == []
