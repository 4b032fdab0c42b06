"""What a terminal is shown of a dead letter, and what it is spared."""

import base64

import msgspec
import pytest

from streamer.commands.letter_view import WARNING, page, table, whole
from streamer.transport.deadletters import DeadLetter, Request
from streamer.transport.letterbox import Kept
from tests.commands.test_letter_choice import kept

REQUEST = Request(method="POST", kind="opened", query=b"cmp=c", headers={"svix-id": "msg_1"})


def opened(value: bytes | None, request: Request | None = REQUEST) -> tuple[Kept, DeadLetter]:
    one = kept()
    assert one.letter is not None
    return one, msgspec.structs.replace(one.letter, value=value, request=request)


def test_a_page_warns_before_it_shows_anything_that_was_sent() -> None:
    shown = page(*opened('{"to": "jean é"}\r\n\tx'.encode()))
    before, _, after = shown.partition(WARNING)
    assert "its `event` is new" in before
    for part in ("method: POST", "kind: opened", "query: cmp=c", "header svix-id: msg_1", "jean é"):
        assert part in after
        assert part not in before


@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"a\x1b[2Jb", b"a\rb", b"\x00", "a\x9b2Jb".encode()]
)
def test_what_is_no_plain_text_is_shown_in_base64(value: bytes) -> None:
    one, letter = opened(value)
    coded = base64.b64encode(value).decode()
    assert coded in page(one, letter)
    assert "\x1b" not in page(one, letter)
    assert whole(one, letter)["value"] == {"base64": coded}


def test_a_record_without_a_value_is_shown_as_such() -> None:
    assert "(nothing)" in page(*opened(None, None))
    assert whole(*opened(None, None))["value"] is None


def test_the_table_has_one_line_for_each_letter_and_the_sum(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table([kept("aaa"), kept("bbb", topic="webhooks", reason="its\x1b[2J [bold]word")])
    shown = capsys.readouterr().out
    assert "touchpoints-3@1024" in shown
    assert "its\ufffd[2J [bold]word" in shown
    assert shown.rstrip().endswith("2 dead letters: 2 open")
    assert "2026-03-02T10:00:00Z" in shown


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    table([])
    assert capsys.readouterr().out == "no dead letters\n"
