"""Tables of events that people keep: dispositions of calls, replies, costs, deals won. Pure.

Owns the columns, their names in French and English, and the words that stand in them. Of an
address nothing is kept but its identity; reasons quote nothing of a cell.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import tzinfo
from functools import partial
from typing import Any, Final, NamedTuple

from streamer.errors import Malformed
from streamer.events import TYPES
from streamer.identity.identities import Identities
from streamer.ingest import cells, spellings
from streamer.ingest.columns import SUBJECT, identity_of, kind_of, plain, subject_of
from streamer.ingest.reading import CloudEvent, encode, rfc3339
from streamer.ingest.routing import CONTACT_TYPES, Told
from streamer.ingest.tables import Cells, Columns, CsvTable, Wrong

SOURCE: Final = "/v1/events/csv"
# A plan replaces the whole plan, and a link joins persons for ever: neither is a row of a table.
_TAKEN: Final = TYPES.keys() - {"campaign.planned", "prospect.linked"}


def _word(words: Mapping[str, str], cell: str) -> str:
    found = words.get(plain(cell))
    if found is None:
        raise ValueError(f"is none of {', '.join(sorted(set(words.values())))}")
    return found


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    **{held: partial(_word, words) for held, words in spellings.WORDS.items()},
    "duration": cells.duration,
    "key_answers": cells.whole,
    "amount": cells.amount,
}
# What says something with these types alone, and would be passed over with others.
_ONLY_WITH: Final[Mapping[str, Collection[str]]] = {
    "outcome": {"phone.completed"},
    "sentiment": {kind for kind in TYPES if kind.endswith(".replied")},
    "bounce": {"email.bounced"},
}
_SIGNS: Final = {"€": "EUR", "$": "USD", "£": "GBP"}
# Of several addresses the channel's own names the person.
_OWN: Final = {"email": "email", "sms": "phone", "phone": "phone", "linkedin": "linkedin"}
# Of these a touch without an id of its own is known by its person: a call with its time as well.
_KNOWN_BY_PERSON: Final = {"phone", "linkedin"}


class Row(NamedTuple):
    """A row that is an event: where it stands, and the event."""

    line: int
    told: Told


class Wishes(NamedTuple):
    """How rows are read: `campaign` for those that name none, `zone` of local times."""

    identities: Identities
    campaign: str | None
    zone: tzinfo


def event_table(wishes: Wishes, charset: str | None = None) -> CsvTable[Row]:
    """A table of events as CSV, the first line naming the columns."""
    return CsvTable(columns, lambda line, said: _row(line, said, wishes), charset)


def columns(names: Sequence[str]) -> Columns:
    """What the columns hold; Malformed when they can be none of events."""
    found: Columns = [(name, spellings.COLUMNS.get(plain(name)) or kind_of(name)) for name in names]
    held = [each for _, each in found if each]
    if SUBJECT in held:
        raise Malformed(
            "The column id may be the event's or the prospect's: call it reference or subject."
        )
    for needed, other in (("type", "type"), ("time", "date")):
        if needed not in held:
            raise Malformed(f"The first line names no column {needed} (in French: {other}).")
    for once in spellings.COLUMNS.values():
        if held.count(once) > 1:
            raise Malformed(f"The first line names the column of the {once} twice.")
    return found


class _Fault(ValueError):  # noqa: N818 - a finding
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class _Said:
    """The cells of one row, by what they hold; several of a kind of address in order."""

    def __init__(self, said: Cells) -> None:
        self._cells = {held: cell for _, held, cell in reversed(said)}
        self._names = {held: name for name, held, _ in reversed(said)}
        self.addresses = [each for each in said if each[1] not in spellings.COLUMNS.values()]

    def text(self, held: str) -> str | None:
        return self._cells.get(held)

    def name(self, held: str) -> str:
        """The column's name in the file."""
        return self._names[held]

    def read(self, held: str, how: Callable[[str], Any]) -> Any:  # noqa: ANN401 - the cell's own
        """What a cell says; None when it is empty, a fault when it cannot be read."""
        cell = self._cells.get(held)
        if cell is None:
            return None
        try:
            return how(cell)
        except ValueError as problem:
            raise _Fault(self._names[held], str(problem)) from None


def _row(line: int, said: Cells, wishes: Wishes) -> Row | Wrong:
    try:
        return Row(line, _event(_Said(said), wishes))
    except _Fault as fault:
        return Wrong(line, fault.field, str(fault))


def _event(said: _Said, wishes: Wishes) -> Told:
    kind = said.read("type", _type)
    if kind is None:
        raise _Fault("type", "is empty")
    at = _time(said, kind, wishes.zone)
    person = said.read("subject", lambda cell: subject_of(cell, wishes.identities))
    person = person or _person(said, kind, wishes.identities)
    campaign = said.text("campaign") or wishes.campaign
    if not campaign and not person:
        raise _Fault("", "names neither a campaign nor a person")
    reference = said.text("reference")
    if kind == "cost.incurred" and not reference:
        raise _Fault("", "needs a reference, such as the invoice's: equal costs would be one")
    message = said.text("message") or _message(kind, person, at, wishes.identities)
    data = _data(said, kind, wishes.identities)
    event = CloudEvent(
        specversion="1.0",
        id=reference or wishes.identities.digest("row", campaign, kind, at, person, message, data),
        source=SOURCE,
        type=kind,
        time=rfc3339(at),
        campaign=campaign,
        subject=person,
        message=message,
        data=data or None,
    )
    return Told(encode(event), kind, campaign, person, int(at))


def _type(cell: str) -> str:
    found = cell if cell in _TAKEN else spellings.TYPES.get(plain(cell))
    if found is None:
        raise ValueError("is no type of event that a table may have")
    return found


def _time(said: _Said, kind: str, zone: tzinfo) -> float:
    clock = said.text("clock") or ""
    when: cells.When | None = said.read("time", lambda cell: cells.moment(cell, clock, zone))
    if when is None:
        raise _Fault("time", "is empty")
    # Of a day without an hour, what we did is its first second and what came of it its last.
    return when.first if kind in CONTACT_TYPES else when.last


def _person(said: _Said, kind: str, identities: Identities) -> str | None:
    own = _OWN.get(TYPES[kind].channel or "")
    found: list[tuple[bool, str]] = []
    for name, held, cell in said.addresses:
        try:
            identity = identity_of(held, cell, identities)
        except ValueError as problem:
            raise _Fault(name, str(problem)) from None
        if identity:
            found.append((held != own, identity))
    return min(found, key=lambda each: each[0])[1] if found else None


def _message(kind: str, person: str | None, at: float, identities: Identities) -> str | None:
    channel = TYPES[kind].channel or ""
    if TYPES[kind].needs != "message" or channel not in _KNOWN_BY_PERSON or not person:
        return None
    if channel == "linkedin":
        return identities.touch(channel, person)
    return identities.digest("touch", channel, person, at)


def _data(said: _Said, kind: str, identities: Identities) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for held, how in _READ.items():
        data[held] = said.read(held, how)
        if data[held] is not None and kind not in _ONLY_WITH.get(held, (kind,)):
            raise _Fault(said.name(held), f"does not go with {kind}")
    data["rep"] = said.read("rep", lambda cell: subject_of(cell, identities))
    sign = "€" if "€" in (said.text("amount") or "") else ""
    currency = said.text("currency") or sign
    data["currency"] = _SIGNS.get(currency, currency) or None
    return {held: value for held, value in data.items() if value is not None}
