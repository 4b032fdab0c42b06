"""How people spell the columns and the words of a table of events, in French and in English. Data.

Spellings are without case, accents and punctuation, as `columns.plain` gives them. Columns that say
who it was are in `columns`.
"""

from collections.abc import Mapping
from typing import Final


def _spelled(names: Mapping[str, str]) -> Mapping[str, str]:
    return {name.strip(): key for key, names in names.items() for name in names.split(",")}


# Columns that say what happened.
COLUMNS: Final = _spelled(
    {
        "campaign": "campaign, campagne",
        "type": "type, evenement, type d evenement, event, event type",
        "time": "time, date, date et heure, date heure, datetime, horodatage, quand",
        "clock": "heure, hour",
        "reference": "reference, ref, event id, id evenement, facture, n facture, invoice",
        "message": "message, message id, id message, call id, id appel",
        "subject": "subject, prospect id, id prospect, pseudonyme",
        "channel": "channel, canal",
        "outcome": "outcome, resultat, issue, disposition",
        "sentiment": "sentiment, tonalite",
        "bounce": "bounce, rebond",
        "duration": "duration, duree, duree s, duration s",
        "key_answers": "key answers, reponses cles",
        "rep": "rep",
        "amount": "amount, montant, montant ht, cout",
        "currency": "currency, devise, monnaie",
    }
)
TYPES: Final = _spelled(
    {
        "meeting.booked": "rdv, rdv pris, rendez vous",
        "meeting.canceled": "rdv annule, rendez vous annule",
        "lead.qualified": "lead qualifie, qualifie",
        "customer.won": "vente, gagne, affaire gagnee, client, nouveau client",
        "cost.incurred": "cout, depense, frais",
    }
)
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "outcome": _spelled(
        {
            "meeting": "meeting, rdv, rdv pris, rendez vous",
            "callback": "callback, rappel, a rappeler, rappeler",
            "negative": "negative, negatif, refus, pas interesse",
            "off_target": "off target, hors cible, pas dans la cible",
            "none": "none, aucun, neutre",
        }
    ),
    "sentiment": _spelled(
        {
            "positive": "positive, positif, interesse",
            "negative": "negative, negatif, pas interesse, refus",
            "neutral": "neutral, neutre",
        }
    ),
    "bounce": {"hard": "hard", "soft": "soft"},
    "channel": _spelled(
        {
            "email": "email, e mail, mail, courriel",
            "linkedin": "linkedin",
            "phone": "phone, telephone, tel, appel",
            "postal": "postal, courrier",
            "sms": "sms",
        }
    ),
}
