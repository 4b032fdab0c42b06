"""Marks: what became of each dead letter, under the letter's own key in a compacted topic.

In the clear: a reason quotes nothing of what was set aside, as in the log. The letters themselves
are never changed.
"""

from typing import Final, Literal

import msgspec

from streamer.errors import UnreadableRecord

State = Literal["open", "replayed", "dropped"]
STATES: Final[tuple[State, ...]] = ("open", "replayed", "dropped")


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a letter, and when, in seconds since 1970.

    `replayed`: Kafka has acknowledged its `events`. `dropped`: somebody decided that it is not
    wanted. `open`: it was replayed in vain, `reason` is why.
    """

    state: State
    at: float
    reason: str = ""
    events: int = 0


def encode(mark: Mark) -> bytes:
    """The value of its record."""
    return msgspec.json.encode(mark)


def decode(value: bytes) -> Mark:
    """The mark of a record; UnreadableRecord when it is none."""
    try:
        return msgspec.json.decode(value, type=Mark)
    except msgspec.DecodeError as error:
        raise UnreadableRecord(f"A record of the marks of dead letters is none: {error}.") from None
