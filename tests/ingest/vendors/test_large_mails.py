"""Replies with large attachments: they count, and neither memory nor a dead letter holds those."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from streamer.ingest.vendors import LARGEST_MAIL, vendors
from streamer.transport import deadletters
from tests.ingest.support import SECRET, Bench, bench
from tests.ingest.vendors.cases import CASES, URL, Case, Request, now
from tests.ingest.vendors.mailgun import proof
from tests.ingest.vendors.support import case_of

MIB: Final = 1024 * 1024
# The gateway may hold this much, all requests together.
BUDGET: Final = str(3 * MIB)
CONTENT: Final = base64.b64encode(b"\x00\xff\xfe" * (10 * MIB // 3)).decode()
ATTACHED: Final = [{"Name": "a.pdf", "Content": CONTENT, "ContentLength": 10 * MIB}] * 3


def postmark(**changes: Any) -> Request:
    mail = {
        "FromFull": {"Email": "Prospect@example.fr"},
        "MessageID": "m-1",
        "StrippedTextReply": "Oui",
        "Headers": [],
        "Attachments": ATTACHED,
    }
    body = json.dumps(mail | changes).replace("/", "\\/").encode()
    return case_of("postmark").sign(Request(body), "first", now())


def brevo() -> Request:
    mail = {"Uuid": ["u-1"], "From": {"Address": "prospect@example.fr"}, "RawHtmlBody": CONTENT}
    return case_of("brevo").sign(Request(json.dumps({"items": [mail]}).encode()), "first", now())


def mailgun() -> Request:
    fields = {
        **proof("first", now()),
        "sender": "prospect@example.fr",
        "from": "Jane <prospect@example.fr>",
        "message-headers": json.dumps([["Message-Id", "<1@example.fr>"]]),
        "body-html": CONTENT[:MIB],
    }
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.insert(2, f'name="attachment-1"; filename="a.pdf"\r\n\r\n{CONTENT}')
    body = "".join(f"--B\r\nContent-Disposition: form-data; {each}\r\n" for each in parts)
    return Request(f"{body}--B--\r\n".encode(), {"content-type": "multipart/form-data; boundary=B"})


MAILS: Final = {"postmark": postmark, "brevo": brevo, "mailgun": mailgun}


async def send(it: Bench, request: Request) -> int:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(request.body), 65_536):
            yield request.body[at : at + 65_536]
            await asyncio.sleep(0)

    response = await it.client.request(
        request.method, request.target, content=pieces(), headers=dict(request.headers)
    )
    return response.status_code


def test_vendors_that_bring_mails_with_their_attachments_are_these() -> None:
    assert {each.name for each in vendors().values() if each.largest} == set(MAILS)


@pytest.mark.parametrize("case", [each for each in CASES if vendors()[each.vendor].largest])
def test_of_a_body_that_its_proof_covers_nothing_may_be_left_out(case: Case) -> None:
    assert case.covers == "nothing"


@pytest.mark.parametrize("vendor", MAILS)
async def test_a_reply_with_attachments_counts(vendor: str, tmp_path: Path) -> None:
    sources = case_of(vendor).sources(tmp_path)
    async with bench(sources, PUBLIC_URL=URL, MAX_BUFFERED_BYTES=BUDGET) as it:
        assert await send(it, MAILS[vendor]()) == 200
        (event,) = it.kafka.events()
        assert event.type == "email.replied"
        assert b"streamer_gateway_held_bytes 0.0" in it.gateway.metrics.render()


async def test_many_at_once_are_held_without_their_attachments(tmp_path: Path) -> None:
    sources = case_of("postmark").sources(tmp_path)
    async with bench(sources, PUBLIC_URL=URL, MAX_BUFFERED_BYTES=BUDGET) as it:
        mails = [postmark(MessageID=f"m-{number}") for number in range(6)]
        assert sum(len(mail.body) for mail in mails) > 200 * MIB
        assert set(await asyncio.gather(*(send(it, mail) for mail in mails))) == {200}
        assert len(it.kafka.events()) == 6


async def test_one_that_is_not_understood_is_a_dead_letter_without_them(tmp_path: Path) -> None:
    sources = case_of("postmark").sources(tmp_path)
    async with bench(sources, PUBLIC_URL=URL, MAX_BUFFERED_BYTES=BUDGET) as it:
        assert await send(it, postmark(MessageID=None)) == 200
        ((_, key, value),) = it.kafka.letters()
        assert len(value) < 2_000
        kept = json.loads(deadletters.read(SECRET.encode(), key, value).value or b"")
        assert kept["StrippedTextReply"] == "Oui"
        assert [each["Name"] for each in kept["Attachments"]] == ["a.pdf"] * 3


async def test_what_no_mail_can_be_is_413_before_it_is_held(tmp_path: Path) -> None:
    sources = case_of("postmark").sources(tmp_path)
    async with bench(sources, PUBLIC_URL=URL, MAX_BUFFERED_BYTES=BUDGET) as it:
        mail = postmark(Attachments=[{"Content": "x" * LARGEST_MAIL}])
        assert await send(it, mail) == 413
        assert it.kafka.records == []
