"""A request's id: taken or made, answered, and in every line of the log."""

import io
import logging
from collections.abc import Iterator

import pytest

from streamer.commands.log import Line, note_request
from streamer.ingest.request_id import current, id_of
from tests.ingest.support import AUTHORISED, bench

THEIRS = "0193b1c8-7f5e-7cc0-a1b2-000000000001"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the gateway logs, as the commands would write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line())
    handler.addFilter(note_request)
    logger = logging.getLogger("streamer")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.parametrize(
    "theirs",
    [b"", b"short", b"33612345678", b"jean.dupont@example.fr", b"x" * 65, b"a b c d e f g h i j k"],
)
def test_what_might_be_a_person_or_a_trick_is_not_taken(theirs: bytes) -> None:
    made = id_of({"headers": [(b"x-request-id", theirs)]})
    assert made != theirs.decode()
    assert len(made) == 16
    assert made != id_of({"headers": []})


async def test_an_error_is_found_in_the_log_by_the_id_that_was_answered(
    lines: io.StringIO,
) -> None:
    async with bench() as it:
        answer = await it.client.get("/nowhere", headers={"X-Request-Id": THEIRS})
        assert answer.headers["x-request-id"] == THEIRS
        it.kafka.away = True
        away = await it.client.put(
            "/v1/campaigns/%C3%A9t%C3%A9/prospects",
            content=b"id\n1\n",
            headers={**AUTHORISED, "content-type": "text/csv"},
        )
        secret = await it.client.post("/webhooks/nobody/a-secret-of-a-url")
        await it.client.get("/readyz")
    (first, second, third) = lines.getvalue().splitlines()
    assert f"request={THEIRS}" in first
    assert 'msg="GET reads answered 404"' in first or 'msg="GET none answered 404"' in first
    assert away.status_code == 503
    assert "level=warning" in second
    assert f"request={away.headers['x-request-id']}" in second
    assert 'campaign="été"' in second
    assert f"request={secret.headers['x-request-id']}" in third
    assert "a-secret-of-a-url" not in lines.getvalue()


async def test_a_success_is_answered_with_its_id_and_leaves_no_line(lines: io.StringIO) -> None:
    async with bench() as it:
        answer = await it.client.get("/healthz")
    assert len(answer.headers["x-request-id"]) == 16
    assert lines.getvalue() == ""
    assert current.get() == ""


async def test_lines_within_a_request_have_its_id(lines: io.StringIO) -> None:
    token = current.set("r-1")
    logging.getLogger("streamer.x").warning("something")
    current.reset(token)
    logging.getLogger("streamer.x").warning("something", extra={"campaign": "spring"})
    first, second = lines.getvalue().splitlines()
    assert first.endswith("msg=something request=r-1")
    assert second.endswith("msg=something campaign=spring")
