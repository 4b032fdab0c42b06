"""The sources file: one table for each vendor endpoint, checked whole before anything starts.

Owns what may stand in it. An error names the file, the line and what to do; a secret never shows.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streamer.errors import SettingsError
from streamer.identity.identities import Identities
from streamer.ingest.vendors import Vendor, Verify, Wishes, vendors
from streamer.settings import Settings

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SECRET: Final = "env:"  # noqa: S105 - the mark of where a secret is, not one
_KEYS: Final = (
    "vendor",
    "secrets",
    "campaign",
    "campaign_from",
    "campaigns",
    "message_from",
    "prospect_from",
    "ignore",
    "time_zone",
    "tags",
    "stages",
    "reps",
)
# What a vendor's tag may stand for: the outcome of a call or the sentiment of a reply.
TAGS: Final = ("meeting", "callback", "negative", "off_target", "none", "positive", "neutral")
STAGES: Final = ("lead.qualified", "customer.won")


@dataclass(frozen=True)
class Source:
    """One configured endpoint, ready to verify and read what its vendor sends."""

    name: str
    vendor: Vendor
    verify: Verify = field(repr=False)
    wishes: Wishes = field(repr=False)
    campaign: str | None
    campaigns: Mapping[str, str]

    def campaign_of(self, told: str | None) -> str | None:
        """The campaign for what the vendor's passthrough told; None: there is none to be had."""
        return self.campaign if told is None else self.campaigns.get(told, told)


def read_sources(settings: Settings) -> Mapping[str, Source]:
    """The sources by name; none when no file is set. SettingsError for the first fault."""
    path = settings.sources
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The sources file {path} cannot be read: {error}.") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The sources file {path} is not TOML: {error}.") from None
    return _File(path, text, settings).sources(document)


class _File:
    def __init__(self, path: Path, text: str, settings: Settings) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._settings = settings

    def sources(self, document: Mapping[str, Any]) -> Mapping[str, Source]:
        for key in document:
            if key != "sources":
                raise self._fault(None, key, "is not known here: write [sources.NAME]")
        tables = document.get("sources", {})
        if not isinstance(tables, dict):
            raise self._fault(None, "sources", "must be tables: write [sources.NAME]")
        return {name: self._source(name, table) for name, table in tables.items()}

    def _source(self, name: str, table: object) -> Source:
        if not isinstance(table, dict):
            raise self._fault(None, name, f"must be a table: write [sources.{name}]")
        if not _NAME.fullmatch(name):
            raise self._fault(
                name, None, "has a name for a URL in which only letters, digits, - _ . may stand"
            )
        vendor = vendors().get(self._text(name, table, "vendor") or "")
        if vendor is None:
            raise self._fault(name, "vendor", f"must be one of: {', '.join(sorted(vendors()))}")
        known = (*_KEYS, *vendor.keys)
        for key in table:
            if key not in known:
                raise self._fault(name, key, f"is not known: there are {', '.join(known)}")
        wishes = self._wishes(name, table, vendor)
        if fault := vendor.fault(wishes):
            raise self._fault(name, *fault)
        return Source(
            name=name,
            vendor=vendor,
            verify=self._verifier(name, table, vendor, wishes.options),
            wishes=wishes,
            campaign=self._text(name, table, "campaign"),
            campaigns=self._texts_by_text(name, table, "campaigns"),
        )

    def _verifier(
        self, name: str, table: Mapping[str, Any], vendor: Vendor, options: Mapping[str, Any]
    ) -> Verify:
        places = list(self._texts(name, table, "secrets"))
        if not places and vendor.needs_secret:
            raise self._fault(name, "secrets", 'is missing: write secrets = ["env:VARIABLE"]')
        secrets: list[str] = []
        for place in places:
            variable = place.removeprefix(_SECRET)
            if not place.startswith(_SECRET) or not variable:
                raise self._fault(
                    name, "secrets", 'must name variables, such as "env:VARIABLE", not hold secrets'
                )
            secret = self._settings.environment.get(variable, "").strip()
            if not secret:
                raise self._fault(name, "secrets", f"names {variable}, which is not set: set it")
            try:
                # One at a time first, so that the fault can name its variable.
                vendor.verifier([secret], options)
            except ValueError as problem:
                raise self._fault(name, "secrets", f"names {variable}, which {problem}") from None
            secrets.append(secret)
        return vendor.verifier(secrets, options)

    def _wishes(self, name: str, table: Mapping[str, Any], vendor: Vendor) -> Wishes:
        secret = self._settings.secret
        if not secret:
            raise SettingsError("Sources need STREAMER_SECRET, the key of the identities: set it.")
        return Wishes(
            identities=Identities(secret, self._settings.region),
            campaign_from=self._text(name, table, "campaign_from"),
            message_from=self._text(name, table, "message_from"),
            prospect_from=self._text(name, table, "prospect_from"),
            ignore=frozenset(self._texts(name, table, "ignore")),
            tags={
                word.strip().casefold(): meaning
                for word, meaning in self._words(name, table, "tags", TAGS).items()
            },
            stages=self._words(name, table, "stages", STAGES),
            reps=self._texts_by_text(name, table, "reps"),
            time_zone=self._zone(name, table),
            options=self._options(name, table, vendor),
        )

    def _options(self, name: str, table: Mapping[str, Any], vendor: Vendor) -> Mapping[str, Any]:
        options: dict[str, Any] = {}
        for key, read in vendor.keys.items():
            try:
                options[key] = read(table.get(key))
            except ValueError as problem:
                raise self._fault(name, key, str(problem)) from None
        return options

    def _zone(self, name: str, table: Mapping[str, Any]) -> tzinfo:
        zone = self._text(name, table, "time_zone")
        try:
            return ZoneInfo(zone) if zone else UTC
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self._fault(
                name, "time_zone", "is no time zone: write one such as Europe/Paris"
            ) from None

    def _words(
        self, name: str, table: Mapping[str, Any], key: str, known: Sequence[str]
    ) -> Mapping[str, str]:
        value = self._texts_by_text(name, table, key)
        for meaning in value.values():
            if meaning not in known:
                raise self._fault(
                    name, key, f"may only stand for one of {', '.join(known)}: theirs = ours"
                )
        return value

    def _texts_by_text(self, name: str, table: Mapping[str, Any], key: str) -> Mapping[str, str]:
        value = table.get(key, {})
        if not isinstance(value, dict) or not all(map(_is_text, value.values())):
            raise self._fault(name, key, "must be a table of texts: theirs = ours")
        return value

    def _text(self, name: str, table: Mapping[str, Any], key: str) -> str | None:
        value = table.get(key)
        if value is not None and not _is_text(value):
            raise self._fault(name, key, "must be a text that is not empty")
        return value

    def _texts(self, name: str, table: Mapping[str, Any], key: str) -> Iterator[str]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(map(_is_text, value)):
            raise self._fault(name, key, "must be a list of texts that are not empty")
        yield from value

    def _fault(self, source: str | None, key: str | None, what: str) -> SettingsError:
        line = _line(self._lines, source, key)
        of = f"[sources.{source}]" if source else "the file"
        subject = f"{key} of {of}" if key else of
        return SettingsError(f"The sources file {self._path}, line {line}: {subject} {what}.")


def _line(lines: Sequence[str], source: str | None, key: str | None) -> int:
    """The line, from 1, of a key in its table; of the table when the key has none of its own."""
    heads = _assigned(source) if source else None
    head = next((number for number, line in enumerate(lines) if heads and heads.match(line)), 0)
    assigns = _assigned(key) if key else None
    for number in range(head, len(lines)):
        line = lines[number].strip()
        of_another = source and number > head and line.startswith("[") and f".{source}." not in line
        if not assigns or of_another:
            break
        if assigns.match(line):
            return number + 1
    return head + 1


def _assigned(name: str) -> re.Pattern[str]:
    """`name = …`, `name.x = …`, `[name]` or `[….name]`, the name quoted or not."""
    return re.compile(rf"""\s*(?:\[+\s*)?(?:[^=\[]+\.\s*)?["']?{re.escape(name)}["']?\s*[\].=]""")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
