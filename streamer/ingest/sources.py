"""The sources file: one table for each vendor endpoint, checked whole before anything starts.

Owns what may stand in it. A fault names the line and what to do; a secret never shows.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from streamer.errors import SettingsError
from streamer.identity.identities import Identities
from streamer.ingest.opt_out import spelled
from streamer.ingest.source_table import Finding, Findings, Table
from streamer.ingest.vendors import Vendor, Verify, Wishes, vendors
from streamer.settings import Settings

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
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
    "opt_out_words",
)
# What a vendor's tag may stand for: the outcome of a call or the sentiment of a reply.
TAGS: Final = ("meeting", "callback", "negative", "off_target", "none", "positive", "neutral")
STAGES: Final = ("lead.qualified", "customer.won")


@dataclass(frozen=True)
class Source:
    """One configured endpoint, ready to verify and read what its vendor sends.

    `secrets` are the secrets by the variables that hold them, in the order of the file.
    """

    name: str
    vendor: Vendor
    verify: Verify = field(repr=False)
    wishes: Wishes = field(repr=False)
    campaign: str | None
    campaigns: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)

    def campaign_of(self, told: str | None) -> str | None:
        """The campaign for what the vendor's passthrough told; None: there is none to be had."""
        return self.campaign if told is None else self.campaigns.get(told, told)

    def tells(self) -> frozenset[str]:
        """The facts that its vendor can tell as it is configured, see `Vendor.tells`."""
        return self.vendor.tells(self.wishes)


class SourcesFile(NamedTuple):
    """What a file says: the sources that are sound, and all faults in the order of the lines.

    `document` is the file's own, for whoever judges what is no fault.
    """

    lines: Sequence[str]
    document: Mapping[str, Any]
    sources: Mapping[str, Source]
    faults: Sequence[Finding]


def read_sources(settings: Settings) -> Mapping[str, Source]:
    """The sources by name; none when no file is set. SettingsError for the first fault."""
    path = settings.sources
    if path is None:
        return {}
    found = read_file(path, settings)
    for fault in found.faults:
        raise SettingsError(f"The sources file {path}, line {fault.line}: {fault.text}")
    return found.sources


def read_file(path: Path, settings: Settings) -> SourcesFile:
    """Read a file and find all its faults; SettingsError when it cannot be read at all."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The sources file {path} cannot be read: {error}.") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The sources file {path} is not TOML: {error}.") from None
    if not settings.secret:
        raise SettingsError("Sources need STREAMER_SECRET, the key of the identities: set it.")
    identities = Identities(settings.secret, settings.region)
    lines = text.splitlines()
    reader = _Reader(Findings(lines), settings.environment, identities)
    sources = reader.sources(document)
    return SourcesFile(lines, document, sources, sorted(reader.faults.all))


class _Reader:
    """Makes sources of tables; one with a fault is none."""

    def __init__(
        self, faults: Findings, environment: Mapping[str, str], identities: Identities
    ) -> None:
        self.faults = faults
        self._environment = environment
        self._identities = identities

    def sources(self, document: Mapping[str, Any]) -> Mapping[str, Source]:
        for key in document:
            if key != "sources":
                self.faults.note(None, key, "is not known here: write [sources.NAME]")
        tables = document.get("sources", {})
        if not isinstance(tables, dict):
            self.faults.note(None, "sources", "must be tables: write [sources.NAME]")
            return {}
        read = {name: self._source(name, values) for name, values in tables.items()}
        return {name: source for name, source in read.items() if source}

    def _source(self, name: str, values: object) -> Source | None:
        if not isinstance(values, dict):
            self.faults.note(None, name, f"must be a table: write [sources.{name}]")
            return None
        before = len(self.faults.all)
        table = Table(name, values, self.faults)
        if not _NAME.fullmatch(name):
            table.note(None, "has a name for a URL in which only letters, digits, - _ . may stand")
        vendor = self._vendor(table)
        if vendor is None:
            return None
        wishes = self._wishes(table, vendor)
        verify, secrets = self._verify(table, vendor, wishes)
        source = Source(
            name=name,
            vendor=vendor,
            verify=verify,
            wishes=wishes,
            campaign=table.text("campaign"),
            campaigns=table.texts_by_text("campaigns"),
            secrets=secrets,
        )
        return source if len(self.faults.all) == before else None

    def _vendor(self, table: Table) -> Vendor | None:
        word = table.text("vendor")
        vendor = vendors().get(word or "")
        if vendor is None:
            if word or "vendor" not in table.values:
                table.note("vendor", f"must be one of: {', '.join(sorted(vendors()))}")
            return None
        known = (*_KEYS, *vendor.keys)
        for key in table.values:
            if key not in known:
                table.note(key, f"is not known: there are {', '.join(known)}")
        return vendor

    def _wishes(self, table: Table, vendor: Vendor) -> Wishes:
        before = len(self.faults.all)
        wishes = Wishes(
            identities=self._identities,
            campaign_from=table.text("campaign_from"),
            message_from=table.text("message_from"),
            prospect_from=table.text("prospect_from"),
            ignore=frozenset(table.texts("ignore")),
            tags={
                word.strip().casefold(): meaning
                for word, meaning in table.words("tags", TAGS).items()
            },
            stages=table.words("stages", STAGES),
            reps=table.texts_by_text("reps"),
            opt_out_words=_opt_out_words(table),
            time_zone=table.zone("time_zone"),
            options=table.options(vendor.keys),
        )
        if len(self.faults.all) == before and (fault := vendor.fault(wishes)):
            table.note(*fault)
        return wishes

    def _verify(
        self, table: Table, vendor: Vendor, wishes: Wishes
    ) -> tuple[Verify, Mapping[str, str]]:
        """The check of a request, and the secrets; what cannot be made of them refuses all."""
        if not table.values.get("secrets") and vendor.needs_secret:
            table.note("secrets", 'is missing: write secrets = ["env:VARIABLE"]')
        secrets = table.secrets("secrets", self._environment)
        if set(wishes.options) != set(vendor.keys) or vendor.fault(wishes):
            return _refuse, secrets
        before = len(self.faults.all)
        for variable, secret in secrets.items():
            try:
                # One at a time first, so that the fault can name its variable.
                vendor.verifier([secret], wishes.options)
            except ValueError as problem:
                table.note("secrets", f"names {variable}, which {problem}")
        if len(self.faults.all) > before:
            return _refuse, secrets
        return vendor.verifier(list(secrets.values()), wishes.options), secrets


def _opt_out_words(table: Table) -> frozenset[str]:
    words = frozenset(map(spelled, table.texts("opt_out_words")))
    if "" in words:
        table.note("opt_out_words", "has a text without letters or digits, which nobody could send")
    return words - {""}


def _refuse(_: object) -> bool:
    return False
