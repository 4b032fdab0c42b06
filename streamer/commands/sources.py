"""Check the sources file, or show how each source is connected and what it can tell.

    streamer sources check [FILE]     every fault with its line, and what is hardly meant
    streamer sources show [NAME]      the URL to paste and the settings to choose, source by source
    streamer sources show --campaign CAMPAIGN    which KPIs nothing can feed, and why

The file is FILE, else STREAMER_SOURCES. Exit code 0: sound (warnings do no harm); 2: a fault, for
which the gateway would refuse to start.
"""

import argparse
import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from streamer.commands import data_folder, reach, sources_campaign, sources_show
from streamer.commands.language import LANGUAGES, language
from streamer.errors import SettingsError
from streamer.ingest.advice import advise
from streamer.ingest.sources import read_file, read_sources
from streamer.settings import Settings

# Whoever looks at the file needs no key: no identity is made of anything here.
_STAND_IN: Final = b"no identity is made with this"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|show")
    check = actions.add_parser("check", help="find every fault of the sources file")
    check.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="default: STREAMER_SOURCES"
    )
    show = actions.add_parser("show", help="show how to connect each source")
    show.add_argument("name", nargs="?", metavar="NAME", help="one source (default: all)")
    show.add_argument("--campaign", metavar="CAMPAIGN", help="what feeds this campaign, what not")
    show.add_argument("--file", type=Path, metavar="FILE", help="default: STREAMER_SOURCES")
    show.add_argument("--json", action="store_true", help="print JSON")
    show.add_argument(
        "--lang", choices=LANGUAGES, help="language of what is shown (default: by LANG)"
    )
    reach.arguments(show)


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Check or show."""
    if options.action == "check":
        return _check(_with_file(Settings.from_environment(env), options.file))
    settings = data_folder.settings_of(options, env)
    tongue = options.lang or language(env)
    if options.campaign:
        if options.name:
            raise SettingsError("Name a source or --campaign, not both.")
        found = reach.reach(options, settings)
        return sources_campaign.show(found, options.campaign, tongue, as_json=options.json)
    settings = _with_file(settings, options.file)
    sources = read_sources(settings)
    base = sources_show.base_of(settings)
    return sources_show.show(sources, options.name, base, tongue, as_json=options.json)


def _with_file(settings: Settings, file: Path | None) -> Settings:
    """The settings with a file, and with a secret, which `streamer up` may have made by itself."""
    path = file or settings.sources
    if path is None:
        raise SettingsError("Name a sources file, or set STREAMER_SOURCES to one.")
    return dataclasses.replace(settings, sources=path, secret=settings.secret or _STAND_IN)


def _check(settings: Settings) -> int:
    path = settings.sources or Path()
    found = read_file(path, settings)
    marked = [(each, "fault") for each in found.faults]
    marked += [(each, "warning") for each in advise(found)]
    for (line, text), kind in sorted(marked):
        sys.stdout.write(f"{path}:{line}: {kind}: {text}\n")
    faults, warnings = len(found.faults), len(marked) - len(found.faults)
    sys.stdout.write(
        f"{len(found.sources)} source(s) sound, {faults} fault(s), {warnings} warning(s)\n"
    )
    return SettingsError.exit_code if faults else 0
