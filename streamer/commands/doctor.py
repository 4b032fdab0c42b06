"""Check the installation, and what runs of it, and say what to do about each fault.

Finds a running `streamer up` by the folder --data (or STREAMER_DATA), and uses STREAMER_KAFKA,
STREAMER_REDIS and the addresses of the environment otherwise; Prometheus, Alertmanager and Grafana
are looked at when STREAMER_PROMETHEUS, … name them. Changes nothing. Exit code 0: all is
well; 1: there is a fault.
"""

import argparse
import asyncio
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streamer.commands import checks, data_folder, kafka_checks, log, watch_checks, worker_checks
from streamer.commands.checks import Check, Finding
from streamer.embedded.folder import find_run
from streamer.settings import Settings

CHECKS: tuple[tuple[str, Check], ...] = (
    ("Python", checks.check_python),
    ("Java", checks.check_java),
    ("Kafka's files", checks.check_jars),
    ("disk", checks.check_room),
    ("secret", checks.check_secret),
    ("guessable", checks.check_strength),
    ("sources", checks.check_sources),
    ("Kafka", kafka_checks.check_kafka),
    ("topics", kafka_checks.check_topics),
    ("offsets", kafka_checks.check_retention),
    ("Redis", checks.check_redis),
    ("gateway", checks.check_gateway),
    ("worker", checks.check_worker),
    ("numbers", worker_checks.check_numbers),
    ("Prometheus", watch_checks.check_prometheus),
    ("Alertmanager", watch_checks.check_alertmanager),
    ("Grafana", watch_checks.check_grafana),
    ("clocks", watch_checks.check_clocks),
)
MARKS = {True: "[green]ok[/]", False: "[bold red]FAULT[/]", None: "[dim]–[/]"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--data",
        type=Path,
        help="folder of the `up` to look at (default: STREAMER_DATA or ./streamer-data)",
    )


def run(options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Look at everything and print a table."""
    log.configure("error")
    settings = data_folder.settings_of(options, env)
    console = Console(highlight=False)
    if found := find_run(settings.data):
        settings = found.settings(settings)
        if not settings.secret:
            settings = dataclasses.replace(settings, secret=_kept_secret(settings.data))
        console.print(f"`streamer up` runs in {settings.data} as process {found.pid}.")
    findings = asyncio.run(_look(settings))
    console.print(table(findings))
    faults = sum(finding.well is False for finding in findings.values())
    console.print("All is well." if not faults else f"{faults} fault(s).")
    return 1 if faults else 0


def _kept_secret(data: Path) -> bytes | None:
    try:
        return (data / "secret").read_bytes().strip()
    except OSError:
        return None


async def _look(settings: Settings) -> dict[str, Finding]:
    return {name: await checks.look(check, settings) for name, check in CHECKS}


def table(findings: Mapping[str, Finding]) -> Table:
    """The findings, and below each fault what to do."""
    shown = Table(show_header=False, box=None, padding=(0, 1))
    shown.add_column(no_wrap=True)
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for name, finding in findings.items():
        shown.add_row(MARKS[finding.well], name, escape(finding.found))
        if finding.well is False:
            shown.add_row("", "", f"→ {escape(finding.remedy)}")
    return shown
