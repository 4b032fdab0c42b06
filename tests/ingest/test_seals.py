"""Tickets open what they were made for, until they end, for as long as their token stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.ingest.seals import Seals

SECRET = b"a secret of at least sixteen"
TOKENS = {"amel": "t1", "bruno": "t2"}
NOW = 1_800_000_000
SEALS = Seals(SECRET, TOKENS)


def link(campaign: str = "c", holder: str = "amel", expires: int = NOW + 60) -> str:
    return SEALS.seal("link", campaign, holder, expires)


def test_a_ticket_names_whoever_made_it() -> None:
    assert SEALS.holder("link", "c", link(), NOW) == "amel"
    assert SEALS.holder("link", "c", link(holder="bruno"), NOW) == "bruno"


def test_a_ticket_ends() -> None:
    assert SEALS.holder("link", "c", link(expires=NOW + 1), NOW) == "amel"
    assert SEALS.holder("link", "c", link(expires=NOW), NOW) is None


def test_a_ticket_opens_nothing_else() -> None:
    assert SEALS.holder("link", "d", link(), NOW) is None
    assert SEALS.holder("session", "c", link(), NOW) is None
    assert SEALS.holder("session", "", SEALS.seal("session", "", "amel", NOW + 1), NOW) == "amel"


@pytest.mark.parametrize(
    "other",
    [
        Seals(SECRET, {**TOKENS, "amel": "t3"}),
        Seals(SECRET, {"bruno": "t2"}),
        Seals(SECRET, {"renamed": "t1"}),
        Seals(b"another secret, as long as it", TOKENS),
        Seals(b"", TOKENS),
        Seals(None, TOKENS),
    ],
)
def test_another_token_name_or_secret_revokes_it(other: Seals) -> None:
    assert other.holder("link", "c", link(), NOW) is None


def test_without_a_secret_no_ticket_is_made() -> None:
    with pytest.raises(KeyError):
        Seals(None, TOKENS).seal("link", "c", "amel", NOW)


def test_nothing_is_made_for_whoever_has_no_token() -> None:
    with pytest.raises(KeyError):
        SEALS.seal("link", "c", "nobody", NOW)


def test_a_longer_life_is_not_signed() -> None:
    _, _, signature = link().partition(".")
    assert SEALS.holder("link", "c", f"{NOW + 61}.{signature}", NOW) is None
    assert SEALS.holder("link", "c", f"0{NOW + 60}.{signature}", NOW) is None


@given(st.text())
def test_what_is_no_ticket_is_nobodys(ticket: str) -> None:
    assert SEALS.holder("link", "c", ticket, NOW) is None


@given(st.data())
def test_a_ticket_that_is_changed_anywhere_is_nobodys(data: st.DataObject) -> None:
    ticket = link()
    at = data.draw(st.integers(0, len(ticket) - 1))
    letter = data.draw(st.sampled_from("0123456789.-_abcXYZé").filter(lambda c: c != ticket[at]))
    changed = ticket[:at] + letter + ticket[at + 1 :]
    # The last letter of Base64 holds bits that say nothing; it is compared all the same.
    assert SEALS.holder("link", "c", changed, NOW) is None
