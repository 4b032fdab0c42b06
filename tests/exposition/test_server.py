"""The metrics address answers, tells the truth, and says so when it cannot be had."""

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from streamer.errors import StartError
from streamer.exposition.server import MetricsServer
from streamer.settings import Address

LOCAL = Address("127.0.0.1", 0)


def yes() -> bool:
    return True


def no() -> bool:
    return False


def server(
    address: Address = LOCAL,
    *,
    alive: Callable[[], bool] = yes,
    ready: Callable[[], bool] = yes,
) -> MetricsServer:
    return MetricsServer(
        address, "STREAMER_METRICS", metrics=lambda: b"a 1\n", alive=alive, ready=ready
    )


@pytest.fixture
def get() -> Iterator[Callable[[MetricsServer, str], httpx.Response]]:
    started: list[MetricsServer] = []

    def ask(own: MetricsServer, path: str) -> httpx.Response:
        if own not in started:
            own.start()
            started.append(own)
        return httpx.get(f"http://{own.address}{path}")

    yield ask
    for own in started:
        own.stop()


Get = Callable[[MetricsServer, str], httpx.Response]


def test_metrics_are_plain_text(get: Get) -> None:
    answer = get(server(), "/metrics?x=1")
    assert (answer.status_code, answer.content) == (200, b"a 1\n")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_health_and_readiness_are_asked_each_time(get: Get) -> None:
    answers = [True]
    own = server(ready=lambda: answers[0])
    assert get(own, "/healthz").status_code == 200
    assert get(own, "/readyz").status_code == 200
    answers[0] = False
    assert get(own, "/readyz").status_code == 503
    assert get(server(alive=no), "/healthz").status_code == 503


def test_a_defect_is_an_error_and_not_a_silence(get: Get) -> None:
    def broken() -> bool:
        raise ValueError("broken")

    own = server(ready=broken)
    assert get(own, "/readyz").status_code == 500
    assert get(own, "/healthz").status_code == 200


def test_there_is_nothing_else(get: Get) -> None:
    assert get(server(), "/v1/campaigns").status_code == 404


def test_an_ipv6_address_is_served(get: Get) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    assert get(server(Address("::1", 0)), "/healthz").status_code == 200


def test_a_head_request_has_no_body(get: Get) -> None:
    own = server()
    get(own, "/healthz")
    answer = httpx.head(f"http://{own.address}/metrics")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_taken_port_is_a_clear_sentence(port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(StartError, match=r"taken by another program.*STREAMER_METRICS"),
    ):
        server(Address("127.0.0.1", port)).start()


def test_an_address_of_another_machine_is_a_clear_sentence() -> None:
    with pytest.raises(StartError, match=r"Cannot listen on 192\.0\.2\.1:0"):
        server(Address("192.0.2.1", 0)).start()


def test_a_stopped_server_frees_its_port() -> None:
    own = server()
    own.start()
    own.stop()
    with socket.create_server((own.address.host, own.address.port)):
        pass


def test_a_client_that_says_nothing_holds_up_nobody(get: Get) -> None:
    own = server()
    get(own, "/healthz")
    with socket.create_connection((own.address.host, own.address.port)):
        assert get(own, "/healthz").status_code == 200
