"""The pages of the documentation, as the gateway serves them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from streamer.ingest import guides

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "streamer" / "docs").glob("*.md"))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Starlette(routes=guides.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as made:
        yield made


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
async def test_every_page_is_served_without_scripts_and_with_what_its_links_lead_to(
    path: Path, client: httpx.AsyncClient
) -> None:
    answer = await client.get(f"/docs/{path.name}")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert "&lt;!--" not in answer.text
    for name, anchor in re.findall(r'href="([a-z-]*(?:\.md)?)#([^"]+)"', answer.text):
        linked = (await client.get(f"/docs/{name}")).text if name else answer.text
        assert f'id="{anchor}"' in linked, (name, anchor)


async def test_every_runbook_of_an_alert_is_there(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs/runbooks.md")).text
    rules = ROOT / "grafana" / "prometheus" / "rules"
    urls = {
        url
        for path in rules.glob("*.yml")
        for url in re.findall(r"runbook_url: streamer(/docs/runbooks\.md#\S+)", path.read_text())
    }
    assert len(urls) > 10
    assert {url for url in urls if f'id="{url.partition("#")[2]}"' not in page} == set()


@pytest.mark.parametrize("name", ["none.md", "..%2Fcli.py", "design.md%00", "__init__.py"])
async def test_nothing_else_is_served(name: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/docs/{name}")).status_code == 404


def test_what_stands_in_a_page_is_text() -> None:
    html = guides.render("# <b>Title</b>\n\n[x](javascript:alert(1)) <script>1</script>")
    assert "<b>" not in html
    assert "<script" not in html
    assert 'href="javascript' not in html
