"""What is no fault of a sources file and yet hardly meant: one sentence each, with what to do.

Pure. Judges by what vendors say they can tell; never names a secret, only the variable of one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from streamer.ingest.source_table import Finding, Findings
from streamer.ingest.sources import STAGES, TAGS, Source, SourcesFile


def advise(file: SourcesFile) -> Sequence[Finding]:
    """The warnings on the sources that are sound, in the order of the lines."""
    found = Findings(file.lines)
    for name, source in file.sources.items():
        for rule in _RULES:
            for key, what in rule(source, file.document["sources"][name]):
                found.note(name, key, what)
    for name, what in _shared(file.sources):
        found.note(name, "secrets", what)
    return sorted(found.all)


Table = Mapping[str, Any]
Advice = Iterator[tuple[str | None, str]]


def with_every_tag(source: Source) -> frozenset[str]:
    """What the vendor could tell if `tags` named something for every meaning."""
    tags = {meaning: meaning for meaning in TAGS}
    return source.vendor.tells(replace(source.wishes, tags=tags))


def with_every_stage(source: Source) -> frozenset[str]:
    """What the vendor could tell if `stages` named a stage for every type."""
    stages = {kind: kind for kind in STAGES}
    return source.vendor.tells(replace(source.wishes, stages=stages))


def _no_campaign(source: Source, table: Table) -> Advice:
    named = any(key.startswith("campaign") and key != "campaigns" for key in table)
    if named or source.vendor.names_person or source.wishes.prospect_from:
        return
    yield (
        None,
        (
            f"has neither campaign nor campaign_from, and {source.vendor.title} does not name the "
            "person by whom a campaign could be found: its events will be dead letters"
        ),
    )


def _campaigns(source: Source, _: Table) -> Advice:
    own = any(key.startswith("campaign") for key in source.vendor.keys)
    if source.campaigns and not source.wishes.campaign_from and not own:
        yield "campaigns", "is never used: name the vendor's field by campaign_from"


def _tags(source: Source, table: Table) -> Advice:
    plain = source.vendor.tells(replace(source.wishes, tags={}))
    useful = {fact.partition(":")[2] for fact in with_every_tag(source)}
    if source.wishes.tags and with_every_tag(source) == plain:
        yield "tags", f"is never used: {source.vendor.title} is not read by tags"
        return
    words: dict[str, str] = {}
    for word, meaning in table.get("tags", {}).items():
        plain_word = word.strip().casefold()
        if not plain_word:
            yield "tags", "has a word that is empty and can never match"
        elif words.setdefault(plain_word, meaning) != meaning:
            yield "tags", f"says two things of {word!r}: case and outer spaces play no part"
        if meaning not in useful:
            title = source.vendor.title
            yield "tags", f"names {meaning}, which nothing that {title} tells can be: leave it out"


def _stages(source: Source, _: Table) -> Advice:
    plain = source.vendor.tells(replace(source.wishes, stages={}))
    if source.wishes.stages and with_every_stage(source) == plain:
        yield "stages", f"is never used: {source.vendor.title} tells no stages"


def _opt_out_words(source: Source, _: Table) -> Advice:
    if source.wishes.opt_out_words and "sms.opted_out" not in source.tells():
        yield (
            "opt_out_words",
            f"is never used: no text of a reply is read from {source.vendor.title}",
        )


def _nothing(source: Source, _: Table) -> Advice:
    if not source.tells():
        yield None, f"tells nothing as it is: see `streamer sources show {source.name}`"


_RULES: Sequence[Callable[[Source, Table], Advice]] = (
    _no_campaign,
    _campaigns,
    _tags,
    _stages,
    _opt_out_words,
    _nothing,
)


def _shared(sources: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    """Secrets that are in two places: whoever has one source's can send as the other."""
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, source in sources.items():
        for variable, secret in source.secrets.items():
            places[secret].append((name, variable))
    for (first, variable), *others in places.values():
        for name, other in others:
            of = "the same source" if name == first else f"[sources.{first}]"
            yield (
                name,
                (
                    f"names {other}, which holds the same secret as {variable} of {of}: give each "
                    "its own, unless the vendor has only one"
                ),
            )
