"""Maileva's notification centre: what became of a letter of La Poste's, one a notification.

Facts from Maileva's OpenAPI documents (notification centre 2.8, mail 2.9, registered mail 4.9).
A notification names a resource and an event; its details stay with the API, and are not needed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import iso, json_object, needed
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

# Anything but 201 is a failure to it. Minutes after the attempt before: 10, 10, 20, 30 … 340.
_DELAYS: Final = tuple(60 * each for each in (10, 10, 20, 30, 50, 80, 130, 210, 340))
RETRIES: Final = RetryContract(
    taken=Answer(201), away=503, refused=401, horizon=sum(_DELAYS), delays=_DELAYS
)

_MAIL: Final = "mail/v2/sendings"
_REGISTERED: Final = "registered_mail/v4/sendings"
_RECIPIENTS: Final = "registered_mail/v4/recipients"
# A resource's events → ours, None for one that proves nothing.
#
# Of ordinary mail nothing is told after PROCESSED, « put into its envelope » at the end of the
# production: that is its sending. A registered letter is told by its recipient, and with proof; the
# sending that it belongs to has an id of its own, and would make a second letter of it.
TYPES: Final[Mapping[str, Mapping[str, str | None]]] = {
    _MAIL: {
        "ON_STATUS_ACCEPTED": None,
        "ON_STATUS_REJECTED": None,
        "ON_STATUS_PROCESSED": _SENT,
        "ON_STATUS_ARCHIVED": None,
    },
    _REGISTERED: dict.fromkeys(
        (
            "ON_STATUS_ACCEPTED",
            "ON_STATUS_REJECTED",
            "ON_STATUS_PROCESSED",
            "ON_STATUS_ARCHIVED",
            "ON_GLOBAL_DEPOSIT_PROOF_RECEIVED",
        )
    ),
    _RECIPIENTS: {
        "ON_CONTENT_PROOF_RECEIVED": None,
        "ON_DEPOSIT_PROOF_RECEIVED": _SENT,
        # It was brought and nobody was there: not delivered yet, but on its way.
        "ON_MAIN_DELIVERY_STATUS_FIRST_PRESENTATION": _SENT,
        "ON_MAIN_DELIVERY_STATUS_DELIVERED": _DELIVERED,
        "ON_ACKNOWLEDGEMENT_OF_RECEIPT_RECEIVED": _DELIVERED,
        "ON_MAIN_DELIVERY_STATUS_UNDELIVERED": _RETURNED,
        "ON_UNDELIVERED_MAIL_RECEIVED": _RETURNED,
    },
}


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    body = json_object(delivery.body)
    resource, word = needed(body, "resource_type"), needed(body, "event_type")
    if {resource, word} & set(wishes.ignore):
        yield Item(delivery.body)
        return
    if resource not in TYPES:
        raise NotUnderstood("its `resource_type` is none that is read")
    if word not in TYPES[resource]:
        raise NotUnderstood("its `event_type` is none that is documented")
    kind = TYPES[resource][word]
    yield Item(delivery.body, (_touchpoint(kind, body, wishes),) if kind else ())


def _touchpoint(kind: str, body: Mapping[str, Any], wishes: Wishes) -> Touchpoint:
    number = needed(body, "resource_id")
    fields = _passthrough(body)
    return Touchpoint(
        type=kind,
        id=wishes.event_id(number, needed(body, "event_type"), needed(body, "event_date")),
        at=iso(body, "event_date"),
        prospect=wishes.prospect(fields),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or number,
    )


def _passthrough(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both of Maileva's own fields, and the fields that are written in them."""
    number, data = body.get("resource_custom_id"), body.get("resource_custom_data")
    own = {"resource_custom_id": number, "resource_custom_data": data}
    return {**own, **passed(number), **passed(data)}


VENDOR: Final = Vendor(
    name="maileva",
    title="Maileva",
    proof="a password",
    names_person=False,
    retries=RETRIES,
    verifier=basic(),
    read=_read,
    tells=always(_SENT, _DELIVERED, _RETURNED),
    setup={
        "fr": (
            (
                "Abonnez-vous par l'API : POST …/notification_center/v2/subscriptions, une fois "
                'par événement, avec callback_url = "{url}".'
            ),
            (
                "authentication : basic, avec un login et un mot de passe de votre choix ; mettez "
                "`login:motdepasse` dans la variable que `secrets` nomme."
            ),
            "Courrier simple : mail/v2/sendings, ON_STATUS_PROCESSED.",
            (
                "Recommandé : registered_mail/v4/recipients, ON_DEPOSIT_PROOF_RECEIVED, "
                "ON_MAIN_DELIVERY_STATUS_DELIVERED, ON_MAIN_DELIVERY_STATUS_UNDELIVERED et "
                "ON_UNDELIVERED_MAIL_RECEIVED."
            ),
            (
                "À l'envoi, donnez un custom_data tel que `cmp=printemps&id=p_8` (au destinataire "
                'pour un recommandé), puis écrivez campaign_from = "cmp" et '
                'prospect_from = "id".'
            ),
        ),
        "en": (
            (
                "Subscribe by the API: POST …/notification_center/v2/subscriptions, once for each "
                'event, with callback_url = "{url}".'
            ),
            (
                "authentication: basic, with a login and a password of your choice; put "
                "`login:password` into the variable that `secrets` names."
            ),
            "Ordinary mail: mail/v2/sendings, ON_STATUS_PROCESSED.",
            (
                "Registered mail: registered_mail/v4/recipients, ON_DEPOSIT_PROOF_RECEIVED, "
                "ON_MAIN_DELIVERY_STATUS_DELIVERED, ON_MAIN_DELIVERY_STATUS_UNDELIVERED and "
                "ON_UNDELIVERED_MAIL_RECEIVED."
            ),
            (
                "When sending, give a custom_data such as `cmp=spring&id=p_8` (to the recipient "
                'of a registered letter), then write campaign_from = "cmp" and '
                'prospect_from = "id".'
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Courrier simple : un envoi compte pour une lettre ; faites un envoi par "
                "destinataire."
            ),
            (
                "Le courrier simple n'annonce ni distribution ni NPAI : « envoyé » veut dire mis "
                "sous pli, et les retours sont à importer."
            ),
            "Une lettre ne nomme pas le prospect : il vient de `prospect_from`.",
            "Les réponses au courrier sont à importer.",
            "Les flux (flow/v1) et les factures (invoices/v1) ne sont pas lus.",
        ),
        "en": (
            "Ordinary mail: a sending counts as one letter; make a sending for each recipient.",
            (
                "Ordinary mail tells neither delivery nor return: « sent » means put into its "
                "envelope, and returned letters must be imported."
            ),
            "A letter does not name the prospect: he comes from `prospect_from`.",
            "Replies by post must be imported.",
            "Flows (flow/v1) and invoices (invoices/v1) are not read.",
        ),
    },
)
