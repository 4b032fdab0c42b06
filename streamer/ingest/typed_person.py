"""Whom somebody means who types a prospect by hand: an identity, or a name that is taken as it is.

Pure. A mail address, a phone number and a LinkedIn profile become the identity that the vendors'
events of that person carry, so that nothing personal is kept. What could be either a number or an
id is refused, with how to write it: a ValueError whose message follows the field's name and quotes
nothing.
"""

import re
import unicodedata
from typing import Final

from streamer.identity.identities import Identities

# Says that what follows is the prospect's own name, whatever it looks like.
_AS_IT_IS: Final = "id:"
_LINK: Final = re.compile(r"(?:mailto|tel):", re.IGNORECASE)
_MAIL: Final = re.compile(r"[^@\s;:,<>()\"]+@[\w-]+(?:\.[\w-]+)+")
_PROFILE: Final = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*linkedin\.com/(?:in|pub)/[^/?#\s]+(?:[/?#]\S*)?", re.IGNORECASE
)
_LINKEDIN: Final = re.compile(r"\blinkedin\.com\b", re.IGNORECASE)
_NUMBER: Final = re.compile(r"\+?[\d\s().\-/]*\d[\d\s().\-/]*", re.ASCII)
# How a number is written that is meant as one: with its country, or with the trunk's nought.
_DIALLED: Final = re.compile(r"\(?[+0]")
_ID: Final = re.compile(r"[^\s@]{1,256}")


def subject_of(text: str, identities: Identities) -> str:
    """The subject of the person meant; ValueError when it is nobody or may be read in two ways."""
    said = unicodedata.normalize("NFKC", text).strip()
    if said.startswith(_AS_IT_IS):
        return _plain(text.strip().removeprefix(_AS_IT_IS))
    said = _LINK.sub("", said, count=1)
    if "@" in said:
        return _found(_MAIL.fullmatch(said) and identities.email(said), "is no mail address")
    if _LINKEDIN.search(said):
        identity = _PROFILE.fullmatch(said) and identities.linkedin(said)
        return _found(identity, "is no LinkedIn profile: its address contains /in/")
    if _NUMBER.fullmatch(said):
        number = identities.phone(said)
        if _DIALLED.match(said) and number:
            return number
        if said.startswith("+"):
            raise ValueError("is no phone number")
        if number or (said.isdigit() and identities.phone(f"+{said}")):
            raise ValueError(
                "may be a phone number or an id: write +33612345678 for a number, id:612345678 "
                "for an id"
            )
    return _plain(text.strip())


def _found(identity: str | None, reason: str) -> str:
    if not identity:
        raise ValueError(reason)
    return identity


def _plain(text: str) -> str:
    if not (_ID.fullmatch(text) and text.isprintable()) or "://" in text:
        raise ValueError(
            "is neither an id nor a mail address, a phone number or a LinkedIn profile: an id has "
            "no spaces"
        )
    return text
