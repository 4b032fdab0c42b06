"""The page on the generic source: its example works, and no key is missing from it."""

import hmac
import json
import re
from pathlib import Path

import pytest

from streamer.ingest.sources import read_sources
from streamer.ingest.vendors import vendors
from tests.ingest.support import bench, settings

PAGE = (Path(__file__).parents[2] / "streamer" / "docs" / "generic.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


async def test_its_example_works(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(block("toml").replace("TEXTS_SECRET", "TEXTS_KEY"), encoding="utf-8")
    sources = read_sources(settings(SOURCES=str(file), TEXTS_KEY="secret"))
    body = json.dumps(json.loads(block("json"))).encode()
    signature = hmac.digest(b"secret", body, "sha256").hex()
    async with bench(sources) as it:
        headers = {"X-Signature": signature}
        response = await it.client.post("/webhooks/texts", content=body, headers=headers)
        assert response.status_code == 200
        (event,) = it.kafka.events()
    assert (event.type, event.campaign, event.message, event.time, event.data) == (
        "sms.replied",
        "spring",
        "m-3",
        "2026-03-02T10:00:00Z",
        {"sentiment": "positive"},
    )


@pytest.mark.parametrize("key", sorted(vendors()["generic"].keys))
def test_it_tells_of_every_key(key: str) -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    assert any(f"`{key}`" in row for row in rows)
