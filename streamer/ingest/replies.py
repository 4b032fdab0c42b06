"""Which incoming mails are answers of a person. Pure.

Out-of-office notes and bounces come to the same address as replies, and prove nothing of a person.
"""

from collections.abc import Iterable


def is_automatic(headers: Iterable[tuple[str, str]], sender: str) -> bool:
    """Whether a program wrote it: it says so (`Auto-Submitted`, RFC 3834) or names no sender.

    `headers` are names, in any case, and values; `sender` is the envelope's, which notices of
    delivery do without (RFC 5321).
    """
    if not sender.strip().strip("<>"):
        return True
    marks = (value for name, value in headers if name.lower() == "auto-submitted")
    return any(mark.partition(";")[0].strip().lower() not in {"", "no"} for mark in marks)
