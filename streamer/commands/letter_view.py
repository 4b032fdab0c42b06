"""How dead letters are shown: a table, one whole, or JSON.

What a letter holds is shown by `show` alone, after a warning. Nothing that was sent to us can move
the cursor of a terminal: what is no plain text is shown in Base64.
"""

import base64
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from streamer.transport.deadletters import DeadLetter
from streamer.transport.letterbox import Kept
from streamer.transport.marks import STATES

WARNING: Final = (
    "What follows is as it was sent and may name persons: do not copy it where others can read it."
)
# A reader of a pipe has no width, and each letter is one line there.
_PIPE_WIDTH: Final = 200
_KILO: Final = 1024
_LAYOUT: Final = re.compile(r"\r?\n|\t")
_NONE: Final = (None, "", 0)
_STYLES: Final = {"open": "bold", "replayed": "dim", "dropped": "dim"}


def table(letters: Sequence[Kept]) -> None:
    """Print the letters as a table, and how many there are of each state."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("id", "when", "state", "source", "from", "size"):
        made.add_column(heading, no_wrap=True, justify="right" if heading == "size" else "left")
    made.add_column("reason", overflow="fold")
    for kept in letters:
        made.add_row(*_cells(kept), style=_STYLES[kept.state])
    if letters:
        console.print(made)
    console.print(_total(letters))


def _cells(kept: Kept) -> Iterable[str]:
    source = kept.letter.source if kept.letter else ""
    # A webhook's place is a hash, which says no more than the id.
    origin = kept.topic if kept.topic == "webhooks" else kept.origin
    return (
        kept.id,
        when(kept.at),
        kept.state,
        source,
        origin,
        _size(kept.size),
        plain(kept.reason),
    )


def _total(letters: Sequence[Kept]) -> str:
    if not letters:
        return "no dead letters"
    counts = Counter(kept.state for kept in letters)
    told = ", ".join(f"{counts[state]:,} {state}" for state in STATES if counts[state])
    return f"{len(letters):,} dead letters: {told}"


def summary(kept: Kept) -> dict[str, Any]:
    """One letter for JSON, without what it holds."""
    letter, mark = kept.letter, kept.mark
    return {
        "id": kept.id,
        "at": when(kept.at),
        "state": kept.state,
        "state_at": when(mark.at) if mark else None,
        "events": mark.events if mark else 0,
        "source": letter.source if letter else None,
        "topic": kept.topic,
        "from": kept.origin,
        "reason": kept.reason,
        "size": kept.size,
    }


def whole(kept: Kept, letter: DeadLetter) -> dict[str, Any]:
    """One letter for JSON, with all that it holds."""
    request = letter.request
    return {
        **summary(kept),
        "first_reason": letter.reason,
        "request": None
        if request is None
        else {
            "method": request.method,
            "kind": request.kind,
            "query": _content(request.query),
            "headers": dict(request.headers),
        },
        "key": _content(letter.key),
        "value": _content(letter.value),
    }


def page(kept: Kept, letter: DeadLetter) -> str:
    """One letter for the eye: what is known of it, the warning, and all that it holds."""
    told = summary(kept) | {"first reason": letter.reason}
    lines = [f"{name:<13} {plain(str(each))}" for name, each in told.items() if each not in _NONE]
    lines += ["", WARNING, ""]
    if request := letter.request:
        lines.append(plain(f"method: {request.method}"))
        lines += [plain(f"kind: {request.kind}")] if request.kind else []
        lines += [plain(f"header {name}: {each}") for name, each in request.headers.items()]
        lines += [f"query: {_shown(request.query)}"] if request.query else []
    if letter.key is not None:
        lines.append(f"key: {_shown(letter.key)}")
    return "\n".join([*lines, "", _shown(letter.value)]) + "\n"


def _shown(content: bytes | None) -> str:
    told = _content(content)
    if told is None:
        return "(nothing)"
    return told["text"] if "text" in told else f"(not text, in Base64) {told['base64']}"


def _content(content: bytes | None) -> dict[str, str] | None:
    """The bytes as `text` where they are text, else as `base64`."""
    if content is None:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if _LAYOUT.sub("", text) == plain(_LAYOUT.sub("", text)):
        return {"text": text}
    return {"base64": base64.b64encode(content).decode()}


def when(seconds: float) -> str:
    """A moment as RFC 3339, in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(text: str) -> str:
    """The text without what could move a terminal's cursor."""
    return "".join(each if unicodedata.category(each) != "Cc" else "\ufffd" for each in text)


def _size(size: int) -> str:
    return f"{size} B" if size < _KILO else f"{size / _KILO:,.1f} KiB"
