"""The event on the wire: its vocabulary, what is taken and rejected, and its codec.

Owns every rule that can be decided by looking at one event alone. Never counts anything and
never looks at a second event.
"""

from streamer.events.check import Problem, check, loads
from streamer.events.codec import (
    Batch,
    Rejected,
    decode_event,
    decode_record,
    encode_batch,
    split_record,
)
from streamer.events.event import Event
from streamer.events.times import parse_time
from streamer.events.vocabulary import CHANNELS, TYPES, Kind

__all__ = [
    "CHANNELS",
    "TYPES",
    "Batch",
    "Event",
    "Kind",
    "Problem",
    "Rejected",
    "check",
    "decode_event",
    "decode_record",
    "encode_batch",
    "loads",
    "parse_time",
    "split_record",
]
