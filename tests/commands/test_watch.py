import httpx

from streamer.commands.watch import Watch, total
from streamer.embedded.folder import Run

TEXT = """\
# TYPE streamer_events_total counter
streamer_events_total{outcome="applied"} 10.0
streamer_events_total{outcome="repeated"} 2.0
streamer_events_total_other 100.0
streamer_posted_events_total 1e+03
streamer_http_requests_total{route="plan",status="202"} 1.0
streamer_http_requests_total{route="plan",status="400"} 7.0
"""


def test_a_metric_is_summed_over_its_labels() -> None:
    assert total(TEXT, "streamer_events_total", "") == 12
    assert total(TEXT, "streamer_events_total", 'outcome="applied"') == 10
    assert total(TEXT, "streamer_posted_events_total", "") == 1000
    assert total(TEXT, "absent", "") == 0


RUN = Run(
    pid=1,
    gateway="g:1",
    metrics="m:1",
    gateway_metrics="gm:1",
    kafka="k:1",
    redis="redis://r",
    token="t",  # noqa: S106 - an example
)


async def test_progress_is_what_the_parts_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/metrics":
            return httpx.Response(200, text=TEXT)
        assert request.headers["authorization"] == "Bearer t"
        assert request.url.raw_path == b"/v1/campaigns/a%2Fb/kpis"
        return httpx.Response(200, json={"kpis": [{"kpi": "k"}]})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        progress = await Watch(client, RUN, "a/b").progress(3)

    assert (progress.sent, progress.counted, progress.rows) == (1001, 12, [{"kpi": "k"}])


async def test_what_does_not_answer_counts_as_nothing() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        progress = await Watch(client, RUN, "a/b").progress(3)

    assert (progress.sent, progress.counted, progress.rows) == (0, 0, [])
