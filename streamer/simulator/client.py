"""A client of the gateway: sends, waits as it is told when the gateway is busy, and explains.

Owns the retries and what each answer means. Never decides what is sent.
"""

import asyncio
import time
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import httpx
import msgspec

from streamer.errors import Malformed, RequestError, SettingsError, StreamerError

EVENTS_PATH: Final = "/v1/events"
_BATCH: Final = "application/cloudevents-batch+json"
_SECONDS: Final = 30.0
_LONGEST_PAUSE: Final = 10.0
# What passes: too many requests, and whatever is in front of the gateway or behind it is away.
_PASSING: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class GatewayUnavailable(StreamerError):  # noqa: N818 - named after the state, as its like
    """The gateway does not answer, or answers that it cannot for now, and patience is at an end."""

    exit_code = 6


class UnknownCampaign(StreamerError):  # noqa: N818 - likewise
    """The gateway knows no such campaign."""


class Refused(Malformed):
    """The gateway refuses the request; `errors` are its reasons, one by one, where it gives any."""

    def __init__(self, message: str, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message)
        self.errors = errors


class Content(NamedTuple):
    """A file to send: `pieces` begins anew at each call; `size` in bytes where it is known."""

    media_type: str
    pieces: Callable[[], AsyncIterator[bytes]]
    size: int | None = None


class GatewayClient:
    """Requests to one gateway, each tried again while its trouble passes, for `patience` seconds.

    `patience` None is without end. `retries` counts the tries beyond the first.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        patience: float | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.retries = 0
        self._token = {"Authorization": f"Bearer {token}"}
        self._patience = patience
        self._sleep = sleep
        self._http = httpx.AsyncClient(
            base_url=self.url, timeout=_SECONDS, transport=transport, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def post_events(self, body: bytes) -> int:
        """Send a JSON array of events; how many were accepted once they are safe."""
        headers = {**self._token, "Content-Type": _BATCH}
        answer = await self._request("POST", EVENTS_PATH, headers, body)
        accepted: int = answer.json()["accepted"]
        return accepted

    async def call(
        self,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        within: float,
    ) -> httpx.Response | None:
        """One attempt at `target`, a path with its query; None without an answer in `within` s."""
        try:
            return await self._http.request(
                "POST", target, headers=dict(headers), content=body, timeout=within
            )
        except httpx.TransportError:
            return None

    async def put_plan(self, campaign: str, plan: Mapping[str, Any]) -> None:
        """Declare a campaign's plan."""
        headers = {**self._token, "Content-Type": "application/json"}
        path = f"/v1/campaigns/{_quoted(campaign)}"
        await self._request("PUT", path, headers, msgspec.json.encode(plan))

    async def put_prospects(self, campaign: str, content: Content) -> Mapping[str, Any]:
        """Send a list of prospects; the answer, with the refused lines."""
        return await self._send_table(
            "PUT", f"/v1/campaigns/{_quoted(campaign)}/prospects", content
        )

    async def post_table(self, content: Content, **asked: str | None) -> Mapping[str, Any]:
        """Send a table of events, with what is `asked` of its reading; the answer."""
        query = urllib.parse.urlencode({key: value for key, value in asked.items() if value})
        return await self._send_table("POST", f"{EVENTS_PATH}/csv?{query}", content)

    async def _send_table(self, method: str, path: str, content: Content) -> Mapping[str, Any]:
        headers = {**self._token, "Content-Type": content.media_type}
        if content.size is not None:
            headers["Content-Length"] = str(content.size)
        answer = await self._request(method, path, headers, content.pieces)
        found: Mapping[str, Any] = answer.json()
        return found

    async def kpis(self, campaign: str) -> bytes:
        """The body of the campaign's KPIs; UnknownCampaign when there is no such campaign."""
        path = f"/v1/campaigns/{_quoted(campaign)}/kpis"
        return (await self._request("GET", path, self._token)).content

    async def sources(self, campaign: str) -> bytes:
        """The body of what feeds the campaign, and what has no data; likewise."""
        path = f"/v1/campaigns/{_quoted(campaign)}/sources"
        return (await self._request("GET", path, self._token)).content

    async def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | Callable[[], AsyncIterator[bytes]] | None = None,
    ) -> httpx.Response:
        begun, tries = time.monotonic(), 0
        while True:
            trouble, pause = "", min(0.25 * 2 ** min(tries, 10), _LONGEST_PAUSE)
            try:
                content = body() if callable(body) else body
                answer = await self._http.request(method, path, headers=headers, content=content)
            except httpx.InvalidURL as error:
                raise SettingsError(f"{self.url} is no URL of a gateway: {error}.") from None
            except httpx.TransportError as error:
                trouble = f"does not answer ({str(error) or type(error).__name__})"
            else:
                if answer.is_success:
                    return answer
                if answer.status_code not in _PASSING:
                    raise _error(self.url, answer)
                trouble = f"answers {answer.status_code}: {_detail(answer)}"
                pause = _retry_after(answer, pause)
            waited = time.monotonic() - begun
            if self._patience is not None and waited + pause > self._patience:
                raise GatewayUnavailable(f"The gateway at {self.url} {trouble}")
            tries += 1
            self.retries += 1
            await self._sleep(pause)


def _quoted(segment: str) -> str:
    # A segment of dots alone would be folded as a step within the path.
    return urllib.parse.quote(segment, safe="").replace(".", "%2E")


def _retry_after(answer: httpx.Response, otherwise: float) -> float:
    """What the gateway asks for, within reason."""
    text = answer.headers.get("Retry-After", "")
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else otherwise


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _detail(answer: httpx.Response) -> str:
    return str(_problem(answer).get("detail") or answer.reason_phrase)


def _error(url: str, answer: httpx.Response) -> StreamerError:
    detail = _detail(answer)
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return SettingsError(
            f"The gateway at {url} refuses the token: give a valid one with --token or in "
            "STREAMER_TOKENS."
        )
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return UnknownCampaign(detail)
    if answer.status_code == HTTPStatus.BAD_REQUEST:
        return Refused(detail, _problem(answer).get("errors") or ())
    error = RequestError(f"The gateway at {url} answers {answer.status_code}: {detail}")
    error.status = answer.status_code
    return error
