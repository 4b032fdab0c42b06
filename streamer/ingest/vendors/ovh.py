"""OVHcloud SMS: delivery reports by GET, which name an SMS and its state and nothing else.

Facts from OVHcloud's guide on SMS users, which has the tables of codes, and the types of its API
client. Its delivery reports are not signed, so the secret stands in the path.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import form, needed, text
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
from streamer.ingest.verification import path_secret

# Whether it tries again is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=0.0, delays=(), known=False
)

_SENT: Final = "sms.sent"
_DELIVERED: Final = "sms.delivered"
_FAILED: Final = "sms.failed"

# `ptt`, the operator's code → ours.
TYPES: Final[Mapping[str, str]] = {
    # Not delivered yet, and tried again by the operator, who must have it.
    "1": _SENT,
    "2": _SENT,
    "3": _SENT,
    "4": _DELIVERED,
    # The operator never says what became of it.
    "6": _SENT,
    # Undelivered for a reason not known, expired; refused for its content, the subscriber's
    # credit, number, phone or settings, the operator's network or its filters.
    **dict.fromkeys(("5", "8", "20", "21", "23", "24", "25", "26", "27", "28", "29"), _FAILED),
    **dict.fromkeys(("33", "39", "73", "74", "76", "202"), _FAILED),
}

# `description`, the state of the report → ours, for the codes that the guide's list, which says
# that it is not complete, leaves out. None: it has not left.
STATES: Final[Mapping[str, str | None]] = {
    "0": None,
    "1": _DELIVERED,
    "2": _FAILED,
    "4": None,
    "8": _SENT,
    "16": _FAILED,
}


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    fields = form(delivery.query)
    kind = _type(fields)
    if kind is None or text(fields, "ptt") in wishes.ignore:
        yield Item(delivery.query)
        return
    number = needed(fields, "id")
    touchpoint = Touchpoint(
        type=kind,
        id=f"{number}:{needed(fields, 'ptt')}",
        # `date` has neither a documented format nor a zone.
        at=delivery.received,
        prospect=wishes.prospect(fields),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or number,
    )
    yield Item(delivery.query, (touchpoint,))


def _type(fields: Mapping[str, Any]) -> str | None:
    code, state = needed(fields, "ptt"), text(fields, "description")
    if code in TYPES:
        return TYPES[code]
    if state is None or state not in STATES:
        raise NotUnderstood("its `ptt` and its `description` are none that are documented")
    return STATES[state]


VENDOR: Final = Vendor(
    name="ovh",
    title="OVHcloud SMS",
    proof="a secret in the URL",
    names_person=False,
    retries=RETRIES,
    verifier=path_secret(),
    read=_read,
    tells=always(_SENT, _DELIVERED, _FAILED),
    methods=frozenset({"GET"}),
    secret_in_path=True,
    setup={
        "fr": (
            "Espace client > Télécom > SMS > votre compte > Utilisateurs API > … > Callback.",
            'URL : {url}?campaign=printemps et, dans la source, campaign_from = "campaign".',
            "Un utilisateur API par campagne, si plusieurs campagnes envoient en même temps.",
            (
                "À l'envoi, postez sms.sent sur /v1/events avec message = l'id rendu par OVHcloud "
                "et subject = le prospect : l'accusé ne dit que l'id."
            ),
        ),
        "en": (
            "Control Panel > Telecom > SMS > your account > API users > … > Callback.",
            'URL: {url}?campaign=spring and, in the source, campaign_from = "campaign".',
            "One API user for each campaign, if several campaigns send at the same time.",
            (
                "When sending, post sms.sent to /v1/events with message = the id that OVHcloud "
                "returned and subject = the prospect: the report says nothing but the id."
            ),
        ),
    },
    notes={
        "fr": (
            "L'accusé ne nomme pas le destinataire.",
            "Son heure est celle de sa réception : le format de `date` n'est pas documenté.",
            (
                "Les réponses et les STOP ne sont pas lus : leur appel n'est pas documenté. "
                "Relevez GET /sms/…/incoming et postez-les sur /v1/events."
            ),
        ),
        "en": (
            "The report does not name the recipient.",
            "Its time is that of its reception: the format of `date` is not documented.",
            (
                "Replies and STOPs are not read: how they are told is not documented. Poll "
                "GET /sms/…/incoming and post them to /v1/events."
            ),
        ),
    },
)
