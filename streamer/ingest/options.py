"""What vendors' own keys of the sources file may hold: each function reads one value.

A value is as TOML has it, None when the key is absent. ValueError says what to do.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import jmespath
from jmespath.functions import Functions

from streamer.events import CHANNELS

_FUNCTIONS: Final = Functions().FUNCTION_TABLE


def one_of(*words: str, default: str | None = None) -> Callable[[object], str]:
    """One of these words; without a default the key must be there."""

    def read(value: object) -> str:
        given = default if value is None else value
        if isinstance(given, str) and given in words:
            return given
        raise ValueError(f"must be one of: {', '.join(words)}")

    return read


def channel(value: object) -> str | None:
    """The channel that meetings are counted for, when the vendor itself can't know it."""
    return None if value is None else one_of(*CHANNELS)(value)


def text(value: object) -> str | None:
    """A text that is not empty, or nothing."""
    if value is None or (isinstance(value, str) and value):
        return value
    raise ValueError("must be a text that is not empty")


class Expression:
    """A JMESPath expression: where something stands in what a vendor sends.

    https://jmespath.org
    """

    def __init__(self, written: str) -> None:
        try:
            self._compiled = jmespath.compile(written)
        except jmespath.exceptions.JMESPathError as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"is no JMESPath expression: {reason}") from None
        for node in _nodes(self._compiled.parsed):
            if node["type"] == "function_expression":
                _check_call(node["value"], len(node["children"]))

    def __call__(self, value: object) -> Any:  # noqa: ANN401 - JSON is anything
        """What stands there, None when nothing does.

        ValueError when one of its functions cannot take what it is given.
        """
        return self._compiled.search(value)


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node["children"]:
        # A slice's children are numbers.
        if isinstance(child, Mapping):
            yield from _nodes(child)


def _check_call(name: str, count: int) -> None:
    """A function is looked up only when it is reached, perhaps for the first time next month."""
    if name not in _FUNCTIONS:
        raise ValueError(f"is no JMESPath expression: there is no function {name}")
    signature = _FUNCTIONS[name]["signature"]
    is_variadic = bool(signature) and bool(signature[-1].get("variadic"))
    if count < len(signature) or (count > len(signature) and not is_variadic):
        raise ValueError(
            f"is no JMESPath expression: {name} takes {len(signature)} values and is given {count}"
        )


def expression(value: object) -> Expression | None:
    """A JMESPath expression, or nothing."""
    written = text(value)
    return None if written is None else Expression(written)


def needed_expression(value: object) -> Expression:
    """A JMESPath expression that must be there."""
    found = expression(value)
    if found is None:
        raise ValueError("is missing: write a JMESPath expression")
    return found
