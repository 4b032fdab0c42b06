"""Bodies without their long values: what is short comes as it was, however it is cut in pieces."""

import asyncio
import json
import urllib.parse
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.errors import TooLarge
from streamer.ingest import slimming
from streamer.ingest.fields import form, multipart
from streamer.ingest.problems import Receive
from streamer.ingest.slimming import LONGEST_FIELD, LONGEST_STRING, Bounds, slimmed

LONG = 'é\\"/A' * LONGEST_FIELD
UNBOUNDED = Bounds(10**9, 10**9)
CUTS = st.lists(st.integers(1, 50), max_size=40)


def pieces(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    """The body in pieces of these sizes, the last of whatever is left."""
    found: list[bytes] = []
    for size in cuts:
        found.append(body[:size])
        body = body[size:]
    return [*found, body]


def receive(parts: Sequence[bytes]) -> Receive:
    """What a server gives."""
    left = list(parts)

    async def one() -> dict[str, Any]:
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    return one


async def all_of(
    parts: Sequence[bytes], bounds: Bounds = UNBOUNDED, announced: bytes = b"1"
) -> bytes:
    headers = [(b"content-length", announced), (b"host", b"x")]
    scope, given_on = slimmed({"headers": headers}, receive(parts), bounds)
    assert scope["headers"] == [(b"host", b"x")]
    found, more = b"", True
    while more:
        message = await given_on()
        found, more = found + message["body"], message["more_body"]
    return found


def slim(body: bytes, cuts: Sequence[int] = ()) -> bytes:
    return asyncio.run(all_of(pieces(body, cuts)))


def parts(**fields: str) -> bytes:
    named = ((f'form-data; name="{name}"', value.encode()) for name, value in fields.items())
    return b"".join(part(how, value) for how, value in named) + b"--B--\r\n"


def part(how: str, content: bytes) -> bytes:
    return f"--B\r\nContent-Disposition: {how}\r\n\r\n".encode() + content + b"\r\n"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(value=JSON, is_ascii=st.booleans(), cuts=CUTS)
def test_short_json_comes_as_it_was(value: Any, is_ascii: bool, cuts: list[int]) -> None:  # noqa: FBT001
    body = json.dumps({"a": value}, ensure_ascii=is_ascii).encode()
    assert slim(body, cuts) == body


@given(body=st.binary(max_size=300), begin=st.sampled_from([b"", b"{", b"--B\r\n"]), cuts=CUTS)
def test_whatever_is_short_comes_as_it_was(body: bytes, begin: bytes, cuts: list[int]) -> None:
    if b"filename" not in body:
        assert slim(begin + body, cuts) == begin + body


@given(
    fields=st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.text(max_size=30)),
    how=st.sampled_from(
        [parts, lambda **fields: urllib.parse.urlencode(fields).encode()]
    ),
    cuts=CUTS,
)  # fmt: skip
def test_short_forms_come_as_they_were(
    fields: dict[str, str], how: Callable[..., bytes], cuts: list[int]
) -> None:
    assert slim(how(**fields), cuts) == how(**fields)


SIZES = st.integers(1, 5_000)


@given(cuts=st.lists(SIZES, max_size=30), is_ascii=st.booleans())
def test_a_long_string_is_empty_and_what_stands_beside_it_is_not(
    cuts: list[int],
    is_ascii: bool,  # noqa: FBT001
) -> None:
    told = {"a": "x\\", "Attachments": [{"Content": LONG, "Name": "b.pdf"}], "z": 'é"'}
    found = json.loads(slim(json.dumps(told, ensure_ascii=is_ascii).encode(), cuts))
    assert found == {**told, "Attachments": [{"Content": "", "Name": "b.pdf"}]}


@pytest.mark.parametrize("size", [LONGEST_STRING, LONGEST_STRING + 1])
def test_up_to_its_bound_a_string_is_whole(size: int) -> None:
    body = json.dumps({"a": "x" * size}).encode()
    assert len(json.loads(slim(body))["a"]) == (size if size == LONGEST_STRING else 0)


@given(cuts=st.lists(SIZES, max_size=30))
def test_a_long_field_of_a_form_is_empty(cuts: list[int]) -> None:
    told = {"sender": "a@b.fr", "body-html": LONG, "token": "é&="}
    body = urllib.parse.urlencode(told).encode()
    assert form(slim(body, cuts)) == {**told, "body-html": ""}


@given(cuts=st.lists(SIZES, max_size=30), file=st.binary(max_size=20_000))
def test_files_are_left_out_of_a_form_in_parts(cuts: list[int], file: bytes) -> None:
    attached = part('form-data; name="attachment-1"; filename="a.bin"', file.replace(b"--", b""))
    fields = parts(sender="a@b.fr", html=LONG, token="é")  # noqa: S106 - a field's name
    end = b"--B--\r\n"
    for body in (attached + fields, fields.removesuffix(end) + attached + end):
        found = slim(body, cuts)
        assert multipart(found) == {"sender": "a@b.fr", "html": "", "token": "é"}
        assert len(found) < len(fields) - len(LONG) + 200


def test_of_a_body_that_is_broken_off_in_a_long_value_the_rest_stays() -> None:
    assert slim(b'{"a": "b", "c": "' + LONG.encode()) == b'{"a": "b", "c": "'
    assert slim(b'{"a": "b\\') == b'{"a": "b\\'
    assert slim(b"a=1&b=" + LONG.encode().replace(b"&", b"")) == b"a=1&b="


@pytest.mark.parametrize("announced", [b"1", b"900000"])
async def test_above_its_bound_it_is_refused_whatever_it_announces(announced: bytes) -> None:
    body = b'{"a": "' + b"x" * 200_000
    with pytest.raises(TooLarge, match="above 100000 bytes"):
        await all_of(pieces(body, [1_000] * 100), Bounds(100_000, 10**9), announced)


@pytest.mark.parametrize(
    "filling",
    [b'"', b'""', b'"\\""', b"\\\\", b'"\\\\"', b"a=&", b"&", b"=", b"\r\n--B\r\n\r\n", b"-"],
)
@pytest.mark.parametrize("begin", [b"{", b'{"', b"--B\r\n", b"a"])
@pytest.mark.timeout(60)
async def test_a_body_made_to_be_slow_comes_to_its_end(begin: bytes, filling: bytes) -> None:
    # A second for what is read once; what was read again with every piece would take minutes.
    mib = 1024 * 1024
    body = begin + filling * (16 * mib // len(filling))
    assert len(await all_of(pieces(body, [65_536] * 256), Bounds(64 * mib, mib))) <= len(body)


async def test_a_client_that_goes_is_told_on() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    _, given_on = slimmed({"headers": []}, gone, Bounds(10, 10))
    assert await given_on() == {"type": "http.disconnect"}


def test_what_a_parser_reads_is_far_from_the_bounds() -> None:
    assert slimming.LONGEST_STRING > 998 * 10
