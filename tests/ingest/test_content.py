"""CloudEvents' binary mode: attributes in headers, by the HTTP binding's rules."""

import pytest

from tests.ingest.support import AUTHORISED, Bench, bench

ATTRIBUTES = {
    "ce-specversion": "1.0",
    "ce-id": "1",
    "ce-source": "/test",
    "ce-type": "email.bounced",
    "ce-time": "2026-03-02T10:30:00Z",
    "ce-campaign": "c",
    "ce-message": "m1",
}


async def post(it: Bench, body: bytes, **changes: str | None) -> int:
    named = {name.replace("_", "-", 1): value for name, value in changes.items()}
    headers = AUTHORISED | ATTRIBUTES | {"content-type": "application/json"} | named
    kept = {name: value for name, value in headers.items() if value is not None}
    return (await it.client.post("/v1/events", content=body, headers=kept)).status_code


async def test_an_event_in_headers_is_taken_with_its_data() -> None:
    async with bench() as it:
        assert await post(it, b'{"bounce": "hard"}') == 202
        (found,) = it.kafka.events()
        assert (found.type, found.message, found.data) == (
            "email.bounced",
            "m1",
            {"bounce": "hard"},
        )


async def test_an_event_without_data_needs_no_content_type() -> None:
    async with bench() as it:
        assert await post(it, b"", content_type=None, ce_type="email.sent") == 202
        (found,) = it.kafka.events()
        assert found.data is None


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("caf%C3%A9 %22x%22 100%25", 'café "x" 100%'),
        ('"quoted \\"x\\""', 'quoted "x"'),
        ("plain", "plain"),
        ("50%zz", "50%zz"),
        ("%F0%9F%98%80", "\U0001f600"),
    ],
)
async def test_header_values_are_unquoted_and_decoded(header: str, text: str) -> None:
    async with bench() as it:
        assert await post(it, b"", ce_type="email.sent", ce_campaign=header) == 202
        assert it.kafka.events()[0].campaign == text
        assert it.kafka.records[0].key == text.encode()


async def test_a_header_that_is_not_utf_8_is_malformed() -> None:
    async with bench() as it:
        assert await post(it, b"", ce_type="email.sent", ce_campaign="%FF") == 400


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (b"{", {}),
        (b"[1]", {}),
        (b'{"bounce":"hard"},"campaign":"other"', {}),
        (b'{"bounce":"hard"}', {"ce_time": None}),
        (b'{"bounce":"hard"}', {"ce_data_base64": "e30="}),
        (b'{"bounce":"hard"}', {"ce_specversion": "0.3"}),
    ],
)
async def test_what_is_unsound_is_400_as_in_a_body(
    body: bytes, changes: dict[str, str | None]
) -> None:
    async with bench() as it:
        assert await post(it, body, **changes) == 400
        assert it.kafka.records == []


async def test_data_cannot_be_given_in_a_header() -> None:
    async with bench() as it:
        assert await post(it, b'{"bounce":"soft"}', ce_data="x") == 202
        assert it.kafka.events()[0].data == {"bounce": "soft"}
