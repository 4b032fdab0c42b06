"""Mails that a machine wrote: out of office, acknowledgements, bounces. They are no replies. Pure.

RFC 3834 (`Auto-Submitted`) and RFC 5321 (an empty return path); nothing is read into the text.
"""

import re
from collections.abc import Iterable
from typing import Final

_BY_A_PERSON: Final = re.compile(r"\s*no\b", re.IGNORECASE)


def is_automatic(headers: Iterable[tuple[object, object]]) -> bool:
    """Whether these headers, as names and values, say that no person sent the mail."""
    for name, value in headers:
        if not isinstance(name, str) or not isinstance(value, str):
            continue
        match name.lower():
            case "auto-submitted" if not _BY_A_PERSON.match(value):
                return True
            case "return-path" if value.strip() == "<>":
                return True
            case _:
                continue
    return False
