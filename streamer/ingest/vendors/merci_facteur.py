"""Merci Facteur's webhooks: a form of two JSON texts, several letters in one, a secret in a header.

Facts from its public API repository (MerciFacteur/Merci-facteur-API): the README, which lists every
event with the states that a letter goes through, and the guide on webhooks.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from streamer.ingest.fields import an_object, form, json_object, json_value, needed, seconds, text
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
from streamer.ingest.verification import header_secret

_SENT: Final = "postal.sent"
_DELIVERED: Final = "postal.delivered"
_RETURNED: Final = "postal.returned"

# An hour after the first attempt, and a day after the second; then the notification is lost.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=90_000, delays=(3_600, 86_400)
)

# Its words → ours. `sended` is for electronic letters; `pdd` is the post's proof of deposit, `are`
# the receipt that the recipient signed, once scanned.
TYPES: Final[Mapping[str, str]] = {
    "sended": _SENT,
    "pdd": _SENT,
    "delivered": _DELIVERED,
    "are": _DELIVERED,
    "pnd": _RETURNED,
}
# These two words depend on the letter's state (`statut_courrier`). What the post takes charge of
# was sent; of the errors only those that end the letter's way say something. None: nothing.
STATES: Final[Mapping[str, Mapping[str, str | None]]] = {
    "new-state": dict.fromkeys(
        (
            "pris_en_charge",
            "prix_en_charge_pays_destinataire",
            "traitement",
            "traitement_pays_destination",
            "transit_pays_intermediaire",
            "attente_presentation",
            "entree_douane",
            "sortie_douane",
            "retenu_douane",
            "probleme_resolu",
            "distribution_en_cours",
            "attente_au_guichet",
            "accept_wait",
        ),
        _SENT,
    ),
    "error": {
        "non_distribuable": _RETURNED,
        "retour_expediteur": _RETURNED,
        "accept_notification_error": _RETURNED,
        "probleme_en_cours": None,
        "accept_lock": None,
    },
}
# A letter that is printed has not left yet. But of an ordinary one (`normal`, no tracking) nothing
# more is ever told, and it is « posted in a few moments »: it is sent when it is printed.
_UNTRACKED: Final = "normal"


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    event, letters = _parts(delivery.body)
    word = needed(event, "name_event")
    for letter in letters:
        # A letter with the event that it belongs to: what is set aside can be read again alone.
        raw = msgspec.json.encode({"event": event, "detail": [letter]})
        try:
            yield _item(raw, word, event, an_object(letter, "its `detail`"), wishes)
        except NotUnderstood as problem:
            yield Item(raw, not_understood=str(problem))


def _parts(body: bytes) -> tuple[Mapping[str, Any], Sequence[Any]]:
    """The event and its letters, from the form that is sent or from one letter that was kept."""
    if body.lstrip()[:1] == b"{":
        fields = json_object(body)
        event, letters = fields.get("event"), fields.get("detail")
    else:
        texts = form(body)
        event, letters = (json_value(needed(texts, name).encode()) for name in ("event", "detail"))
    if not isinstance(letters, list):
        raise NotUnderstood("its `detail` is not a list")
    return an_object(event, "its `event`"), letters


def _item(
    raw: bytes, word: str, event: Mapping[str, Any], letter: Mapping[str, Any], wishes: Wishes
) -> Item:
    if word in wishes.ignore:
        return Item(raw)
    kind = _type(word, letter)
    if kind is None:
        return Item(raw)
    number, state = needed(letter, "ref_courrier"), text(letter, "statut_courrier")
    fields = _passthrough(letter)
    touchpoint = Touchpoint(
        type=kind,
        id=wishes.event_id(word, needed(event, "date_event"), number, state),
        at=seconds(event, "date_event"),
        prospect=wishes.prospect(fields),
        person=_recipient(letter, wishes),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or number,
    )
    return Item(raw, (touchpoint,))


def _type(word: str, letter: Mapping[str, Any]) -> str | None:
    if word in TYPES:
        return TYPES[word]
    if word in STATES:
        state = text(letter, "statut_courrier")
        if state is None or state not in STATES[word]:
            raise NotUnderstood("its `statut_courrier` is none that is documented")
        return STATES[word][state]
    if word == "printed":
        return _SENT if text(letter, "mode_envoi") == _UNTRACKED else None
    if word == "new":
        return None
    raise NotUnderstood("its `name_event` is none that is documented")


def _passthrough(letter: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reference that the letter was sent with, whole and word by word.

    It has at most 30 letters, digits, spaces, - and _: so `spring p-8` rather than `cmp=spring`.
    """
    reference = text(letter, "ref_interne") or ""
    words = {f"ref_interne.{n}": word for n, word in enumerate(reference.split(), 1)}
    return {"ref_interne": reference, **words, **passed(reference)}


def _recipient(letter: Mapping[str, Any], wishes: Wishes) -> str | None:
    """Who gets it, as far as it can be known: only electronic letters have such addresses."""
    address, number = text(letter, "email"), text(letter, "telephone")
    return (wishes.identities.email(address) if address else None) or (
        wishes.identities.phone(number) if number else None
    )


VENDOR: Final = Vendor(
    name="merci_facteur",
    title="Merci Facteur",
    proof="a secret in a header",
    names_person=False,
    retries=RETRIES,
    verifier=header_secret(b"x-mf-webhook-secret-key"),
    read=_read,
    tells=always(_SENT, _DELIVERED, _RETURNED),
    setup={
        "fr": (
            "Compte Merci Facteur Pro > API > Webhooks ; URL de notification : {url}",
            "Copiez la webhook-secret-key de l'onglet API dans la variable que `secrets` nomme.",
            (
                "À l'envoi, donnez à chaque destinataire une `reference` de 30 caractères au plus "
                'telle que `printemps p-8`, puis écrivez campaign_from = "ref_interne.1" et '
                'prospect_from = "ref_interne.2".'
            ),
            "Confiez-lui la gestion des NPAI (`gestionNpai`, ou le mode `lrare`).",
        ),
        "en": (
            "Merci Facteur Pro account > API > Webhooks; notification URL: {url}",
            "Copy the webhook-secret-key of the API tab into the variable that `secrets` names.",
            (
                "When sending, give each recipient a `reference` of at most 30 characters such as "
                '`spring p-8`, then write campaign_from = "ref_interne.1" and '
                'prospect_from = "ref_interne.2".'
            ),
            "Let it manage returned mail (`gestionNpai`, or the mode `lrare`).",
        ),
    },
    notes={
        "fr": (
            (
                "Une lettre sans suivi (`normal`) compte comme envoyée dès l'impression : Merci "
                "Facteur la poste aussitôt et n'en dit plus rien ; elle n'a pas de distribution."
            ),
            "Un courrier suivi ou recommandé est envoyé quand La Poste le prend en charge.",
            "Une lettre ne nomme pas le prospect : il vient de `prospect_from`.",
            (
                "Les événements are et pdd contiennent un document numérisé : au-delà de "
                "STREAMER_MAX_REQUEST_BYTES ils sont refusés ; delivered et new-state en disent "
                "autant."
            ),
            "Deux nouvelles tentatives seulement, après 1 h puis 24 h, avant que tout soit perdu.",
            "Les réponses au courrier sont à importer.",
        ),
        "en": (
            (
                "A letter without tracking (`normal`) counts as sent when it is printed: Merci "
                "Facteur posts it at once and tells nothing more; it has no delivery."
            ),
            "A tracked or registered letter is sent when the post takes charge of it.",
            "A letter does not name the prospect: he comes from `prospect_from`.",
            (
                "The events are and pdd hold a scanned document: above "
                "STREAMER_MAX_REQUEST_BYTES they are refused; delivered and new-state tell as "
                "much."
            ),
            "Only two more attempts, after 1 h and then 24 h: after that it is lost.",
            "Replies by post must be imported.",
        ),
    },
)
