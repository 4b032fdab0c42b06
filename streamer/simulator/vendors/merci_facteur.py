"""Letters told as Merci Facteur's webhook tells them: several in one form, a secret in a header.

The form holds two JSON texts: what happened, and the letters to which it did.
Facts from its public API repository (MerciFacteur/Merci-facteur-API).
"""

import json
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known, seconds_of
from streamer.simulator.vendors import BY_CODE, CODES, Attempt, Simulated, Written

# Our types → its words, each with the state that the letter has then.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "postal.sent": ("new-state", "pris_en_charge"),
    "postal.delivered": ("delivered", "distribue"),
    "postal.returned": ("pnd", "distribue_expediteur"),
}


def _letter(happening: Happening) -> dict[str, Any]:
    event = happening.event
    return {
        "civilite": "Mme",
        "nom": "Martin",
        "prenom": "Jeanne",
        "adresse1": "12 rue de la Paix",
        "cp": "75002",
        "ville": "Paris",
        "pays": "FRANCE",
        "ref_courrier": event["message"],
        "mode_envoi": "suivi",
        "tracking_number": f"2C{event['message']}",
        "id_envoi": "E9",
        "statut_courrier": WORDS[event["type"]][1],
        # All that is ours: at most 30 letters, digits, spaces, - and _.
        "ref_interne": f"{CODES[event['campaign']]} {known(happening).name}",
    }


def _alike(happening: Happening) -> tuple[str, int]:
    return happening.event["type"], seconds_of(happening.event)


def _write(happenings: Sequence[Happening], _secret: str) -> Written:
    kind, at = _alike(happenings[0])
    form = {
        "event": json.dumps({"name_event": WORDS[kind][0], "id_user": 17460, "date_event": at}),
        "detail": json.dumps([_letter(each) for each in happenings]),
    }
    return Written(urllib.parse.urlencode(form).encode())


def _headers(attempt: Attempt) -> Mapping[str, str]:
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Mf-Webhook-Secret-Key": attempt.secret,
    }


SIMULATED: Final = Simulated(
    name="merci_facteur",
    teller="letters",
    write=_write,
    headers=_headers,
    source={
        "campaign_from": "ref_interne.1",
        "campaigns": dict(BY_CODE),
        "prospect_from": "ref_interne.2",
    },
    batch=50,
    together=_alike,
    habits=Habits(late=0.2, again=0.02),
    touch=lambda number, _: str(int(number[:12], 16)),
    untold=("Replies: the mailroom tells them.",),
)
