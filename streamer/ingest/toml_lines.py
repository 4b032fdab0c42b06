"""Where a key stands in the text of a TOML file, since the parser does not tell. Pure."""

import re
from collections.abc import Sequence


def line_of(lines: Sequence[str], source: str | None, key: str | None) -> int:
    """The line, from 1, of a key in a source's table; of the table when the key has none."""
    heads = _assigned(source) if source else None
    head = next((number for number, line in enumerate(lines) if heads and heads.match(line)), 0)
    assigns = _assigned(key) if key else None
    for number in range(head, len(lines)):
        line = lines[number].strip()
        of_another = source and number > head and line.startswith("[") and f".{source}." not in line
        if not assigns or of_another:
            break
        if assigns.match(line):
            return number + 1
    return head + 1


def _assigned(name: str) -> re.Pattern[str]:
    """`name = …`, `name.x = …`, `[name]` or `[….name]`, the name quoted or not."""
    return re.compile(rf"""\s*(?:\[+\s*)?(?:[^=\[]+\.\s*)?["']?{re.escape(name)}["']?\s*[\].=]""")
