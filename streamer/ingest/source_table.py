"""One table of the sources file, read key by key: what is at fault is noted, and read as absent.

Owns the kinds of values that may stand there, and how a fault is told. Never decides which keys
there are.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streamer.ingest.toml_lines import line_of

_SECRET: Final = "env:"  # noqa: S105 - the mark of where a secret is, not one


class Finding(NamedTuple):
    """What is wrong, or odd, at a line of the file: a sentence with what to do."""

    line: int
    text: str


class Findings:
    """The findings in a file of these lines, in the order in which they were made."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.all: list[Finding] = []

    def note(self, source: str | None, key: str | None, what: str) -> None:
        """Add a finding on a key of a source's table, of the table, or of the file."""
        of = f"[sources.{source}]" if source else "the file"
        subject = f"{key} of {of}" if key else of
        self.all.append(Finding(line_of(self._lines, source, key), f"{subject} {what}."))


class Table:
    """The table of one source; every fault goes to `faults`."""

    def __init__(self, name: str, values: Mapping[str, Any], faults: Findings) -> None:
        self.name = name
        self.values = values
        self._faults = faults

    def note(self, key: str | None, what: str) -> None:
        """Note a fault of a key, or of the table as a whole."""
        self._faults.note(self.name, key, what)

    def text(self, key: str) -> str | None:
        """A text; None when it is absent."""
        value = self.values.get(key)
        if value is None or _is_text(value):
            return value
        self.note(key, "must be a text that is not empty")
        return None

    def texts(self, key: str) -> Sequence[str]:
        """A list of texts."""
        value = self.values.get(key, [])
        if isinstance(value, list) and all(map(_is_text, value)):
            return value
        self.note(key, "must be a list of texts that are not empty")
        return ()

    def texts_by_text(self, key: str) -> Mapping[str, str]:
        """A table of texts."""
        value = self.values.get(key, {})
        if isinstance(value, dict) and all(map(_is_text, value.values())):
            return value
        self.note(key, "must be a table of texts: theirs = ours")
        return {}

    def words(self, key: str, known: Sequence[str]) -> Mapping[str, str]:
        """A table of texts, each one of those that are known."""
        value = self.texts_by_text(key)
        if set(value.values()) <= set(known):
            return value
        self.note(key, f"may only stand for one of {', '.join(known)}: theirs = ours")
        return {}

    def zone(self, key: str) -> tzinfo:
        """A time zone; UTC when it is absent."""
        name = self.text(key)
        try:
            return ZoneInfo(name) if name else UTC
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.note(key, "is no time zone: write one such as Europe/Paris")
            return UTC

    def options(self, readers: Mapping[str, Callable[[object], Any]]) -> Mapping[str, Any]:
        """The values of a vendor's own keys."""
        options: dict[str, Any] = {}
        for key, read in readers.items():
            try:
                options[key] = read(self.values.get(key))
            except ValueError as problem:
                self.note(key, str(problem))
        return options

    def secrets(self, key: str, environment: Mapping[str, str]) -> Mapping[str, str]:
        """The secrets by the variables of `environment` that hold them."""
        secrets: dict[str, str] = {}
        for place in self.texts(key):
            variable = place.removeprefix(_SECRET)
            if not place.startswith(_SECRET) or not variable:
                self.note(key, 'must name variables, such as "env:VARIABLE", not hold secrets')
            elif secret := environment.get(variable, "").strip():
                secrets[variable] = secret
            else:
                self.note(key, f"names {variable}, which is not set: set it")
        return secrets


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
