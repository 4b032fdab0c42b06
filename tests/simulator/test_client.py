from collections.abc import Callable, Sequence

import httpx
import pytest

from streamer.errors import RequestError, SettingsError
from streamer.simulator.client import (
    GatewayClient,
    GatewayUnavailable,
    Refused,
    UnknownCampaign,
)

ACCEPTED = httpx.Response(202, json={"accepted": 1})


class Gateway:
    """Answers in turn, the last answer for ever; remembers requests and pauses."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def client(self, patience: float | None = None) -> GatewayClient:
        return GatewayClient(
            "http://gateway.test/",
            "t0",
            patience=patience,
            transport=httpx.MockTransport(self),
            sleep=self.sleep,
        )


def problem(status: int, detail: str, **more: object) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "detail": detail, **more})


def busy(seconds: str) -> httpx.Response:
    return httpx.Response(503, headers={"Retry-After": seconds}, json={"detail": "Kafka is away"})


async def test_events_are_posted_as_a_batch_with_the_token() -> None:
    gateway = Gateway(ACCEPTED)
    assert await gateway.client().post_events(b"[{}]") == 1
    (request,) = gateway.requests
    assert request.url == "http://gateway.test/v1/events"
    assert request.headers["Authorization"] == "Bearer t0"
    assert request.headers["Content-Type"] == "application/cloudevents-batch+json"


async def test_it_waits_as_long_as_it_is_told() -> None:
    gateway = Gateway(busy("3"), busy("7200"), busy("soon"), ACCEPTED)
    client = gateway.client()
    assert await client.post_events(b"[]") == 1
    assert gateway.pauses == [3.0, 10.0, 1.0]
    assert client.retries == 3
    assert len({request.content for request in gateway.requests}) == 1


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (httpx.ConnectError("connection refused"), r"does not answer \(connection refused\)"),
        (busy("1"), "answers 503: Kafka is away"),
    ],
)
async def test_patience_ends_in_a_sentence(trouble: httpx.Response | Exception, said: str) -> None:
    gateway = Gateway(trouble)
    with pytest.raises(GatewayUnavailable, match=f"http://gateway.test {said}"):
        await gateway.client(patience=0).post_events(b"[]")


async def test_a_restart_of_the_gateway_is_lived_through() -> None:
    trouble = httpx.ConnectError("refused")
    gateway = Gateway(trouble, httpx.ReadError(""), trouble, ACCEPTED)
    assert await gateway.client(patience=60).post_events(b"[]") == 1
    assert gateway.pauses == [0.25, 0.5, 1.0]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (problem(401, "no"), SettingsError, "refuses the token"),
        (problem(404, "No event of campaign c was accepted yet."), UnknownCampaign, "No event"),
        (problem(413, "too large"), RequestError, "answers 413: too large"),
        (httpx.Response(500, text="<html>"), RequestError, "answers 500: Internal Server Error"),
    ],
)
async def test_what_does_not_pass_is_said_at_once(
    answer: httpx.Response, kind: type[Exception], said: str
) -> None:
    gateway = Gateway(answer)
    with pytest.raises(kind, match=said):
        await gateway.client().kpis("c")
    assert gateway.pauses == []


async def test_a_refusal_carries_its_reasons() -> None:
    reasons = [{"index": 0, "id": "e1", "field": "time", "reason": "must be"}]
    gateway = Gateway(problem(400, "1 of the events", errors=reasons))
    with pytest.raises(Refused) as caught:
        await gateway.client().post_events(b"[{}]")
    assert caught.value.errors == reasons


async def test_a_call_is_one_attempt_with_its_own_headers_and_no_token() -> None:
    gateway = Gateway(httpx.Response(503))
    answer = await gateway.client().call("/webhooks/s?c=1", {"X-Signature": "a"}, b"[]", 1.0)
    assert answer is not None
    assert answer.status_code == 503
    (request,) = gateway.requests
    assert (request.url.raw_path, request.headers["X-Signature"]) == (b"/webhooks/s?c=1", "a")
    assert "Authorization" not in request.headers


async def test_a_call_without_an_answer_has_none() -> None:
    gateway = Gateway(httpx.ConnectError("refused"))
    assert await gateway.client().call("/webhooks/s", {}, b"[]", 1.0) is None


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda client: client.kpis("a/é?"), b"/v1/campaigns/a%2F%C3%A9%3F/kpis"),
        (lambda client: client.put_plan("a b", {}), b"/v1/campaigns/a%20b"),
        (lambda client: client.kpis(".."), b"/v1/campaigns/%2E%2E/kpis"),
    ],
)
async def test_campaigns_are_quoted_in_paths(
    call: Callable[[GatewayClient], Sequence[object]], path: bytes
) -> None:
    gateway = Gateway(httpx.Response(200, json={}))
    await call(gateway.client())  # type: ignore[misc]
    assert gateway.requests[0].url.raw_path == path
