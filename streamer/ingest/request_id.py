"""The id of a request: in every line that the log has of it, and in its answer.

Owns which ids of others are taken over: those of a proxy or a client that cannot be anything else.
"""

import random
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

HEADER: Final = b"x-request-id"
# Long enough to be no phone number, and of letters that no mail address is made of: logs hold no
# persons.
_TAKEN: Final = re.compile(rb"[0-9A-Za-z_-]{16,64}")
_BITS: Final = 64

current: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being served; empty beside one."""


def id_of(scope: Mapping[str, Any]) -> str:
    """What the request's X-Request-Id says, if that may be an id; else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and _TAKEN.fullmatch(value):
            return str(value.decode())
    # It tells requests apart and guards nothing.
    return f"{random.getrandbits(_BITS):016x}"
