"""Identities: the same for the same person, and nothing to be read from them."""

import re

from streamer.identity.hashing import email_identity

KEY = b"k" * 32


def test_an_address_is_the_same_person_whatever_its_case() -> None:
    assert email_identity(KEY, " Jeanne.Petit@Example.FR ") == email_identity(
        KEY, "jeanne.petit@example.fr"
    )


def test_another_address_or_another_secret_is_somebody_else() -> None:
    known = email_identity(KEY, "a@example.fr")
    assert known != email_identity(KEY, "b@example.fr")
    assert known != email_identity(b"other", "a@example.fr")


def test_an_identity_is_an_opaque_text_of_144_bits() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{24}", email_identity(KEY, "a@example.fr"))
    # Fixed for good: what is stored must be found again.
    assert email_identity(KEY, "a@example.fr") == "slO8x5bFG51Ue4nO-IwvfMqZ"
