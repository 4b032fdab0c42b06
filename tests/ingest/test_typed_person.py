"""Whoever is typed by hand is the person whom the vendors' events name, or a plain id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.identity.identities import Identities
from streamer.ingest.typed_person import subject_of

KNOWN = Identities(b"k" * 32)


@pytest.mark.parametrize(
    ("typed", "identity"),
    [
        (" Jeanne.Petit@Example.FR ", KNOWN.email("jeanne.petit@example.fr")),
        ("mailto:jeanne.petit@example.fr", KNOWN.email("jeanne.petit@example.fr")),
        ("jeanne.petit\uff20example.fr", KNOWN.email("jeanne.petit@example.fr")),
        ("06 12 34 56 78", KNOWN.phone("+33612345678")),
        ("06\u00a012\u202f34.56.78", KNOWN.phone("+33612345678")),
        ("+33 (0)6 12 34 56 78", KNOWN.phone("+33612345678")),
        ("0033612345678", KNOWN.phone("+33612345678")),
        ("tel:+33612345678", KNOWN.phone("+33612345678")),
        ("https://fr.linkedin.com/in/Jane-Doe/?trk=x", KNOWN.linkedin("jane-doe")),
        ("linkedin.com/in/jane-doe", KNOWN.linkedin("jane-doe")),
    ],
)
def test_an_address_is_the_person_whom_vendors_name(typed: str, identity: str) -> None:
    assert subject_of(typed, KNOWN) == identity


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ("p3", "p3"),
        (" lead-2026-001 ", "lead-2026-001"),
        ("2026-001", "2026-001"),
        ("4711", "4711"),
        ("slO8x5bFG51Ue4nO-IwvfMqZ", "slO8x5bFG51Ue4nO-IwvfMqZ"),
        ("id:612345678", "612345678"),
        ("crm/42", "crm/42"),
    ],
)
def test_an_id_is_taken_as_it_is(typed: str, subject: str) -> None:
    assert subject_of(typed, KNOWN) == subject


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("jeanne@petit@example.fr", "is no mail address"),
        ("Jeanne <jeanne@example.fr>", "is no mail address"),
        ("jeanne@", "is no mail address"),
        ("https://www.linkedin.com/company/acme", "LinkedIn"),
        ("linkedin.com", "LinkedIn"),
        ("+33 6", "is no phone number"),
        # A number without its nought or its plus, and an id of as many digits, look the same.
        ("698765432", "write"),
        ("33698765432", "write"),
        ("6 12 34 56 78", "write"),
        ("06 12 34", "neither"),
        ("Jeanne Petit", "neither"),
        ("https://crm.example/42", "neither"),
        ("x" * 257, "neither"),
        ("id:", "neither"),
        ("id:jeanne@example.fr", "neither"),
        ("a\u200bb", "neither"),
        ("", "neither"),
    ],
)
def test_what_is_nobody_or_may_be_two_things_is_refused(typed: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        subject_of(typed, KNOWN)
    assert not typed.strip() or typed not in str(refused.value)


@given(st.text(max_size=40))
def test_no_text_with_an_at_sign_is_kept(text: str) -> None:
    try:
        subject = subject_of(f"{text}@example.fr", KNOWN)
    except ValueError:
        return
    assert "@" not in subject
    assert len(subject) == 24
