"""Which mails a machine wrote."""

import pytest

from streamer.ingest.auto_reply import is_automatic


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "auto-replied")],
        [("auto-submitted", "auto-generated (vacation)")],
        [("Subject", "x"), ("Auto-Submitted", "auto-notified; owner-email=x")],
        [("Return-Path", " <> ")],
    ],
)
def test_what_a_machine_sent_says_so(headers: list[tuple[object, object]]) -> None:
    assert is_automatic(headers)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Auto-Submitted", "no")],
        [("Auto-Submitted", " No (a person)")],
        [("Return-Path", "<prospect@example.fr>")],
        [("Precedence", "first-class")],
        [(None, "auto-replied"), ("Auto-Submitted", None)],
    ],
)
def test_what_does_not_say_so_is_of_a_person(headers: list[tuple[object, object]]) -> None:
    assert not is_automatic(headers)
