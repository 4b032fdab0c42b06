"""The command `streamer`: finds the sub-command, runs it, and turns errors into one sentence.

Each sub-command is a module of `streamer.commands` with two functions, imported only when called:

    arguments(parser: argparse.ArgumentParser) -> None         declares its arguments
    run(options: argparse.Namespace, env: Mapping[str, str]) -> int   does it; the exit code

Owns the process's exit code (see `streamer.errors`) and nothing else.
"""

import argparse
import difflib
import importlib
import importlib.metadata
import os
import sys
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from streamer.errors import SettingsError, StreamerError
from streamer.settings import SETTINGS, environment

INTERRUPTED = 130


class Command(NamedTuple):
    """One row of the table of commands."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("demo", "demo", "show everything on this machine with a simulated campaign"),
    Command("up", "up", "run everything on this machine, durably: a small team's production"),
    Command("gateway", "gateway", "run the gateway: webhooks and events in, the API out"),
    Command("worker", "worker", "run one worker: counts events, exports every KPI"),
    Command("topics", "topics", "create the Kafka topics and check them"),
    Command("simulate", "simulate", "send a simulated campaign to a gateway"),
    Command("import", "import_", "send events from JSON-lines files to a gateway"),
    Command("prospects", "prospects", "send lists of a campaign's prospects to a gateway"),
    Command("kpis", "kpis", "show a campaign's KPIs"),
    Command("sources", "sources", "check the sources file, show how to connect each vendor"),
    Command("deadletters", "deadletters", "list, show, replay or drop what was not understood"),
    Command("waiting", "waiting", "list events of persons of whom no campaign is known yet"),
    Command("wall", "wall", "make a read-only link of a campaign for a wall screen"),
    Command("doctor", "doctor", "check the installation and say what to do about each fault"),
)


def usage() -> str:
    """The text of `streamer --help`."""
    width = max(len(command.name) for command in COMMANDS)
    rows = "\n".join(f"  {command.name:<{width}}  {command.help}" for command in COMMANDS)
    return f"""\
usage: streamer COMMAND [ARGUMENTS]

Live supervision of multichannel sales prospecting.

commands:
{rows}

`streamer COMMAND --help` tells a command's arguments, `streamer --settings` the environment
variables that all commands read, `streamer --version` the version.
"""


def settings_text() -> str:
    """The text of `streamer --settings`, from the table of settings."""
    parts = []
    for setting in SETTINGS:
        default = f" (default: {setting.default})" if setting.default else ""
        parts.append(f"{setting.name}\n{textwrap.indent(setting.help + default, '    ')}")
    return "\n".join(parts) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: this process's) and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except StreamerError as error:
        sys.stderr.write(f"streamer: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); Python must not complain at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(words: list[str]) -> int:
    first = words[0] if words else "--help"
    if first in {"-h", "--help", "help"}:
        sys.stdout.write(usage())
        return 0 if words else SettingsError.exit_code
    if first == "--version":
        sys.stdout.write(f"streamer {importlib.metadata.version('streamer')}\n")
        return 0
    if first == "--settings":
        sys.stdout.write(settings_text())
        return 0
    command = next((row for row in COMMANDS if row.name == first), None)
    if command is None:
        near = difflib.get_close_matches(first, [row.name for row in COMMANDS], 1)
        hint = f" Did you mean `streamer {near[0]}`?" if near else " See `streamer --help`."
        raise SettingsError(f"There is no command {first!r}.{hint}")
    module = importlib.import_module(f"streamer.commands.{command.module}")
    parser = argparse.ArgumentParser(
        prog=f"streamer {command.name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.arguments(parser)
    code: int = module.run(parser.parse_args(words[1:]), environment())
    return code
