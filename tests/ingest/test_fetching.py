"""What is fetched for a proof: within bounds, once, and never from where a redirect points."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

import httpx
import pytest

from streamer.errors import ProofUnavailable
from streamer.ingest.fetching import (
    KEPT_SECONDS,
    LARGEST_BYTES,
    MOST_AT_ONCE,
    MOST_KEPT,
    HttpFetcher,
)

URL = "https://sns.example/a.pem"


class Page(NamedTuple):
    status: int
    content: bytes = b""
    headers: Mapping[str, str] = {}


class Content(httpx.AsyncByteStream):
    """A body as it comes over a network: in pieces, once."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for begin in range(0, len(self._content), 10_000):
            yield self._content[begin : begin + 10_000]


class Site:
    """Answers requests, and notes their URLs."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.page = Page(200, b"certificate")
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        await self.open.wait()
        status, content, headers = self.page
        return httpx.Response(status, headers=headers, stream=Content(content))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def fetcher(site: Site, clock: Clock) -> AsyncIterator[HttpFetcher]:
    made = HttpFetcher(httpx.MockTransport(site), clock, seconds=0.2)
    yield made
    await made.aclose()


async def test_what_was_fetched_is_kept_for_a_day(
    fetcher: HttpFetcher, site: Site, clock: Clock
) -> None:
    assert await fetcher.fetch(URL) == b"certificate"
    clock.now = KEPT_SECONDS - 1
    assert await fetcher.fetch(URL) == b"certificate"
    assert len(site.asked) == 1
    clock.now = KEPT_SECONDS + 1
    await fetcher.fetch(URL)
    assert len(site.asked) == 2


async def test_only_so_many_are_kept_the_latest_used(fetcher: HttpFetcher, site: Site) -> None:
    for number in range(MOST_KEPT):
        await fetcher.fetch(f"{URL}?{number}")
    await fetcher.fetch(f"{URL}?0")
    await fetcher.fetch(f"{URL}?new")
    assert len(site.asked) == MOST_KEPT + 1
    await fetcher.fetch(f"{URL}?0")
    assert len(site.asked) == MOST_KEPT + 1
    await fetcher.fetch(f"{URL}?1")
    assert len(site.asked) == MOST_KEPT + 2


async def test_those_who_ask_at_once_share_one_request(fetcher: HttpFetcher, site: Site) -> None:
    assert set(await asyncio.gather(*(fetcher.fetch(URL) for _ in range(20)))) == {b"certificate"}
    assert len(site.asked) == 1


async def test_only_so_many_requests_are_made_at_once(fetcher: HttpFetcher, site: Site) -> None:
    site.open.clear()
    waiting = [
        asyncio.create_task(fetcher.fetch(f"{URL}?{number}")) for number in range(MOST_AT_ONCE)
    ]
    await asyncio.sleep(0)
    with pytest.raises(ProofUnavailable, match="at once"):
        await fetcher.fetch(URL)
    site.open.set()
    await asyncio.gather(*waiting)
    assert await fetcher.fetch(URL) == b"certificate"


@pytest.mark.parametrize(
    "page",
    [
        Page(302, headers={"location": "https://sns.example/b.pem"}),
        Page(404),
        Page(204),
        Page(500),
        Page(200, b"x" * (LARGEST_BYTES + 1)),
    ],
    ids=["redirect", "404", "204", "500", "large"],
)
async def test_nothing_but_a_small_success_is_taken_and_a_failure_is_not_kept(
    fetcher: HttpFetcher, site: Site, page: Page
) -> None:
    site.page = page
    for call in (fetcher.fetch, fetcher.visit):
        with pytest.raises(ProofUnavailable):
            await call(URL)
    assert site.asked == [URL, URL], "a redirect is not followed"
    site.page = Page(200, b"x" * LARGEST_BYTES)
    assert len(await fetcher.fetch(URL)) == LARGEST_BYTES


async def test_who_does_not_answer_in_time_is_given_up(fetcher: HttpFetcher, site: Site) -> None:
    site.open.clear()
    for call in (fetcher.fetch, fetcher.visit):
        with pytest.raises(ProofUnavailable, match="TimeoutError"):
            await call(URL)


async def test_only_https_is_fetched(fetcher: HttpFetcher, site: Site) -> None:
    for url in ("http://sns.example/a.pem", "file:///etc/passwd", ""):
        with pytest.raises(ProofUnavailable):
            await fetcher.fetch(url)
    assert site.asked == []


async def test_a_visit_is_made_each_time(fetcher: HttpFetcher, site: Site) -> None:
    await fetcher.visit(URL)
    await fetcher.visit(URL)
    assert site.asked == [URL, URL]


async def test_what_is_away_is_told_without_the_url() -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("https://sns.example/?Token=secret")

    fetcher = HttpFetcher(httpx.MockTransport(away))
    with pytest.raises(ProofUnavailable) as caught:
        await fetcher.visit("https://sns.example/?Token=secret")
    assert "secret" not in str(caught.value)
    await fetcher.aclose()
