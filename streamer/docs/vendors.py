"""The pages on vendors in Markdown, from what each vendor's module says of itself.

Owns the layout. Names no vendor.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from streamer.exposition.fact_words import channel_of, in_order, word
from streamer.exposition.sources import unfed
from streamer.identity.identities import Identities
from streamer.ingest.sources import STAGES, TAGS
from streamer.ingest.vendors import RetryContract, Vendor, Wishes, vendors

_URL: Final = "https://YOUR-HOST/webhooks/NAME"
_LANGUAGES: Final = {"en": "In its back office", "fr": "Dans son back-office"}
_NOTES: Final = {"en": "Good to know", "fr": "À savoir"}
# What a proxy answers by itself, and 429 and 503, which stand for "later".
PROXY_STATUSES: Final = (413, 429, 500, 502, 503, 504)
_OTHERS: Final = {"meeting": "meetings", "lead": "leads", "customer": "customers"}
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def _sorted() -> Sequence[Vendor]:
    return sorted(vendors().values(), key=lambda vendor: vendor.title.casefold())


def _wishes(vendor: Vendor) -> Wishes:
    """Those of a table that says nothing; keys that must be written are None."""
    options: dict[str, Any] = {}
    for key, read in vendor.keys.items():
        try:
            options[key] = read(None)
        except ValueError:
            options[key] = None
    return Wishes(identities=Identities(b"none is made"), options=options)


class _Facts:
    """What a vendor can tell: by itself, and with what `tags` and `stages` add."""

    def __init__(self, vendor: Vendor) -> None:
        wishes = _wishes(vendor)
        self.plain = vendor.tells(wishes)
        tags = {meaning: meaning for meaning in TAGS}
        stages = {kind: kind for kind in STAGES}
        self.tags = vendor.tells(replace(wishes, tags=tags)) - self.plain
        self.stages = vendor.tells(replace(wishes, stages=stages)) - self.plain
        self.every = self.plain | self.tags | self.stages

    @property
    def channels(self) -> Collection[str]:
        return {channel for fact in self.every if (channel := channel_of(fact))}

    @property
    def about(self) -> str:
        """The channels, or what else it tells of."""
        kinds = {fact.partition(".")[0] for fact in self.every}
        others = [name for kind, name in _OTHERS.items() if kind in kinds]
        return ", ".join([*sorted(self.channels), *others]) or "any"

    @property
    def told(self) -> str:
        parts = [_words(self.plain)] if self.plain else []
        for key, more in (("tags", self.tags), ("stages", self.stages)):
            parts += [f"with `{key}`: {_words(more)}"] if more else []
        return "; ".join(parts) or "what its keys map"


def _words(facts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word(fact, "en") for fact in in_order(facts)))


def table() -> str:
    """All vendors, one a row."""
    lines = [
        "| vendor | `vendor =` | channels | it can tell | it cannot tell | it proves itself by |",
        "|---|---|---|---|---|---|",
    ]
    for vendor in _sorted():
        facts = _Facts(vendor)
        cells = (
            f"[{vendor.title}](#{_anchor(vendor)})",
            f"`{vendor.name}`",
            facts.about,
            facts.told,
            _missing(facts),
            vendor.proof,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _missing(facts: _Facts) -> str:
    """The KPIs of its channels that it cannot feed, its tags mapped; by their ids."""
    found: dict[str, list[str]] = {}
    for kpi in unfed(facts.every, facts.channels):
        found.setdefault(kpi.channel, []).append(f"`{kpi.id}`")
    return "; ".join(f"{channel} {', '.join(ids)}" for channel, ids in sorted(found.items()))


def retries() -> str:
    """What each vendor is answered, and what it does then."""
    lines = [
        "| vendor | we answer: taken · later · not authentic | it tries again on | for | waits |",
        "|---|---|---|---|---|",
    ]
    for vendor in _sorted():
        contract = vendor.retries
        answers = f"{contract.taken.status} · {contract.away} · {contract.refused}"
        cells = (vendor.title, answers, _retried(contract), _horizon(contract))
        lines.append(f"| {' | '.join(cells)} | {duration(contract.within)} |")
    return "\n".join(lines)


def proxies() -> str:
    """What becomes of an event when a proxy, or the way to it, answers by itself."""
    statuses = " | ".join(map(str, PROXY_STATUSES))
    lines = [f"| vendor | {statuses} | Redis is away |", f"|---|{'---|' * len(PROXY_STATUSES)}---|"]
    for vendor in _sorted():
        cells = " | ".join(_fate(vendor.retries, status) for status in PROXY_STATUSES)
        redis = f"answered {vendor.retries.away}: again" if vendor.needs_redis else "taken"
        lines.append(f"| {vendor.title} | {cells} | {redis} |")
    safe = [
        status
        for status in PROXY_STATUSES
        if all(_fate(vendor.retries, status) != "**lost**" for vendor in _sorted())
    ]
    told = ", ".join(map(str, safe)) or "none"
    lines += ["", f"Of these, the statuses on which no vendor drops an event: {told}."]
    return "\n".join(lines)


def _fate(contract: RetryContract, status: int) -> str:
    if contract.retried is not None and status not in contract.retried:
        return "**lost**"
    return "again" if contract.known else "?"


def _retried(contract: RetryContract) -> str:
    """The statuses as ranges."""
    if not contract.known:
        return "not documented"
    if contract.retried is None:
        return "all but success"
    ranges: list[list[int]] = []
    for status in sorted(contract.retried):
        if ranges and status == ranges[-1][1] + 1:
            ranges[-1][1] = status
        else:
            ranges.append([status, status])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in ranges)


def _horizon(contract: RetryContract) -> str:
    if not contract.known:
        return "not documented: count on none"
    if contract.delays:
        return f"{duration(sum(contract.delays))}, {len(contract.delays)} times"
    return f"up to {duration(contract.horizon)}"


def duration(seconds: float) -> str:
    """The two greatest units: `11 h 10 min`."""
    rest, parts = round(seconds), []
    for size, unit in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def sections() -> str:
    """One section a vendor: what to choose in its back office, in both languages, and its keys."""
    return "\n\n".join(map(_section, _sorted()))


def _section(vendor: Vendor) -> str:
    url = f"{_URL}/SECRET" if vendor.secret_in_path else _URL
    parts = [f"### {vendor.title}", _source(vendor)]
    if vendor.kinds:
        kinds = ", ".join(f"`{kind}`" for kind in vendor.kinds)
        parts.append(f"One URL for each event, `{url}/` and one of: {kinds}.")
    if keys := _keys(vendor):
        parts.append(keys)
    shown = f"{url}/…" if vendor.kinds else url
    for texts, titles in ((vendor.setup, _LANGUAGES), (vendor.notes, _NOTES)):
        for language, title in titles.items():
            if lines := texts.get(language):
                parts.append(f"*{title}*\n\n{_list(lines, shown)}")
    return "\n\n".join(parts)


def _source(vendor: Vendor) -> str:
    lines = ["[sources.NAME]", f'vendor = "{vendor.name}"']
    if vendor.needs_secret:
        lines.append('secrets = ["env:VARIABLE"]')
    return "\n".join(["```toml", *lines, "```"])


def _keys(vendor: Vendor) -> str:
    """The vendor's own keys; one that must be written with what to write."""
    lines = [f"- `{key}`: {_key(read)}" for key, read in vendor.keys.items()]
    return "\n".join(["Keys of its own:", "", *lines]) if lines else ""


def _key(read: Callable[[object], Any]) -> str:
    try:
        default = read(None)
    except ValueError as problem:
        return f"needed; {_plain(str(problem).removeprefix('is missing: '))}"
    return f"by default `{default}`" if isinstance(default, str) else "optional"


def _list(lines: Iterable[str], url: str) -> str:
    filled = (line.replace("{url}", url).replace("{name}", "NAME") for line in lines)
    return "\n".join(f"- {_plain(line)}" for line in filled)


def _plain(text: str) -> str:
    """A text in which Markdown sees no HTML."""
    return text.replace("<", "\\<")


def _anchor(vendor: Vendor) -> str:
    """As GitHub makes them of a heading: letters, digits and hyphens."""
    kept = (each for each in vendor.title.lower() if each.isalnum() or each in " -_")
    return "".join(kept).replace(" ", "-")
