"""Which incoming mails are answers of a person."""

import pytest

from streamer.ingest.replies import is_automatic

SENDER = "prospect@example.fr"


@pytest.mark.parametrize(
    ("headers", "sender", "automatic"),
    [
        ([], SENDER, False),
        ([("Auto-Submitted", "no")], SENDER, False),
        ([("Auto-Submitted", "auto-replied")], SENDER, True),
        ([("auto-submitted", "Auto-Replied (vacation)")], SENDER, True),
        ([("AUTO-SUBMITTED", "auto-generated; x=y")], SENDER, True),
        ([("Auto-Submitted", "No; x=y")], SENDER, False),
        ([("Subject", "auto-replied")], SENDER, False),
        ([], "", True),
        ([], "<>", True),
    ],
)
def test_a_program_says_so_or_names_no_sender(
    headers: list[tuple[str, str]], sender: str, *, automatic: bool
) -> None:
    assert is_automatic(headers, sender) is automatic
