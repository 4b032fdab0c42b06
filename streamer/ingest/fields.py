"""Reading what vendors send: JSON, forms, their fields and their times. Pure.

Whatever is not as documented is NotUnderstood, with a reason that names the field and quotes
nothing of it.
"""

import re
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

import msgspec

from streamer.events import parse_time
from streamer.ingest.vendors import Item, NotUnderstood

FoundT = TypeVar("FoundT")
_RAWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
# Escapes of surrogates that are not escaped themselves: a pair is one character, half of one is
# what is left of an emoji where a text was cut.
_SURROGATES: Final = re.compile(
    rb"(?<!\\)((?:\\\\)*)(\\u[dD]"
    rb"(?:[89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|[89a-fA-F][0-9a-fA-F]{2}))"
)
_HALF: Final = len(rb"\u0000")
# A form of a webhook has some dozens of fields; more are refused before they are split.
_MOST_FIELDS: Final = 500
# RFC 2046 allows 70 characters, and `--` before them.
LONGEST_BOUNDARY: Final = 72
# A part names its field in one short line; the bound keeps the search linear.
LONGEST_HEAD: Final = 1_000
_FIELD: Final = re.compile(
    rb'content-disposition: *form-data;[^\r\n]*\bname="([^"\r\n]*)"', re.IGNORECASE
)
NAMES_FILE: Final = re.compile(rb"\bfilename\*?=", re.IGNORECASE)
_MILLI: Final = 1_000
_NO_FORM: Final = "it is not a form in UTF-8"


def decoded(decode: Callable[[bytes], FoundT], body: bytes) -> FoundT:
    """What a decoder of JSON makes of it; ValueError or RecursionError when it can't.

    Half of a character, which no decoder of JSON takes, is read as U+FFFD: vendors cut texts, and
    nothing that is counted is in what was cut.
    """
    try:
        return decode(body)
    except ValueError:
        whole = _SURROGATES.sub(_replaced, body)
        if whole == body:
            raise
    return decode(whole)


def _replaced(found: re.Match[bytes]) -> bytes:
    return found[1] + (rb"\ufffd" if len(found[2]) == _HALF else found[2])


def json_items(body: bytes) -> Iterator[tuple[bytes, Any]]:
    """The raw bytes and the value of each item of an array, or of the one object that a body is."""
    is_object = body.lstrip()[:1] == b"{"
    try:
        raws = decoded(_RAWS.decode, b"[" + body + b"]" if is_object else body)
    except (ValueError, RecursionError):
        raise NotUnderstood("it is not a JSON object or array in UTF-8") from None
    for raw in map(bytes, raws):
        yield raw, _value(raw)


def _value(raw: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """What a raw item says, or the NotUnderstood that `an_object` raises for it."""
    try:
        return decoded(msgspec.json.decode, raw)
    except (ValueError, RecursionError):
        return NotUnderstood("it is not JSON in UTF-8, or nested too deeply")


def read_each(body: bytes, read: Callable[[bytes, dict[str, Any]], Item]) -> Iterator[Item]:
    """What `read` makes of each object of a JSON body, given as it came and as its fields.

    One that is not understood does not hold back the others.
    """
    for raw, value in json_items(body):
        try:
            yield read(raw, an_object(value, "it"))
        except NotUnderstood as problem:
            yield Item(raw, not_understood=str(problem))


def json_value(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """What a body says, whatever it is."""
    value = _value(body)
    if isinstance(value, NotUnderstood):
        raise value
    return value


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is."""
    return an_object(_value(body), "it")


def without(name: str) -> Callable[[bytes], bytes]:
    """What takes a field of this name, which holds a credential, out of a JSON object.

    The other fields stay as they came. What is no JSON object is nothing that can be kept: `{}`.
    """

    def strip(body: bytes) -> bytes:
        try:
            fields = decoded(_FIELDS.decode, body)
        except (ValueError, RecursionError):
            return b"{}"
        fields.pop(name, None)
        return msgspec.json.encode(fields)

    return strip


def an_object(value: object, name: str) -> dict[str, Any]:
    """The value, which must be a JSON object; `name` is what to call it."""
    if isinstance(value, NotUnderstood):
        raise value
    if not isinstance(value, dict):
        raise NotUnderstood(f"{name} is not a JSON object")
    return value


def form(text: bytes, *, last: bool = False) -> dict[str, str]:
    """A form's or a query's fields; of a repeated one the first, or the last."""
    if not text.isascii() or text.count(b"&") >= _MOST_FIELDS:
        raise NotUnderstood(_NO_FORM)
    fields: dict[str, str] = {}
    try:
        for name, value in form_pairs(text):
            key, told = name.decode(), value.decode()
            if last or key not in fields:
                fields[key] = told
    except ValueError:
        raise NotUnderstood(_NO_FORM) from None
    return fields


def form_pairs(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The decoded names and values of a form or a query, whatever their bytes.

    As `urllib.parse.parse_qsl` has them, blank values included, in a third of its time.
    """
    for part in text.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            if b"%" in part or b"+" in part:
                yield _unquoted(name), _unquoted(value)
            else:
                yield name, value


def _unquoted(text: bytes) -> bytes:
    return urllib.parse.unquote_to_bytes(text.replace(b"+", b" "))


def multipart(body: bytes) -> dict[str, str]:
    """The fields of a form sent as multipart/form-data, without its files; the last of each.

    The boundary is taken from the body itself, which begins with it (RFC 7578).
    """
    boundary, _, rest = body.partition(b"\r\n")
    if not boundary.startswith(b"--") or len(boundary) > LONGEST_BOUNDARY:
        raise NotUnderstood("it is not a form in parts")
    fields: dict[str, str] = {}
    parts = (b"\r\n" + rest).split(b"\r\n" + boundary, _MOST_FIELDS)
    if len(parts) > _MOST_FIELDS or parts.pop().strip() != b"--":
        raise NotUnderstood("it is a form that does not end, or of too many parts")
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _FIELD.search(head) if len(head) <= LONGEST_HEAD else None
        if name is None or NAMES_FILE.search(head):
            continue
        try:
            fields[name[1].decode()] = content.decode()
        except UnicodeDecodeError:
            raise NotUnderstood("it is not a form in UTF-8") from None
    return fields


def inside(value: Mapping[str, Any], *path: str) -> Any:  # noqa: ANN401 - JSON is anything
    """What stands at a path of keys; None when any of them is missing."""
    found: Any = value
    for key in path:
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def text(value: Mapping[str, Any], *path: str) -> str | None:
    """The text at a path, whole numbers as text; None when it is missing, empty or neither."""
    found = inside(value, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) and found else None


def needed(value: Mapping[str, Any], *path: str) -> str:
    """The text at a path, which must be there."""
    found = text(value, *path)
    if found is None:
        raise NotUnderstood(f"its `{'.'.join(path)}` is not a text")
    return found


def number(value: Mapping[str, Any], *path: str) -> float | None:
    """The number at a path, as JSON or as text; None when it is missing or something else."""
    found = inside(value, *path)
    if isinstance(found, str):
        try:
            found = float(found) if "." in found else int(found)
        except ValueError:
            return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return found


def international(value: Mapping[str, Any], *path: str) -> str | None:
    """The phone number at a path, which has its country code, with the + that vendors leave out."""
    found = text(value, *path)
    return f"+{found}" if found and found.isdecimal() and not found.startswith("0") else found


# Times: UTC seconds.


def seconds(value: Mapping[str, Any], *path: str, unit: float = 1.0) -> float:
    """A moment in seconds since 1970, or in another `unit` of seconds (0.001: milliseconds)."""
    found = number(value, *path)
    if found is None:
        raise NotUnderstood(f"its `{'.'.join(path)}` is not a time in seconds")
    # Whole milliseconds are divided, which is exact to the last digit shown.
    return found / _MILLI if unit == 1 / _MILLI else found * unit


def iso(value: Mapping[str, Any], *path: str) -> float:
    """A moment in RFC 3339 with an offset, with any number of decimals."""
    micros = parse_time(needed(value, *path))
    if micros is None:
        raise NotUnderstood(f"its `{'.'.join(path)}` is not a time with an offset")
    return micros / 1_000_000


def rfc2822(value: Mapping[str, Any], *path: str) -> float:
    """A moment as e-mail writes it, with an offset."""
    try:
        moment = parsedate_to_datetime(needed(value, *path))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotUnderstood(f"its `{'.'.join(path)}` is not a time with an offset")
    return moment.timestamp()


def local(value: Mapping[str, Any], *path: str, pattern: str, zone: tzinfo) -> float:
    """A moment in a zone, unless it has an offset; `pattern` is `strptime`'s."""
    try:
        moment = datetime.strptime(needed(value, *path), pattern)  # noqa: DTZ007 - the next line
    except ValueError:
        raise NotUnderstood(f"its `{'.'.join(path)}` is not a time such as {pattern}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
