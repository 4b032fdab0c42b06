"""MySendingBox's webhooks (Seeuletter before): one event of one letter a notification.

Facts from its API's documentation and from code that was checked against its debugger.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import an_object, iso, json_object, needed
from streamer.ingest.passthrough import passed
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Wishes,
    always,
)
from streamer.ingest.verification import basic

_SENT: Final = "postal.sent"
_DELIVERED: Final = "postal.delivered"
_RETURNED: Final = "postal.returned"

# Whether and when it tries again is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=0, delays=(), known=False
)

# Its words → ours. Whatever the post tells of a letter proves that it has it.
TYPES: Final[Mapping[str, str]] = {
    "letter.filing_proof": _SENT,
    "letter.sent": _SENT,
    "letter.in_transit": _SENT,
    "letter.waiting_to_be_withdrawn": _SENT,
    "letter.distributed": _DELIVERED,
    "letter.delivery_proof": _DELIVERED,
    "letter.returned_to_sender": _RETURNED,
    "letter.return_to_sender_proof": _RETURNED,
    "letter.wrong_address": _RETURNED,
}
# Understood, and no milestone: not sent yet, never sent, or gone without having come back.
# Electronic letters are mails that ask for an identification: their words are not those of a
# letter, and what « accepted » says of whom is not documented.
IGNORED: Final = frozenset(
    {
        "letter.created",
        "letter.accepted",
        "letter.lost",
        "letter.error",
        "letter.canceled",
        "letter.electronic.accepted",
        "letter.electronic.sent",
        "letter.electronic.waiting_download",
        "letter.electronic.failed_tracking",
        "letter.electronic.not_distributed",
        "letter.electronic.refused",
        "letter.electronic.negligence",
        "letter.electronic.locked",
    }
)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    body = json_object(delivery.body)
    event = an_object(body.get("event"), "its `event`")
    word = needed(event, "name")
    # The debugger of its dashboard sends letters that nobody wrote.
    if body.get("debugger") is True or word in wishes.ignore or word in IGNORED:
        yield Item(delivery.body)
        return
    if word not in TYPES:
        raise NotUnderstood("its `event.name` is none that is documented")
    letter = an_object(body.get("letter"), "its `letter`")
    fields = _passthrough(letter)
    touchpoint = Touchpoint(
        type=TYPES[word],
        id=needed(event, "_id"),
        at=iso(body, "created_at"),
        prospect=wishes.prospect(fields),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or needed(letter, "_id"),
    )
    yield Item(delivery.body, (touchpoint,))


def _passthrough(letter: Mapping[str, Any]) -> Mapping[str, Any]:
    """The letter's metadata, its description, and the fields that are written in that."""
    description = letter.get("description")
    return {
        "description": description,
        **passed(description),
        **passed(letter.get("metadata")),
    }


VENDOR: Final = Vendor(
    name="mysendingbox",
    title="MySendingBox",
    proof="a password",
    names_person=False,
    retries=RETRIES,
    verifier=basic(),
    read=_read,
    tells=always(_SENT, _DELIVERED, _RETURNED),
    setup={
        "fr": (
            "Tableau de bord > Webhooks > Ajouter un webhook, avec tous les événements.",
            (
                "URL : {url}, avec un identifiant et un mot de passe devant l'hôte "
                "(https://identifiant:motdepasse@…)."
            ),
            "Mettez `identifiant:motdepasse` dans la variable que `secrets` nomme.",
            (
                "À l'envoi, donnez à chaque lettre une description telle que "
                '`cmp=printemps&id=p_8`, puis écrivez campaign_from = "cmp" et '
                'prospect_from = "id".'
            ),
            "Pour connaître les NPAI, envoyez avec manage_returned_mail = true.",
        ),
        "en": (
            "Dashboard > Webhooks > Add a webhook, with every event.",
            (
                "URL: {url}, with a user name and a password before the host "
                "(https://user:password@…)."
            ),
            "Put `user:password` into the variable that `secrets` names.",
            (
                "When sending, give each letter a description such as `cmp=spring&id=p_8`, then "
                'write campaign_from = "cmp" and prospect_from = "id".'
            ),
            "To hear of returned letters, send with manage_returned_mail = true.",
        ),
    },
    notes={
        "fr": (
            "Une lettre ordinaire n'annonce pas sa distribution.",
            "Une lettre ne nomme pas le prospect : il vient de `prospect_from`.",
            "Les lettres électroniques (LRE) ne sont pas comptées.",
            "Ses nouvelles tentatives ne sont pas documentées : vérifiez après une panne.",
            "Les réponses au courrier sont à importer.",
        ),
        "en": (
            "An ordinary letter does not tell its delivery.",
            "A letter does not name the prospect: he comes from `prospect_from`.",
            "Electronic letters (LRE) are not counted.",
            "Whether it tries again is not documented: check after an outage.",
            "Replies by post must be imported.",
        ),
    },
)
