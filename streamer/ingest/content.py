"""How a request to `/v1/events` carries its events: content types and CloudEvents' binary mode.

Pure: headers and a body in, JSON and its shape out.
"""

import re
import urllib.parse
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from streamer.errors import Malformed, UnsupportedMediaType
from streamer.events import loads
from streamer.ingest.bodies import header
from streamer.ingest.problems import Scope
from streamer.ingest.reading import Shape

_SHAPES: Final[dict[str, Shape]] = {
    "application/cloudevents+json": "one",
    "application/cloudevents-batch+json": "batch",
    "application/json": "either",
}
_PREFIX: Final = b"ce-"
_CHARSETS: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(rb"\\(.)")
TAKEN: Final = (
    "This takes application/cloudevents+json, application/cloudevents-batch+json, "
    "application/json, or an event in ce- headers (binary mode) with JSON data"
)


class Content(NamedTuple):
    """A body as JSON, and the shape that its content type promises."""

    body: bytes
    shape: Shape


def check_encoding(scope: Scope) -> None:
    """Refuse compressed bodies: what they unpack to could not be bounded by their size."""
    encoding = header(scope, b"content-encoding") or b"identity"
    if encoding.strip().lower() != b"identity":
        raise UnsupportedMediaType(
            "Send the body as it is, without Content-Encoding: compressed bodies are not taken."
        )


def media_type(scope: Scope) -> str:
    """The content type without its parameters, in lower case; UnsupportedMediaType if not UTF-8."""
    return _media_type(header(scope, b"content-type") or b"")


# Clients send the same few, again and again.
@lru_cache(maxsize=256)
def _media_type(told: bytes) -> str:
    full = told.decode("latin-1").lower()
    name, *parameters = (part.strip() for part in full.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "charset" and value.strip(" \"'") not in _CHARSETS:
            raise UnsupportedMediaType("The body must be in UTF-8.")
    return name


def is_binary(scope: Scope) -> bool:
    """Whether the event's attributes are in its headers."""
    return header(scope, b"ce-specversion") is not None or header(scope, b"ce-id") is not None


def content_of(scope: Scope, body: bytes) -> Content:
    """What the request carries; UnsupportedMediaType for what this does not read."""
    media = media_type(scope)
    if media.startswith("application/cloudevents"):
        if media not in _SHAPES:
            raise UnsupportedMediaType(f"{TAKEN}.")
        return Content(body, _SHAPES[media])
    if is_binary(scope):
        if media and media != "application/json" and not media.endswith("+json"):
            raise UnsupportedMediaType("The data of an event in ce- headers must be JSON.")
        return Content(_from_headers(scope, body), "one")
    if media not in _SHAPES:
        raise UnsupportedMediaType(f"{TAKEN}.")
    return Content(body, _SHAPES[media])


def _from_headers(scope: Scope, body: bytes) -> bytes:
    event: dict[str, Any] = {}
    for name, value in scope["headers"]:
        if name.startswith(_PREFIX):
            event[name.removeprefix(_PREFIX).decode("latin-1")] = _decode(name, value)
    event.pop("data", None)
    if body.strip():
        try:
            loads(body)
        except ValueError as error:
            raise Malformed(f"The data is not JSON in UTF-8: {error}.") from None
        # As it came: numbers keep their text.
        event["data"] = msgspec.Raw(body)
    return msgspec.json.encode(event)


def _decode(name: bytes, value: bytes) -> str:
    """A header's text, by the rules of CloudEvents' HTTP binding: unquoted, then %-decoded."""
    quoted = _QUOTED.fullmatch(value.strip())
    plain = _ESCAPED.sub(rb"\1", quoted[1]) if quoted else value.strip()
    try:
        return urllib.parse.unquote_to_bytes(plain).decode()
    except UnicodeDecodeError:
        raise Malformed(f"The header {name.decode('latin-1')} is not UTF-8, %-encoded.") from None
