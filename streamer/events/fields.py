"""Readings of the optional fields: what is malformed is absent (None)."""

import math
import re
from collections.abc import Collection
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

_AMOUNT: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_LARGEST_AMOUNT: Final = Decimal(10) ** 12
_LARGEST_WHOLE: Final = 2_147_483_647
_STEP: Final = Decimal("0.000001")
_CONTEXT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)


def amount(value: object) -> Decimal | None:
    """A sum of money, rounded half-even to 6 decimals; at most 10^12 either way as written."""
    if isinstance(value, str):
        if _AMOUNT.fullmatch(value) is None:
            return None
        exact = Decimal(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            return None
        exact = Decimal(repr(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        exact = Decimal(value)
    else:
        return None
    # Not abs(): that rounds to the precision of the context.
    if exact.copy_abs() > _LARGEST_AMOUNT:
        return None
    # Adding zero turns -0 into 0.
    return exact.quantize(_STEP, context=_CONTEXT) + 0


def whole(value: object) -> int | None:
    """A whole number from 0 to 2,147,483,647; a fraction is cut, below zero is malformed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value < 0:
        return None
    cut = int(value)
    return cut if cut <= _LARGEST_WHOLE else None


def text(value: object) -> str | None:
    """A string that is not empty."""
    return value if isinstance(value, str) and value else None


def one_of(value: object, words: Collection[str]) -> str | None:
    """One of the given words."""
    return value if isinstance(value, str) and value in words else None


def currency(value: object) -> str | None:
    """A currency in upper case."""
    code = text(value)
    return None if code is None else code.upper()
