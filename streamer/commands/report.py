"""What the importing commands show: a bar while they send, and what was refused in the end.

Owns the words and the layout. Never decides what is refused.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from streamer.commands.importing import STDIN, Line, Refusal
from streamer.events import Problem

SHOWN: Final = 20
_MOST_REASONS: Final = 50


class Report:
    """What became of the lines; `file` receives every refused one as a JSON line.

    `unit` is what the accepted ones are.
    """

    def __init__(self, file: IO[str] | None = None, unit: str = "events") -> None:
        self.unit = unit
        self.accepted = 0
        self.refused = 0
        self._file = file
        # Refused lines of which the gateway did not say why, and columns that it passed over.
        self._untold = 0
        self._ignored: dict[str, None] = {}
        self._first: list[Refusal] = []
        self._reasons: Counter[tuple[str, str]] = Counter()

    def refuse(self, refusal: Refusal) -> None:
        """Note a refused line."""
        self.refused += 1
        if len(self._first) < SHOWN:
            self._first.append(refusal)
        for problem in refusal.problems:
            # What follows a colon is about this line alone.
            key = (problem.field, problem.reason.partition(":")[0])
            if key in self._reasons or len(self._reasons) < _MOST_REASONS:
                self._reasons[key] += 1
        if self._file:
            self._file.write(_as_json(refusal) + "\n")

    def hear(self, file: str, answer: Mapping[str, Any]) -> None:
        """Note what the gateway answered to a whole file."""
        self.accepted += answer["accepted"]
        for each in answer["refused"]:
            problem = Problem(each["field"], each["reason"])
            self.refuse(Refusal(Line(file, each["line"], b""), (problem,)))
        more = answer.get("more_refused", 0)
        self.refused += more
        self._untold += more
        self._ignored.update(dict.fromkeys(answer.get("ignored", ())))

    def summary(self) -> str:
        """For the operator: how many, why, and the first refused lines."""
        lines = [f"{self.accepted:,} {self.unit} accepted, {self.refused:,} lines refused"]
        if self._reasons:
            lines += ["", "why:"]
        for (field, reason), times in self._reasons.most_common():
            lines.append(f"  {times:>9,}  {_sentence(field, reason)}")
        if self._untold:
            lines.append(f"  {self._untold:>9,}  for reasons that are told when these are mended")
        if self._first:
            lines += ["", f"the first {len(self._first)}:" if self.refused > SHOWN else "where:"]
        for line, problems in self._first:
            why = "; ".join(_sentence(each.field, each.reason) for each in problems)
            lines.append(f"  {line.file}:{line.number}  {why}")
        if self._ignored:
            lines += ["", f"columns that were passed over: {', '.join(self._ignored)}"]
        return "\n".join(lines) + "\n"


def _sentence(field: str, reason: str) -> str:
    return f"{field} {reason}" if field else reason


def _as_json(refusal: Refusal) -> str:
    line, problems = refusal
    return json.dumps(
        {
            "file": line.file,
            "line": line.number,
            "problems": [{"field": each.field, "reason": each.reason} for each in problems],
            # What is not UTF-8 is kept as lone surrogates, so that nothing is lost.
            "text": line.text.decode(errors="surrogateescape"),
        }
    )


class Bar:
    """A bar by bytes on a terminal; nothing elsewhere."""

    def __init__(
        self, console: Console, files: Sequence[tuple[str, IO[bytes]]], unit: str = "events"
    ) -> None:
        self._progress = Progress(
            TextColumn(f"{{task.fields[accepted]:,}} {unit}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        known = [Path(name).stat().st_size for name, _ in files if name != STDIN]
        total = sum(known) if len(known) == len(files) else None
        self._task: TaskID = self._progress.add_task("import", total=total, accepted=0)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def read(self, count: int) -> None:
        """So many bytes more were read."""
        self._progress.advance(self._task, count)

    def show(self, accepted: int) -> None:
        """So many were accepted so far."""
        self._progress.update(self._task, accepted=accepted)
