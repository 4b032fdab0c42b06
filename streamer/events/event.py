"""One event as it is used after it was taken."""

from typing import Any

import msgspec

from streamer.events.vocabulary import Kind


class Event(msgspec.Struct, gc=False):
    """A CloudEvent that was found sound.

    The first nine fields are the wire's, an absent or empty `subject` or `message` being None.
    `at` is its time in whole seconds since 1970, UTC; `kind` is None for a type outside the
    vocabulary. Both are always set by the codec, whatever a sender put under their names.
    """

    specversion: str
    id: str
    source: str
    type: str
    time: str
    campaign: str
    subject: str | None = None
    message: str | None = None
    data: dict[str, Any] | None = None
    kind: Kind | None = msgspec.field(default=None, name="_kind")
    at: int = msgspec.field(default=0, name="_at")
