"""Identities: the same for the same person, and nothing to be read from them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.identity.identities import Identities

KNOWN = Identities(b"k" * 32)
KINDS = ("email", "phone", "linkedin", "crm")


def test_an_address_is_the_same_person_whatever_its_case() -> None:
    assert KNOWN.email(" Jeanne.Petit@Example.FR ") == KNOWN.email("jeanne.petit@example.fr")


@pytest.mark.parametrize(
    "written",
    ["+33612345678", "06 12 34 56 78", "06.12.34.56.78", "0033 6 12 34 56 78", "+33 (0)6 12345678"],
)
def test_a_number_is_the_same_person_however_it_is_written(written: str) -> None:
    assert KNOWN.phone(written) == KNOWN.phone("+33612345678")


@given(st.from_regex(r"\+33[0-9]{7,10}[ x]?", fullmatch=True))
def test_numbers_in_international_form_are_what_the_library_makes_of_them(number: str) -> None:
    # A blank before it: the library's to read, whatever the number.
    assert KNOWN.phone(number) == KNOWN.phone(" " + number)


def test_a_number_without_a_country_is_of_the_region() -> None:
    belgian = Identities(b"k" * 32, "BE")
    assert belgian.phone("0470 12 34 56") == KNOWN.phone("+32470123456")


@pytest.mark.parametrize("written", ["", "anonymous", "12", "+33 6", "non communiqué"])
def test_what_is_no_number_is_nobody(written: str) -> None:
    assert KNOWN.phone(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "https://www.linkedin.com/in/jane-doe",
        "https://fr.linkedin.com/in/Jane-Doe/?trk=x",
        "linkedin.com/in/jane-doe/",
        "jane-doe",
        " jane-doe ",
    ],
)
def test_a_profile_is_the_same_person_however_it_is_written(written: str) -> None:
    assert KNOWN.linkedin(written) == KNOWN.linkedin("jane-doe")


def test_accents_of_a_profile_may_be_percent_encoded() -> None:
    encoded = KNOWN.linkedin("https://www.linkedin.com/in/ren%C3%A9-petit")
    assert encoded == KNOWN.linkedin("rené-petit")


def test_internal_ids_of_linkedin_tell_upper_from_lower_case() -> None:
    assert KNOWN.linkedin("ACoAABcdEf") != KNOWN.linkedin("ACoAABcdeF")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_value_is_nobody(kind: str) -> None:
    assert KNOWN.of(kind, " ") is None


def test_kinds_of_records_are_kept_apart() -> None:
    assert len({KNOWN.of(kind, "0612345678") for kind in (*KINDS, "deal")}) == 5


def test_another_address_or_another_secret_is_somebody_else() -> None:
    known = KNOWN.email("a@example.fr")
    assert known != KNOWN.email("b@example.fr")
    assert known != Identities(b"other").email("a@example.fr")


def test_an_identity_is_an_opaque_text_of_144_bits() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{24}", KNOWN.email("a@example.fr") or "")
    # Fixed for good: what is stored must be found again.
    assert KNOWN.email("a@example.fr") == "slO8x5bFG51Ue4nO-IwvfMqZ"


@given(st.sampled_from(KINDS), st.text(max_size=60))
def test_any_text_is_somebody_or_nobody_and_never_an_error(kind: str, value: str) -> None:
    found = KNOWN.of(kind, value)
    assert found is None or (len(found) == 24 and found == KNOWN.of(kind, value))
