"""Which of the product's two languages a terminal is to be shown."""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("en", "fr")


def language(env: Mapping[str, str]) -> str:
    """By the locale of the environment; English unless it is French."""
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "fr" if locale.startswith("fr") else "en"
