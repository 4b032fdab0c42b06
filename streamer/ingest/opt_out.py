"""The words by which a prospect who answers an SMS asks not to be written to again.

In France STOP is what the law has every message offer; operators take ARRET and its like as well.
Twilio's defaults (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT) are in the list, save END, CANCEL
and QUIT, which in French messages are no such word.
"""

import re
import unicodedata
from typing import Final

WORDS: Final = frozenset(
    {
        "stop",
        "stopall",
        "stop sms",
        "stopsms",
        "arret",
        "arretez",
        "arreter",
        "desabonner",
        "desabonnement",
        "desinscription",
        "desinscrire",
        "unsubscribe",
        "optout",
        "opt out",
    }
)
# « STOP 36180 », « stop merci », but not « Non-stop ».
_FIRST: Final = frozenset({"stop", "stopall", "arret", "arretez"})


def is_opt_out(text: str) -> bool:
    """Whether this is nothing but such a word, or begins with one that means nothing else."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    words = re.findall(r"[a-z0-9]+", plain)
    return " ".join(words) in WORDS or (bool(words) and words[0] in _FIRST)
