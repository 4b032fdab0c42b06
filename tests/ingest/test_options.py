"""Values of vendors' own keys: what cannot be used is told at start, and what to do."""

import pytest

from streamer.ingest.options import channel, expression, needed_expression, one_of, text


def test_a_word_is_one_of_those_that_there_are() -> None:
    read = one_of("hex", "base64", default="hex")
    assert [read(None), read("base64")] == ["hex", "base64"]
    for wrong in ("HEX", "", 7, ["hex"]):
        with pytest.raises(ValueError, match="must be one of: hex, base64"):
            read(wrong)
    with pytest.raises(ValueError, match="must be one of: basic"):
        one_of("basic")(None)


def test_a_channel_is_one_of_the_five_or_none() -> None:
    assert [channel(None), channel("postal")] == [None, "postal"]
    with pytest.raises(ValueError, match="must be one of: email, linkedin, phone, postal, sms"):
        channel("fax")


def test_a_text_is_not_empty() -> None:
    assert [text(None), text("x")] == [None, "x"]
    for wrong in ("", 7, ["x"]):
        with pytest.raises(ValueError, match="must be a text that is not empty"):
            text(wrong)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a.b", 1),
        ("c[?k == 'x'] | [0].v", "y"),
        ("'letter'", "letter"),
        ("join('', ['+', n])", "+33"),
        ("c[0:1].v | [0]", "y"),
        ("not_there.at.all", None),
    ],
)
def test_an_expression_finds_what_stands_there(written: str, found: object) -> None:
    given = {"a": {"b": 1}, "c": [{"k": "x", "v": "y"}], "n": "33"}
    assert needed_expression(written)(given) == found


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("a.[", "is no JMESPath expression"),
        ("a b", "is no JMESPath expression"),
        ("$.a", "is no JMESPath expression"),
        ("upper(a)", "there is no function upper"),
        # Not reached for what has no such list: only looking finds it.
        ("a[?sums(b) > `1`].c", "there is no function sums"),
        ("length(a, b)", "length takes 1 values and is given 2"),
        ("join('')", "join takes 2 values and is given 1"),
        ("merge()", "merge takes 1 values and is given 0"),
        ("", "must be a text that is not empty"),
        (7, "must be a text that is not empty"),
    ],
)
def test_an_expression_that_is_none_is_told_before_anything_is_read(
    wrong: object, told: str
) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        expression(wrong)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_function_may_take_many_values() -> None:
    assert needed_expression("not_null(a, b, c)")({"c": 1}) == 1
    assert needed_expression("merge(a, b)")({"a": {"x": 1}, "b": {"y": 2}}) == {"x": 1, "y": 2}


def test_a_needed_expression_is_there() -> None:
    with pytest.raises(ValueError, match="is missing: write a JMESPath expression"):
        needed_expression(None)
    assert expression(None) is None
