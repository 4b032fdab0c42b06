"""A dead letter is put through the code of today: what it comes to now, and the sending of it.

Its proof was judged when it came and is not asked again. Events keep their ids, so that a replay
may be repeated, and what was counted before counts once. Never marks a letter.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from streamer.errors import UnreadableRecord
from streamer.events import Problem, decode_record, split_record
from streamer.ingest.intake import Intake
from streamer.ingest.letters import WEBHOOKS, delivery_of
from streamer.ingest.reading import pack
from streamer.ingest.routing import Routed
from streamer.ingest.sources import Source
from streamer.ingest.webhooks import Reading
from streamer.settings import Settings
from streamer.transport.deadletters import DeadLetter
from streamer.transport.topics import TOUCHPOINTS

_MOST_REASONS: Final = 3
_NOTHING: Final = Routed([], [], [], {})


class Understood(NamedTuple):
    """What a letter comes to now; `reason` is why some of it is not understood, empty for none."""

    routed: Routed
    reason: str = ""

    @property
    def events(self) -> int:
        """How many events it gives."""
        return self.routed.events


class Replay:
    """Reads letters again, by these sources and today's rules."""

    def __init__(self, settings: Settings, sources: Mapping[str, Source]) -> None:
        self._settings = settings
        self._sources = sources
        self._readers: Mapping[str, Callable[[DeadLetter], Understood]] = {
            WEBHOOKS: self._webhook,
            TOUCHPOINTS: self._events,
        }

    def read(self, letter: DeadLetter) -> Understood:
        """What it comes to; nothing is sent."""
        reader = self._readers.get(letter.topic)
        if reader is None:
            return Understood(_NOTHING, f"letters of {letter.topic} cannot be replayed")
        try:
            return reader(letter)
        except UnreadableRecord as problem:
            return Understood(_NOTHING, str(problem))

    async def put_through(self, letter: DeadLetter, intake: Intake) -> Understood:
        """Read it, and return once Kafka has acknowledged all that it gives."""
        understood = self.read(letter)
        routed = understood.routed
        await intake.take(routed.fragments, routed.inbound, routed.links)
        return understood

    def _webhook(self, letter: DeadLetter) -> Understood:
        source = self._sources.get(letter.source)
        if source is None:
            raise UnreadableRecord(f"the sources file has no source {letter.source}")
        reading = Reading(source, delivery_of(letter), self._settings)
        return Understood(reading.routed, reading.letters.reasons())

    def _events(self, letter: DeadLetter) -> Understood:
        """The events of a record, or one of them, that today's rules take."""
        key, value = letter.key, letter.value
        if not key or value is None:
            raise UnreadableRecord(f"it has no {'value' if key else 'key'}")
        raws = split_record(value) if letter.position is None else [value]
        sound: list[bytes] = []
        reasons: dict[str, None] = {}
        for raw in raws:
            if problem := self._problem(key, raw):
                reasons[problem] = None
            else:
                sound.append(raw)
        routed = _NOTHING._replace(fragments=list(pack(key, sound)))
        return Understood(routed, "; ".join(list(reasons)[:_MOST_REASONS]))

    def _problem(self, key: bytes, raw: bytes) -> str:
        """Why an event is not taken; empty when it is."""
        limit = self._settings.max_event_bytes
        if len(raw) > limit:
            return f"it is above {limit} bytes"
        try:
            rejected = decode_record(key, b"[" + raw + b"]").rejected
        except UnreadableRecord as problem:
            return str(problem)
        return "; ".join(_told(problem) for each in rejected for problem in each.problems)


def _told(problem: Problem) -> str:
    return f"{problem.field}: {problem.reason}" if problem.field else problem.reason
