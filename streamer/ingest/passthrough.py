"""What whoever sent a message attached to it, for the vendor to give back. Pure."""

import urllib.parse
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from streamer.ingest.fields import decoded

_FIELDS: Final = msgspec.json.Decoder(dict[str, Any])


def passed(value: object) -> Mapping[str, Any]:
    """The fields of a passthrough: an object, the text of one, or `a=1&b=2` (`;` does as well).

    What has no fields has none: a plain text is the vendor's own field, and named as that.
    """
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, str):
        return {}
    if value.lstrip()[:1] == "{":
        try:
            return decoded(_FIELDS.decode, value.encode())
        except (ValueError, RecursionError):
            return {}
    if "=" not in value:
        return {}
    return dict(urllib.parse.parse_qsl(value.replace(";", "&"), keep_blank_values=True))
