"""What vendors write, read as it is meant."""

import pytest

from streamer.ingest.fields import international


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("33612345678", "+33612345678"),
        (33612345678, "+33612345678"),
        ("+33612345678", "+33612345678"),
        ("0033612345678", "0033612345678"),
        ("0612345678", "0612345678"),
        ("Example", "Example"),
        ("", None),
        (None, None),
    ],
)
def test_a_number_without_its_plus_gets_it(written: object, number: str | None) -> None:
    assert international({"to": written}, "to") == number
