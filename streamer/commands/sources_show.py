"""What `streamer sources show` prints: the URL to paste, what to choose there, what comes of it.

The one place that shows a secret: where it is part of the URL, and then with a warning.
"""

import difflib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from streamer.commands.local import EVERYWHERE
from streamer.embedded.folder import find_run
from streamer.errors import SettingsError
from streamer.exposition.fact_words import channel_of, in_order, word
from streamer.exposition.sources import unfed
from streamer.ingest.sources import Source
from streamer.kpis.model import Kpi
from streamer.settings import Settings

HEADINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "url": "URL to paste",
        "setup": "Settings at {title}",
        "notes": "Good to know",
        "tells": "It can tell",
        "lacks": "KPIs of its channels that it cannot feed alone",
        "other": "others",
        "nothing": "nothing as it is configured",
        "secret": (
            "This URL holds the secret: whoever has it can send events as this source. Paste it "
            "there and nowhere else."
        ),
        "local": (
            "STREAMER_PUBLIC_URL is unset: these URLs have the gateway's own address, which "
            "vendors cannot call. Set it to the URL by which they reach this gateway."
        ),
        "clear": (
            "The URL begins with http://: what vendors send, and its secret, can be read on the "
            "way. Use https://."
        ),
    },
    "fr": {
        "url": "URL à coller",
        "setup": "Réglages chez {title}",
        "notes": "À savoir",
        "tells": "Ce qu'elle peut dire",
        "lacks": "KPI de ses canaux qu'elle ne peut alimenter seule",
        "other": "autres",
        "nothing": "rien, telle qu'elle est configurée",
        "secret": (
            "Cette URL contient le secret : qui l'a peut envoyer des événements au nom de cette "
            "source. Collez-la là-bas et nulle part ailleurs."
        ),
        "local": (
            "STREAMER_PUBLIC_URL n'est pas définie : ces URL ont l'adresse propre de la "
            "passerelle, que les éditeurs ne peuvent pas appeler. Donnez-lui l'URL par laquelle "
            "ils l'atteignent."
        ),
        "clear": (
            "L'URL commence par http:// : ce qu'envoient les éditeurs, et son secret, se lisent "
            "en chemin. Utilisez https://."
        ),
    },
}
_KIND: Final = "…"


class Base(NamedTuple):
    """What every URL begins with; `warning` is the key of what is wrong with it, if anything."""

    url: str
    warning: str = ""


def base_of(settings: Settings) -> Base:
    """STREAMER_PUBLIC_URL, else the address of the gateway that runs, or would."""
    if url := settings.public_url:
        return Base(url, "" if url.startswith("https://") else "clear")
    run = find_run(settings.data)
    host, _, port = (run.gateway if run else str(settings.gateway)).rpartition(":")
    return Base(f"http://{EVERYWHERE.get(host.strip('[]'), host)}:{port}", "local")


def show(
    sources: Mapping[str, Source], name: str | None, base: Base, language: str, *, as_json: bool
) -> int:
    """Print one source, or all of them; the exit code."""
    chosen = [_named(sources, name)] if name else list(sources.values())
    if as_json:
        body = {"sources": [described(source, base.url) for source in chosen]}
        sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(text(source, base.url, language) for source in chosen))
    if base.warning and chosen:
        sys.stderr.write(f"{HEADINGS[language][base.warning]}\n")
    return 0


def _named(sources: Mapping[str, Source], name: str) -> Source:
    if name in sources:
        return sources[name]
    near = difflib.get_close_matches(name, sources, 1)
    there = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sources) or 'none'}."
    raise SettingsError(f"There is no source {name} in the file. {there}")


def urls(source: Source, base: str) -> Sequence[tuple[str | None, str]]:
    """Each kind of the vendor's endpoints with its URL; None where there is but one."""
    url = _url(source, base)
    return [(kind, f"{url}/{kind}") for kind in source.vendor.kinds] or [(None, url)]


def _url(source: Source, base: str) -> str:
    url = f"{base}/webhooks/{source.name}"
    secret = next(iter(source.secrets.values()), None) if source.vendor.secret_in_path else None
    return f"{url}/{secret}" if secret else url


def described(source: Source, base: str) -> dict[str, Any]:
    """A source as JSON: texts in both languages, facts and KPIs by their ids."""
    vendor = source.vendor
    return {
        "source": source.name,
        "vendor": vendor.name,
        "title": vendor.title,
        "urls": [{"kind": kind, "url": url} for kind, url in urls(source, base)],
        "url_holds_secret": vendor.secret_in_path,
        "setup": {each: _filled(source, base, lines) for each, lines in vendor.setup.items()},
        "notes": {each: _filled(source, base, lines) for each, lines in vendor.notes.items()},
        "tells": in_order(source.tells()),
        "no_data": [{"kpi": kpi.id, "channel": kpi.channel} for kpi in _lacks(source)],
    }


def text(source: Source, base: str, language: str) -> str:
    """A source for people."""
    return "\n".join(_lines(source, base, language)) + "\n"


def _lines(source: Source, base: str, language: str) -> Iterator[str]:
    vendor, headings = source.vendor, HEADINGS[language]
    yield f"[sources.{source.name}]  {vendor.title}"
    yield f"  {headings['url']}"
    yield from (f"    {url}" for _, url in urls(source, base))
    if vendor.secret_in_path:
        yield f"    ! {headings['secret']}"
    yield f"  {headings['setup'].format(title=vendor.title)}"
    setup = _filled(source, base, vendor.setup[language])
    yield from (f"    {number}. {line}" for number, line in enumerate(setup, start=1))
    if notes := vendor.notes.get(language):
        yield f"  {headings['notes']}"
        yield from (f"    - {line}" for line in _filled(source, base, notes))
    yield f"  {headings['tells']}"
    told = list(by_channel(source.tells(), language, headings["other"]))
    yield from (f"    {channel}: {', '.join(words)}" for channel, words in told)
    if not told:
        yield f"    {headings['nothing']}"
    if lacks := _lacks(source):
        yield f"  {headings['lacks']}"
        for channel in dict.fromkeys(kpi.channel for kpi in lacks):
            labels = (getattr(kpi.label, language) for kpi in lacks if kpi.channel == channel)
            yield f"    {channel}: {', '.join(labels)}"


def _filled(source: Source, base: str, lines: Iterable[str]) -> list[str]:
    url = _url(source, base)
    shown = f"{url}/{_KIND}" if source.vendor.kinds else url
    return [line.replace("{url}", shown).replace("{name}", source.name) for line in lines]


def by_channel(
    facts: Iterable[str], language: str, other: str
) -> Iterator[tuple[str, Sequence[str]]]:
    """The facts of each channel, as they are called; last those of none."""
    found: dict[str, dict[str, None]] = {}
    for fact in in_order(facts):
        found.setdefault(channel_of(fact) or other, {})[word(fact, language)] = None
    yield from ((channel, list(words)) for channel, words in found.items())


def _lacks(source: Source) -> Sequence[Kpi]:
    facts = source.tells()
    channels = {channel for fact in facts if (channel := channel_of(fact))}
    return unfed(facts, channels)
