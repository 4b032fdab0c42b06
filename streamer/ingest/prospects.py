"""Lists of prospects: of each line the prospect's own name and his identities, or what is wrong.

Pure. Of an address nothing is kept but its identity; reasons quote nothing of a cell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from streamer.errors import Malformed
from streamer.identity.identities import Identities
from streamer.ingest.columns import SUBJECT, identity_of, kind_of, subject_of
from streamer.ingest.owners import Claim, Owners
from streamer.ingest.spreadsheet import LONGEST, Lines
from streamer.ingest.tables import Columns, CsvTable, Wrong

_NOBODY: Final = "names nobody: it has neither an id nor an address"
_MOST_IGNORED: Final = 100


class Prospect(NamedTuple):
    """A line of a list: the subject, and the other identities of the same person."""

    subject: str
    identities: Sequence[str]


def csv_list(identities: Identities, charset: str | None = None) -> CsvTable[Prospect]:
    """A list as CSV, the first line naming the columns."""
    owners = Owners()
    return CsvTable(
        named_columns, lambda line, values: read_line(line, values, identities, owners), charset
    )


def named_columns(cells: Sequence[str]) -> Columns:
    """The columns, each with its kind; Malformed when none of them says who somebody is."""
    columns = [(cell, kind_of(cell)) for cell in cells]
    kinds = [kind for _, kind in columns]
    if not any(kinds):
        raise Malformed(
            "The first line names no column that says who somebody is: id, email, phone, linkedin, "
            "crm (or in French: identifiant, courriel, téléphone …)."
        )
    if kinds.count(SUBJECT) > 1:
        raise Malformed("The first line names the column of the id twice.")
    return columns


class JsonList:
    """A list as lines of JSON objects; an address may be a list of several."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._owners = Owners()
        self._lines = Lines()
        self._passed_over: dict[str, None] = {}

    @property
    def ignored(self) -> list[str]:
        """The keys that hold neither names nor addresses, and are not taken."""
        return list(self._passed_over)

    def feed(self, chunk: bytes) -> Iterator[Prospect | Wrong]:
        """What the lines that are whole by now say."""
        for line in self._lines.feed(chunk):
            yield from self._read(line.number, line.text)

    def end(self) -> Iterator[Prospect | Wrong]:
        """What the line that is left says."""
        for line in self._lines.end():
            yield from self._read(line.number, line.text)

    def _read(self, number: int, text: bytes | None) -> Iterator[Prospect | Wrong]:
        if text is None:
            yield Wrong(number, "", f"is above {LONGEST} bytes")
        elif text.strip():
            try:
                values = list(self._values(msgspec.json.decode(text, type=dict[str, Any])))
            except (ValueError, RecursionError):
                yield Wrong(number, "", "is not a JSON object in UTF-8")
            except _NotText as problem:
                yield Wrong(
                    number, problem.key, "must be a text, a whole number, or a list of them"
                )
            else:
                yield read_line(number, values, self._identities, self._owners)

    def _values(self, told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        for key, value in told.items():
            kind = kind_of(key)
            if kind is None:
                if len(self._passed_over) < _MOST_IGNORED:
                    self._passed_over[key] = None
                continue
            several = value if isinstance(value, list) and kind != SUBJECT else [value]
            for each in several:
                if isinstance(each, int) and not isinstance(each, bool):
                    yield key, kind, str(each)
                elif isinstance(each, str):
                    yield key, kind, each.strip()
                elif each is not None:
                    raise _NotText(key)


class _NotText(Exception):  # noqa: N818 - a finding
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read_line(
    number: int,
    values: Iterable[tuple[str, str, str]],
    identities: Identities,
    owners: Owners,
) -> Prospect | Wrong:
    """The prospect of a line's values, each with the name and the kind of its column.

    `owners` are those of the list's lines before.
    """
    subject: str | None = None
    claims: dict[str, Claim] = {}
    for name, kind, value in values:
        try:
            if kind == SUBJECT:
                subject = subject_of(value, identities)
            elif identity := identity_of(kind, value, identities):
                claims[identity] = Claim(name, kind, identity)
        except ValueError as problem:
            return Wrong(number, name, str(problem))
    if fault := owners.take(subject, list(claims.values())):
        return Wrong(number, *fault)
    subject = subject or next(iter(claims), None)
    if subject is None:
        return Wrong(number, "", _NOBODY)
    return Prospect(subject, [each for each in claims if each != subject])
