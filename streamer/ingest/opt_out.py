"""The words by which a prospect who answers an SMS asks not to be written to again. Pure.

In France STOP is what the law has every message offer, often with the short code that it goes to
(STOP 36180); operators take ARRET and its like as well. Twilio's defaults (STOP, STOPALL,
UNSUBSCRIBE, CANCEL, END, QUIT, and since 2025 REVOKE and OPTOUT) are in the list, save END, CANCEL
and QUIT, which in French messages are no such word. A source can add its own.

https://help.twilio.com/articles/223134027
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

# What nobody who wants more writes first: the law's word, with whatever follows.
_STOP: Final = re.compile(r"sto+p+(?:all|sms|pub)?(?:[0-9]{5})?")
# Save for a play on words: « stop ou encore », « stop and go ».
_NO_STOP: Final = frozenset({"ou", "or", "and"})
# Words that ask for it when nothing else is said.
_ASKS: Final = re.compile(
    r"arret(?:e|ez|er)?(?:sms)?(?:[0-9]{5})?|stopp(?:e|es|ez|er)|"
    r"desabonn(?:e|es|ez|er|ement)|desinscri(?:s|re|vez|ption)|unsubscribe|optout|revoke"
)
# What may stand before such a word, and after it. No article before: « à l'arrêt », « au stop »; no
# « vous » after: « arrêtez-vous à Lyon ? ».
_BEFORE: Final = frozenset(
    """
    bonjour bjr bonsoir hello madame monsieur ok oui svp stp merci please veuillez de d me m moi sms
    mms pub pubs message messages
    """.split()  # noqa: SIM905 - a table of words
)
_AFTER: Final = _BEFORE | frozenset(
    """
    thanks thank you beaucoup avance cordialement bonne journee nous des du l le la les a au aux vos
    votre tes ton ces ce cette tout tous toute toutes maintenant immediatement definitivement texto
    textos publicite publicites mail mails envoi envois spam spams newsletter liste diffusion numero
    ecrire envoyer contacter deranger importuner harceler solliciter
    """.split()  # noqa: SIM905 - a table of words
)
# Several words that are read as one, or as none.
_PHRASES: Final = (
    (re.compile(r"\b(?:s il (?:vous|te) plait|tout de suite|je (?:veux|souhaite|voudrais))\b"), ""),
    (re.compile(r"\bopt out\b"), "optout"),
    (re.compile(r"\bs t o p\b"), "stop"),
)
_SHORT_CODE: Final = re.compile(r"[0-9]{5}")
_CLAUSE: Final = re.compile(r"[.,;:!?\n]+")


def spelled(text: str) -> str:
    """A text without case, accents and punctuation, as words are compared."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def is_opt_out(text: str, own: Collection[str] = ()) -> bool:
    """Whether a text asks not to be written to again.

    It does when it begins with STOP, when all of it or its last clause asks for that and says
    nothing else, or when it is one of the source's `own` words, as `spelled` gives them.
    """
    words = spelled(text)
    if words in own:
        return True
    whole = _words(words)
    if whole and _STOP.fullmatch(whole[0]):
        return whole[1:2] == [] or whole[1] not in _NO_STOP
    clauses = [found for each in _CLAUSE.split(text) if (found := _words(spelled(each)))]
    return _asks(whole) or (bool(clauses) and _asks(clauses[-1]))


def _words(text: str) -> Sequence[str]:
    for phrase, meant in _PHRASES:
        text = phrase.sub(meant, text)
    return text.split()


def _asks(words: Sequence[str]) -> bool:
    asking = [bool(_STOP.fullmatch(word) or _ASKS.fullmatch(word)) for word in words]
    if True not in asking:
        return False
    first = asking.index(True)
    beside = zip(words, asking, strict=True)
    return all(
        asks or word in (_BEFORE if at < first else _AFTER) or bool(_SHORT_CODE.fullmatch(word))
        for at, (word, asks) in enumerate(beside)
    )
