"""What vendors write, read as it is meant; forms, in parts and repeated."""

import gc
import urllib.parse
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.ingest.fields import (
    form,
    form_pairs,
    international,
    json_items,
    json_object,
    multipart,
    without,
)
from streamer.ingest.vendors import NotUnderstood

FILE = (
    b'--B\r\nContent-Disposition: form-data; name="attachment-1"; filename="a.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\xff\x00--B\r\n"
)


def part(name: str, value: str) -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def test_of_a_repeated_field_the_first_or_the_last_is_taken() -> None:
    assert form(b"a=1&b=2&a=3") == {"a": "1", "b": "2"}
    assert form(b"a=1&b=2&a=3", last=True) == {"a": "3", "b": "2"}


@given(st.text("ab=&+%2C3;", max_size=30))
def test_the_fields_of_a_form_are_those_of_the_standard_library(text: str) -> None:
    wanted = urllib.parse.parse_qsl(text, keep_blank_values=True, encoding="latin-1")
    found = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in form_pairs(text.encode())]
    assert found == wanted


@pytest.mark.parametrize("body", [b"a=\xff", b"a=%ff", b"&" * 500])
def test_a_refused_form_is_forgotten_at_once(body: bytes) -> None:
    gc.collect()
    with suppress(NotUnderstood):
        form(body)
    assert gc.collect() == 0, "its error is in a cycle that holds the form"


def test_a_form_in_parts_gives_its_fields_and_no_file() -> None:
    body = (
        part("sender", "été") + FILE + part("empty", "") + part("sender", "l\r\n2") + b"--B--\r\n"
    )
    assert multipart(body) == {"sender": "l\r\n2", "empty": ""}


@given(st.dictionaries(st.from_regex(r"[a-z-]{1,9}", fullmatch=True), st.text(max_size=40)))
def test_any_fields_come_back(fields: dict[str, str]) -> None:
    if any("\r\n--B" in f"\r\n{value}" for value in fields.values()):
        return  # A sender chooses a boundary that stands in no part.
    body = b"".join(part(name, value) for name, value in fields.items()) + b"--B--"
    if fields:
        assert multipart(body) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--",
        b"--B",
        b"--B\r\n",
        b"a=1",
        part("a", "1"),
        part("a", "1") + b"--B-",
        part("a", "1").replace(b"1", b"\xff") + b"--B--",
        part("a", "1") * 600 + b"--B--",
        b"--" + b"B" * 100 + b"\r\n",
    ],
)
def test_what_is_no_form_in_parts_is_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        multipart(body)


@pytest.mark.parametrize(
    "filling",
    [b"Content-Disposition: form-data;", b'name="', b"\r\n--B", b"\r\n", b"--B--\r\n", b"filename"],
)
@pytest.mark.timeout(30)
def test_a_body_made_to_be_slow_comes_to_its_end(filling: bytes) -> None:
    # Milliseconds for what is read once; what was read again from each place would take minutes.
    body = b"--B\r\n" + filling * (1_048_576 // len(filling))
    for each in (body, body + b"\r\n--B--"):
        with suppress(NotUnderstood):
            multipart(each)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (rb'{"a": "x\ud83d"}', "x\ufffd"),
        (rb'{"a": "\uDE00x\ud83d"}', "\ufffdx\ufffd"),
        (rb'{"a": "\ud83d\ud83d\ude00"}', "\ufffd\U0001f600"),
        (rb'{"a": "\ud83d\ude00\ude00"}', "\U0001f600\ufffd"),
        # A backslash, and then no escape.
        (rb'{"a": "\\ud83d \ud83d"}', r"\ud83d " + "\ufffd"),
        (rb'{"a": "\\\ud83d"}', "\\\ufffd"),
        (rb'{"a": "\ud83dn\n"}', "\ufffdn\n"),
        (b'{"a": "\xf0\x9f\x98\x80"}', "\U0001f600"),
    ],
)
def test_half_of_a_character_is_read_as_its_place(body: bytes, said: str) -> None:
    assert json_object(body) == {"a": said}
    assert [value for _, value in json_items(b"[" + body + b"]")] == [{"a": said}]
    assert json_object(without("b")(body[:-1] + b', "b": 1}')) == {"a": said}


@pytest.mark.parametrize("filling", [rb"\ud83d", rb"\ud83d\ude00", b"\\\\", b"\\", rb"\\ud83d"])
@pytest.mark.timeout(30)
def test_a_text_made_to_be_slow_comes_to_its_end(filling: bytes) -> None:
    with suppress(NotUnderstood):
        json_object(b'{"a": "' + filling * (1_048_576 // len(filling)) + rb'\ud83d"}')


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("33612345678", "+33612345678"),
        (33612345678, "+33612345678"),
        ("+33612345678", "+33612345678"),
        ("0033612345678", "0033612345678"),
        ("0612345678", "0612345678"),
        ("Example", "Example"),
        ("", None),
        (None, None),
    ],
)
def test_a_number_without_its_plus_gets_it(written: object, number: str | None) -> None:
    assert international({"to": written}, "to") == number
