"""Dead letters: sealed, bound to their place, opened by the same secret alone."""

import pytest

from streamer.errors import UnreadableRecord
from streamer.transport.deadletters import DeadLetter, read, record

LETTER = DeadLetter(
    topic="touchpoints",
    partition=3,
    offset=1024,
    position=2,
    source="",
    reason="subject: must be a string, or absent",
    key=b"spring",
    value=b'{"subject": "jean@example.fr"}',
    at=1_772_445_600.5,
)


def test_a_letter_is_read_back_whole() -> None:
    assert read(b"secret", *record(b"secret", LETTER)) == LETTER


def test_nothing_of_it_stands_in_the_clear_but_its_place() -> None:
    key, value = record(b"secret", LETTER)
    assert key == b'["touchpoints",3,1024,2]'
    assert b"jean" not in value
    assert b"subject" not in value


def test_a_replay_writes_under_the_same_key() -> None:
    assert record(b"secret", LETTER)[0] == record(b"secret", LETTER)[0]


@pytest.mark.parametrize("spoil", ["secret", "key", "value", "short"])
def test_another_secret_place_or_content_is_refused(spoil: str) -> None:
    key, value = record(b"secret", LETTER)
    secret = b"other" if spoil == "secret" else b"secret"
    if spoil == "key":
        key = b'["touchpoints",3,1025,2]'
    if spoil == "value":
        value = value[:-1] + bytes([value[-1] ^ 1])
    if spoil == "short":
        value = value[:5]
    with pytest.raises(UnreadableRecord, match="another secret, or damaged"):
        read(secret, key, value)
