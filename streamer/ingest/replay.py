"""A dead letter is put through the code of today: what it comes to now, and the sending of it.

Its proof was judged when it came and is not asked again. Events keep their ids, so that a replay
may be repeated, and what was counted before counts once. Never marks a letter.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from streamer.errors import UnreadableRecord
from streamer.events import Event, check, decode_record, loads, split_record
from streamer.ingest.intake import Intake
from streamer.ingest.letters import WEBHOOKS, delivery_of
from streamer.ingest.reading import Fragment, cut, pack
from streamer.ingest.routing import Routed, Told, route
from streamer.ingest.sources import Source
from streamer.ingest.webhooks import Reading
from streamer.settings import Settings
from streamer.transport.deadletters import DeadLetter
from streamer.transport.people import IDENTITIES, INBOUND, read_entry
from streamer.transport.topics import TOUCHPOINTS

_MOST_REASONS: Final = 3
# Stands for the campaign while an event is judged that names none.
_STAND_IN: Final = "-"
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
        self._limit = settings.max_event_bytes
        self._sources = sources
        self._readers: Mapping[str, Callable[[DeadLetter], Understood]] = {
            WEBHOOKS: self._webhook,
            TOUCHPOINTS: self._events,
            INBOUND: self._arrivals,
            IDENTITIES: self._entries,
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
        key = letter.key
        if not key:
            raise UnreadableRecord("it has no key")
        parts = _parts(letter)
        faults = [self._problem(key, raw) for raw in parts]
        sound = [raw for raw, fault in zip(parts, faults, strict=True) if not fault]
        return Understood(_NOTHING._replace(fragments=pack(key, sound)), _first(faults))

    def _problem(self, key: bytes, raw: bytes) -> str:
        """Why an event is not taken; empty when it is."""
        if too_large := self._too_large(raw):
            return too_large
        try:
            rejected = decode_record(key, b"[" + raw + b"]").rejected
        except UnreadableRecord as problem:
            return str(problem)
        return "; ".join(str(problem) for each in rejected for problem in each.problems)

    def _too_large(self, raw: bytes) -> str:
        return f"it is above {self._limit} bytes" if len(raw) > self._limit else ""

    def _arrivals(self, letter: DeadLetter) -> Understood:
        """Events of persons, each to go to its person again, or to the campaign that it names.

        As it came, to the byte: one that still waits, or waits again, does so once.
        """
        found = [self._too_large(raw) or _told(raw) for raw in _parts(letter)]
        routed = route([each for each in found if isinstance(each, Told)], self._limit)
        faults = [each for each in found if isinstance(each, str)]
        return Understood(routed, _first([*faults, *map(str, routed.refused.values())]))

    def _entries(self, letter: DeadLetter) -> Understood:
        """Links and plans, which go to the partition that they were in."""
        parts = _parts(letter)
        found = [read_entry(raw) for raw in parts]
        faults = [each if isinstance(each, str) else "" for each in found]
        sound = [raw for raw, fault in zip(parts, faults, strict=True) if not fault]
        fragments = [
            Fragment(None, b",".join(part), 0, IDENTITIES, letter.partition) for part in cut(sound)
        ]
        return Understood(_NOTHING._replace(fragments=fragments), _first(faults))


def _first(faults: Iterable[str]) -> str:
    """The first few of what is at fault, each once; empty texts are no faults."""
    return "; ".join(list(dict.fromkeys(filter(None, faults)))[:_MOST_REASONS])


def _parts(letter: DeadLetter) -> list[bytes]:
    """The values of a record, or the one of them that the letter is."""
    if letter.value is None:
        raise UnreadableRecord("it has no value")
    return split_record(letter.value) if letter.position is None else [letter.value]


def _told(raw: bytes) -> Told | str:
    """An event of somebody as it was told, else why it is none."""
    try:
        candidate = loads(raw)
    except ValueError as problem:
        return str(problem)
    if not isinstance(candidate, dict):
        return "an event is a JSON object"
    campaign = candidate.get("campaign") or None
    event = check({**candidate, "campaign": campaign or _STAND_IN})
    if not isinstance(event, Event):
        return "; ".join(map(str, event))
    if not campaign and not event.subject:
        return "it names neither a campaign nor a person"
    return Told(raw, event.type, campaign, event.subject, event.at)
