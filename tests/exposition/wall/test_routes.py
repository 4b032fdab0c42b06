"""The wall's pages are for whoever is let in, and hold nothing that is not from this host."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest

from streamer.errors import RedisUnavailable
from streamer.exposition.snapshots import Entry
from streamer.exposition.store import SnapshotStore
from streamer.exposition.wall.routes import routes
from streamer.ingest.access import cookie_name, seals
from streamer.ingest.door import Door
from streamer.state import Snapshot
from tests.exposition.cases import case, snapshot_of
from tests.ingest.support import AUTHORISED, TOKEN, bench, settings

OURS = {"sec-fetch-site": "same-origin"}
LATER = int(time.time()) + 86_400


class FakeStore:
    """Knows some campaigns; can be away."""

    def __init__(self, *known: Snapshot) -> None:
        self.known = {snapshot.campaign: snapshot for snapshot in known}
        self.away = False

    async def campaigns(self) -> list[Entry]:
        if self.away:
            raise RedisUnavailable("It is away.")
        return [Entry(name, one.name, one.as_of) for name, one in self.known.items()]

    async def find(self, campaign: str) -> Snapshot | None:
        return self.known.get(campaign)


@asynccontextmanager
async def wall(
    store: FakeStore | None = None, **overrides: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with the wall."""
    door = Door(settings(**overrides))
    reads = routes(cast("SnapshotStore", store or FakeStore()), door)
    async with bench(None, None, reads, None, **overrides) as made:
        yield made.client


def link(campaign: str = "c") -> str:
    return seals(settings()).seal("link", campaign, "test", LATER)


async def login(client: httpx.AsyncClient, following: str = "", **headers: str) -> httpx.Response:
    form = {"token": TOKEN, "next": following}
    return await client.post("/wall/login", data=form, headers=headers or OURS)


@pytest.mark.parametrize("path", ["/wall", "/wall/c", "/wall/c?key=1.2", "/wall/data"])
async def test_a_stranger_is_shown_where_to_log_in(path: str) -> None:
    async with wall() as client:
        answer = await client.get(path)
    assert answer.status_code == 401
    assert 'action="/wall/login"' in answer.text
    assert f'name="next" value="{path.partition("?")[0]}"' in answer.text
    assert ('content="link"' in answer.text) == ("key" in path)


async def test_logging_in_leads_on_and_logging_out_ends_it() -> None:
    async with wall() as client:
        answer = await login(client, "/wall/c")
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall/c")
        assert (await client.get("/wall/c")).status_code == 200
        answer = await client.post("/wall/logout", headers=OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall/login")
        assert (await client.get("/wall/c")).status_code == 401


@pytest.mark.parametrize(
    "following",
    [
        "",
        "/",
        "//evil.example",
        "https://evil.example",
        "/wall\\evil",
        "/wall//\r\nx: y",
        "/wallet",
    ],
)
async def test_a_login_leads_nowhere_else(following: str) -> None:
    async with wall() as client:
        answer = await login(client, following)
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
        shown = await client.get("/wall/login", params={"next": following})
        assert 'name="next" value="/wall"' in shown.text


async def test_a_wrong_token_is_told_without_a_cookie() -> None:
    async with wall() as client:
        answer = await client.post("/wall/login", data={"token": "wrong"}, headers=OURS)
    assert answer.status_code == 401
    assert 'content="refused-401"' in answer.text
    assert "set-cookie" not in answer.headers


async def test_too_many_attempts_are_told() -> None:
    async with wall() as client:
        for _ in range(10):
            await client.post("/wall/login", data={"token": "wrong"}, headers=OURS)
        answer = await login(client)
    assert answer.status_code == 429
    assert 'content="refused-429"' in answer.text
    assert "set-cookie" not in answer.headers


async def test_what_a_stranger_names_is_text_on_the_page() -> None:
    async with wall() as client:
        answer = await client.get("/wall/%22%3E%3Cscript%3E")
        assert "<script>" not in answer.text
        answer = await client.get("/wall/login", params={"next": '/wall/"><script>'})
        assert '"><script>' not in answer.text


async def test_a_page_knows_who_may_enter_something() -> None:
    async with wall() as client:
        read = await client.get(f"/wall/c?key={link()}")
        await login(client)
        write = await client.get("/wall/c")
    assert 'name="rights" content="read"' in read.text
    assert 'name="rights" content="write"' in write.text
    assert 'name="holder" content="test"' in write.text


async def test_a_link_opens_one_page() -> None:
    async with wall(FakeStore(snapshot_of(case("01")))) as client:
        for path in ("/wall", "/wall/d", "/wall/data/overview"):
            assert (await client.get(f"{path}?key={link()}")).status_code == 401


@pytest.mark.parametrize("path", ["/wall", "/wall/c", "/wall/login", "/wall/static/wall.js"])
async def test_every_answer_allows_this_host_alone(path: str) -> None:
    async with wall(OPEN="1") as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    rules = answer.headers["content-security-policy"].split("; ")
    policy = {name: value for name, _, value in (rule.partition(" ") for rule in rules)}
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in policy if name.endswith("-src")} == {"'none'", "'self'"}
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_pages_are_not_kept_and_files_are_asked_for_again() -> None:
    async with wall(OPEN="1") as client:
        assert (await client.get("/wall")).headers["cache-control"] == "no-store"
        first = await client.get("/wall/static/wall.css")
        again = await client.get(
            "/wall/static/wall.css", headers={"if-none-match": first.headers["etag"]}
        )
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


async def test_every_file_that_the_pages_name_is_there_and_none_is_of_another_host() -> None:
    async with wall(OPEN="1") as client:
        seen: set[str] = set()
        todo = ["/wall", "/wall/c", "/wall/login", "/wall/static/facts.json"]
        while todo:
            path = todo.pop()
            seen.add(path)
            answer = await client.get(path)
            assert answer.status_code == 200, path
            if answer.headers["content-type"].startswith("font"):
                continue
            text = answer.text
            named = re.findall(r'(?:src|href)="([^"#]+)"|from "(\./[^"]+)"|url\("([^"]+)"\)', text)
            for name in filter(None, (part for group in named for part in group)):
                found = name if name.startswith("/") else f"/wall/static/{name.removeprefix('./')}"
                if found.startswith("/wall/static/") and found not in seen:
                    todo.append(found)
            hosts = set(re.findall(r"https?://[\w.]+", text)) if "facts" not in path else set()
            assert hosts <= {"http://www.w3.org"}, path
        answer = await client.get("/wall/static/nothing.js")
        assert answer.status_code == 404
        # Templates are pages, and served as such.
        assert (await client.get("/wall/static/campaign.html")).status_code == 404


async def test_the_overview_has_the_figures_of_every_campaign() -> None:
    cases = [case("01"), case("02")]
    store = FakeStore(*(snapshot_of(one, f"c{n}") for n, one in enumerate(cases)))
    async with wall(store) as client:
        answer = await client.get("/wall/data/overview", headers=AUTHORISED)
        rows = answer.json()["campaigns"]
        assert (await client.get("/wall/data/overview")).status_code == 401
        store.away = True
        away = await client.get("/wall/data/overview", headers=AUTHORISED)
        assert away.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert [row["campaign"] for row in rows] == ["c0", "c1"]
    for row, one in zip(rows, cases, strict=True):
        assert row["as_of"] == one["now"]
        counted = {
            line["milestone"]: line["value"]
            for line in one["milestones"]
            if (line["channel"], line["window"]) == ("all", "campaign")
        }
        assert {name: value for name, value in row["milestones"].items() if value} == {
            name: value
            for name, value in counted.items()
            if value and name in {"contacted", "answered", "meeting", "customer"}
        }
        expected = {line["kpi"]: line for line in one["kpis"] if line["channel"] == "all"}
        for kpi, found in row["kpis"].items():
            if kpi in expected and expected[kpi]["window"] == "campaign":
                assert found["value"] == pytest.approx(expected[kpi]["value"])


async def test_a_link_is_made_for_whoever_may_write() -> None:
    async with wall() as client:
        made = await client.post("/wall/c/link", json={"days": 2}, headers=AUTHORISED)
        assert made.status_code == 200
        assert (await client.get(made.json()["url"])).status_code == 200
        for body, headers, status in (
            (b'{"days": 2}', {}, 401),
            (b'{"days": 0}', AUTHORISED, 400),
            (b"[]", AUTHORISED, 400),
            (b"{", AUTHORISED, 400),
            (b" " * 9000, AUTHORISED, 413),
        ):
            refused = await client.post("/wall/c/link", content=body, headers=headers)
            assert refused.status_code == status
        await login(client)
        assert (await client.post("/wall/c/link", json={"days": 2})).status_code == 403
        assert (await client.post("/wall/c/link", json={"days": 2}, headers=OURS)).is_success


async def test_a_campaign_may_be_called_like_the_page_to_log_in() -> None:
    async with wall(OPEN="1") as client:
        answer = await client.get("/wall/%6Cogin")
    assert "campaign-page" in answer.text


async def test_no_session_survives_a_change_of_its_token() -> None:
    async with wall(TOKENS="test=changed") as client:
        ticket = seals(settings()).seal("session", "", "test", LATER)
        client.cookies.set(cookie_name(settings()), ticket)
        assert (await client.get("/wall")).status_code == 401


async def test_methods_are_told() -> None:
    async with wall() as client:
        answer: Any = await client.put("/wall/login", headers=AUTHORISED)
        assert answer.status_code == 405
        assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))
