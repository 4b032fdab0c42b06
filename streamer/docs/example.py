"""Excerpts of one vendor's real files, for the page that explains how a vendor is added.

Owns which vendor is the example. The excerpts are cut out of its files, so that they never lie.
"""

import ast
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
VENDOR: Final = "mailjet"
MODULE: Final = _ROOT / "streamer" / "ingest" / "vendors" / f"{VENDOR}.py"
SAMPLE: Final = _ROOT / "schemas" / "examples" / VENDOR / "hard-bounce.json"
CASE: Final = _ROOT / "tests" / "ingest" / "vendors" / f"case_{VENDOR}.py"


def excerpt(path: Path, *names: str) -> str:
    """The definitions of these names at the top of a module, with the comments above them."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    parts = []
    for node in ast.parse(text).body:
        if _name(node) in names:
            first = node.lineno - 1
            while lines[first - 1].startswith("#"):
                first -= 1
            parts.append("\n".join(lines[first : node.end_lineno]))
    if len(parts) != len(names):
        raise ValueError(f"{path.name} does not define all of {', '.join(names)}")
    return _fenced("python", "\n\n\n".join(parts))


def whole(path: Path, language: str) -> str:
    """A file as it is."""
    return _fenced(language, path.read_text(encoding="utf-8").rstrip())


def _name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return node.name if isinstance(node, ast.FunctionDef) else None


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    "example-retries": partial(excerpt, MODULE, "RETRIES"),
    "example-words": partial(excerpt, MODULE, "TYPES", "IGNORED"),
    "example-read": partial(excerpt, MODULE, "_read", "_item"),
    "example-vendor": partial(excerpt, MODULE, "VENDOR"),
    "example-sample": partial(whole, SAMPLE, "json"),
    "example-case": partial(whole, CASE, "python"),
}
