"""What the columns of people's own tables are called, in French and in English. Pure.

Owns which column holds an address of a person and which holds none. A column that is not known to
identify somebody is never taken for an identity: all whose value is the same would become one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from streamer.identity.identities import Identities
from streamer.ingest.vendors import vendors

SUBJECT: Final = "id"
_NAMES: Final[Mapping[str, str]] = {
    SUBJECT: "id, identifiant, prospect id, id prospect, pseudonyme, subject",
    "email": (
        "email, e mail, mail, courriel, mel, adresse email, adresse e mail, adresse mail, "
        "adresse electronique, email pro, e mail pro, mail pro, email professionnel, "
        "email perso, mail perso, email address, work email"
    ),
    "phone": (
        "phone, telephone, tel, portable, mobile, fixe, gsm, tel portable, tel mobile, tel fixe, "
        "telephone portable, telephone mobile, telephone fixe, ligne directe, "
        "numero de telephone, n de telephone, tel pro, telephone pro, mobile pro, portable pro, "
        "phone number, mobile phone, work phone, direct phone, cell phone"
    ),
    "linkedin": (
        "linkedin, profil linkedin, url linkedin, lien linkedin, linkedin url, linkedin profile, "
        "linkedin profile url, person linkedin url"
    ),
    "crm": (
        "crm, id crm, crm id, contact id, id contact, person id, id personne, record id, "
        "record id contact"
    ),
    "deal": "deal, id deal, deal id, record id deal, id affaire, id opportunite, id transaction",
}
_KNOWN: Final = {name.strip(): kind for kind, names in _NAMES.items() for name in names.split(",")}
# Cells that say « nothing »: as an identity they would make one person of everybody.
_NOTHING: Final = frozenset(
    {
        "-",
        "--",
        "n/a",
        "na",
        "#n/a",
        "n/c",
        "nc",
        "néant",
        "neant",
        "aucun",
        "inconnu",
        "null",
        "none",
        "?",
    }
)
_MAIL: Final = re.compile(r"[^@\s;,<>\"]+@[^@\s;,<>\"]+\.[^@\s;,<>\"]+")
# What a spreadsheet makes of a long number: its last digits are lost.
_ROUNDED: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+")
# And of a whole number in a column with gaps: it would be another one than the vendor's.
_DECIMAL: Final = re.compile(r"[0-9]+[.,]0+")
# What stands in a column that says whether somebody is on LinkedIn, whose public identifiers have
# three characters or more.
_ANSWERS: Final = frozenset({"oui", "non", "yes", "vrai", "faux", "true", "false"})
_SHORTEST_SLUG: Final = 3
_FORMULA: Final = re.compile(r'="([^"]*)"')
_REASONS: Final[Mapping[str, str]] = {
    "email": "is no mail address, or more than one",
    "phone": "is no phone number, or more than one",
    "linkedin": "is no LinkedIn profile",
}
_NO_RECORD: Final = "is no id of a record: write the one that the vendor shows, or leave it empty"


def plain(name: str) -> str:
    """A name without case, accents and punctuation: `N° de tél.` is `n de tel`."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(each for each in folded if not unicodedata.combining(each))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str | None:
    """What a column of that name holds: `id`, or the kind of an identity; None for neither.

    Columns of a kind may be numbered: `tel 1`, `tel 2`. The name of a vendor that knows persons by
    records, with `id` or without, is that of his ids: `HubSpot ID`, `ID deal HubSpot`.
    """
    spelled = plain(name)
    bare = spelled.rstrip(" 0123456789")
    for each in (spelled, bare):
        if each in _KNOWN:
            return _KNOWN[each]
    return _of_vendor(bare.split())


def _of_vendor(words: Sequence[str]) -> str | None:
    for vendor in vendors().values():
        if vendor.records and vendor.name in words:
            rest = " ".join(word for word in words if word != vendor.name)
            kind = next(iter(vendor.records)) if rest in {"", "id"} else _KNOWN.get(rest)
            return kind if kind in vendor.records else None
    return None


@cache
def record_ids() -> Mapping[str, re.Pattern[str]]:
    """How the id of a record looks, by the kinds of records that can be columns."""
    return {kind: looks for vendor in vendors().values() for kind, looks in vendor.records.items()}


def identity_of(kind: str, value: str, identities: Identities) -> str | None:
    """The identity of a cell; None when it says nothing, ValueError with the reason if it lies."""
    text = _said(value)
    if not text:
        return None
    if _ROUNDED.fullmatch(text):
        raise ValueError("was rounded by a spreadsheet: format the column as text")
    if _DECIMAL.fullmatch(text):
        raise ValueError("was given decimals by a spreadsheet: format the column as text")
    identity = identities.of(kind, text) if _looks_right(kind, text) else None
    if identity is None:
        raise ValueError(_REASONS.get(kind, _NO_RECORD))
    return identity


def _looks_right(kind: str, text: str) -> bool:
    match kind:
        case "email":
            return bool(_MAIL.fullmatch(text))
        case "linkedin":
            return len(text) >= _SHORTEST_SLUG and text.casefold() not in _ANSWERS
        case "phone":
            return True
        case _:
            return bool(record_ids()[kind].fullmatch(text))


def subject_of(value: str, identities: Identities) -> str | None:
    """A prospect's own name as it comes; of a mail address the identity. See `identity_of`."""
    text = _said(value)
    return identity_of("email", text, identities) if "@" in text else text or None


def _said(value: str) -> str:
    """What a cell says, without what makes a spreadsheet leave it alone: `'0612`, `="0612"`."""
    formula = _FORMULA.fullmatch(value)
    text = (formula[1] if formula else value.removeprefix("'")).strip()
    return "" if text.casefold() in _NOTHING else text
