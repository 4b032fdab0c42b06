"""Which dead letters a command line means."""

import argparse
import time
from typing import Any

import pytest

from streamer.commands.letter_choice import Filters, arguments, chosen, filters, named_so
from streamer.errors import SettingsError, StreamerError
from streamer.transport.deadletters import DeadLetter
from streamer.transport.letterbox import Kept
from streamer.transport.marks import Mark

AT = 1_772_445_600.0  # 2026-03-02T10:00:00Z


def kept(name: str = "abc123", mark: Mark | None = None, **changes: Any) -> Kept:
    made: dict[str, Any] = {
        "topic": "touchpoints",
        "partition": 3,
        "offset": 1024,
        "position": None,
        "source": "mailer",
        "reason": "its `event` is new",
        "key": b"c",
        "value": None,
        "at": AT,
    }
    letter = DeadLetter(**made | changes)
    key = f'["{letter.topic}",3,1024]'.encode()
    return Kept(name, key, (0, 0), letter, "", letter.at, 10, mark)


def options(*words: str, ids: tuple[str, ...] = ()) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    arguments(parser)
    return parser.parse_args(words, argparse.Namespace(ids=list(ids)))


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        ((), True),
        (("--source", "mailer"), True),
        (("--source", "mail"), False),
        (("--topic", "touchpoints"), True),
        (("--topic", "webhooks"), False),
        (("--reason", "EVENT"), True),
        (("--reason", "other"), False),
        (("--since", "2026-03-02"), True),
        (("--since", "2026-03-02T10:00:00Z"), True),
        (("--since", "2026-03-02T10:00:01Z"), False),
        (("--until", "2026-03-02T11:00:00+01:00"), False),
        (("--until", "2026-03-02T10:00:01Z"), True),
        (("--until", "2026-03-02"), False),
    ],
)
def test_a_filter_lets_pass_what_it_says(words: tuple[str, ...], passes: bool) -> None:  # noqa: FBT001
    assert filters(options(*words), None).let_pass(kept()) is passes


def test_an_age_is_counted_from_now() -> None:
    young, old = kept(at=time.time() - 3_000), kept(at=time.time() - 4_000)
    for age in ("60m", "1h"):
        asked = filters(options("--since", age), None)
        assert (asked.let_pass(young), asked.let_pass(old)) == (True, False)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "7w", "2026-03-02T10:00:00"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is no time"):
        filters(options("--since", text), None)


def test_the_reason_of_today_is_asked() -> None:
    again = kept(mark=Mark("open", AT, "its `time` is missing"))
    assert Filters(reason="time").let_pass(again)
    assert not Filters(reason="event").let_pass(again)


def test_filters_choose_open_letters_alone() -> None:
    letters = [kept("a"), kept("b", Mark("replayed", AT)), kept("c", Mark("dropped", AT))]
    letters.append(kept("d", Mark("open", AT, "still new")))
    assert [each.id for each in chosen(options(), letters)] == ["a", "d"]


def test_ids_choose_whatever_became_of_a_letter_and_each_once() -> None:
    letters = [kept("abc"), kept("bcd", Mark("replayed", AT))]
    found = chosen(options(ids=("b", "BCD", "abc")), letters)
    assert [each.id for each in found] == ["bcd", "abc"]


def test_ids_and_filters_together_are_refused() -> None:
    with pytest.raises(SettingsError, match="not both"):
        chosen(options("--source", "x", ids=("a",)), [kept("abc")])


def test_a_beginning_of_several_or_of_none_is_refused() -> None:
    letters = [kept("abc1"), kept("abc2")]
    with pytest.raises(StreamerError, match="2 dead letters begin with abc: abc1, abc2"):
        named_so("abc", letters)
    for name in ("x", ""):
        with pytest.raises(StreamerError, match="There is no dead letter"):
            named_so(name, letters)
