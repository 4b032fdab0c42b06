"""Links are evidence: any order, any repetition, and no more contacts than are kept."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streamer.identity.links import MOST_CONTACTS, Links

contacts = st.tuples(st.sampled_from("ab"), st.sampled_from("cd"), st.none() | st.integers(1, 5))


def told(entries: list[tuple[str, str, int | None]]) -> dict[str, list[tuple[str, int | None]]]:
    links = Links()
    for entry in entries:
        links.join(*entry)
    return {identity: sorted(links.of(identity), key=repr) for identity in "ab"}


@given(st.lists(contacts), st.randoms(use_true_random=False))
def test_any_order_and_repetition_tell_the_same(
    entries: list[tuple[str, str, int | None]], chance: Random
) -> None:
    again = [*entries, *entries[:3]]
    chance.shuffle(again)
    assert told(again) == told(entries)


@given(st.lists(contacts))
def test_what_is_already_known_is_no_news(entries: list[tuple[str, str, int | None]]) -> None:
    links = Links()
    for entry in entries:
        links.join(*entry)
    assert [links.join(*entry) for entry in entries] == [None] * len(entries)


def test_only_the_latest_contacts_are_kept_in_whatever_order_they_come() -> None:
    for moments in (range(1, 1_001), range(1_000, 0, -1)):
        links = Links()
        for moment in moments:
            links.join("p", "c", moment)
        assert [at for _, at in links.of("p")] == list(range(1_001 - MOST_CONTACTS, 1_001))


def test_being_listed_is_forgotten_once_there_was_a_contact() -> None:
    links = Links()
    links.join("p", "c", None)
    links.join("p", "c", 5)
    assert list(links.of("p")) == [("c", 5)]
    assert links.join("p", "c", None) is None
