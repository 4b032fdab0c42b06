"""HubSpot's app webhooks: changes of CRM records, up to a hundred a request, signed with the URL.

Facts from its developer documentation (webhooks API, validating requests, generic subscriptions)
and its Python client. A record is known by its number only: the prospect list names it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import needed, read_each, seconds, text
from streamer.ingest.vendors import (
    RECORD_ID,
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Wishes,
)
from streamer.ingest.verification import hmac_of, is_fresh, unbase64

_HOUR: Final = 3_600.0
_MILLI: Final = 0.001
_SIGNATURE: Final = b"x-hubspot-signature-v3"
_TIMESTAMP: Final = b"x-hubspot-request-timestamp"

# Ten more attempts over 24 hours, spread by chance; the hour more is for the last one's. Its advice
# is to refuse what was signed more than five minutes ago. A retry's body counts its attempts, so
# it is signed again, but with which time is not documented: a late retry must count, and a replay
# does no harm.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=25 * _HOUR, delays=(), within=5.0
)

# What happens to records; of conversations a message can be new as well.
CHANGES: Final = frozenset(
    {
        "creation",
        "propertyChange",
        "deletion",
        "privacyDeletion",
        "merge",
        "restore",
        "associationChange",
        "newMessage",
    }
)
RECORDS: Final = frozenset(
    {"contact", "company", "deal", "ticket", "product", "line_item", "conversation", "object"}
)
# A generic subscription (`object.…`) tells the kind of record by its number.
_KINDS: Final[Mapping[str, str]] = {"0-1": "contact", "0-3": "deal"}
# A kind of record → the property that holds its stage, and whose number it is in identities.
STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "contact": ("lifecyclestage", "crm"),
    "deal": ("dealstage", "deal"),
}

# What HubSpot decodes in the URL before it signs it.
_ENCODED: Final = re.compile(rb"%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


def _signed(delivery: Delivery) -> bytes | None:
    timestamp = delivery.headers.get(_TIMESTAMP)
    if timestamp is None or not is_fresh(
        timestamp, delivery.received, RETRIES.horizon, unit=_MILLI
    ):
        return None
    url = _ENCODED.sub(lambda code: bytes.fromhex(code[0][1:].decode()), delivery.url.encode())
    return delivery.method.encode() + url + delivery.body + timestamp


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    return read_each(delivery.body, lambda raw, event: _item(raw, event, wishes))


def _item(raw: bytes, event: Mapping[str, Any], wishes: Wishes) -> Item:
    word = needed(event, "subscriptionType")
    if word in wishes.ignore:
        return Item(raw)
    record, _, change = word.partition(".")
    if record not in RECORDS or change not in CHANGES:
        raise NotUnderstood("its `subscriptionType` is none that is documented")
    if record == "object":
        record = _KINDS.get(text(event, "objectTypeId") or "", record)
    kind = _reached(record, change, event, wishes)
    if kind is None:
        return Item(raw)
    number = needed(event, "objectId")
    named = ("portalId", "subscriptionId", "eventId", "objectId", "occurredAt")
    touchpoint = Touchpoint(
        type=kind,
        # Its `eventId` alone is not promised to be unique.
        id=wishes.event_id(*(needed(event, name) for name in named)),
        at=seconds(event, "occurredAt", unit=_MILLI),
        person=wishes.identities.record(STAGES[record][1], number),
    )
    return Item(raw, (touchpoint,))


def _reached(record: str, change: str, event: Mapping[str, Any], wishes: Wishes) -> str | None:
    """What a contact or a deal has come to, by the stage that it was put into."""
    if record not in STAGES or change != "propertyChange":
        return None
    if text(event, "propertyName") != STAGES[record][0]:
        return None
    return wishes.stages.get(text(event, "propertyValue") or "")


def _tells(wishes: Wishes) -> frozenset[str]:
    return frozenset(wishes.stages.values())


VENDOR: Final = Vendor(
    name="hubspot",
    title="HubSpot",
    proof="HMAC of URL, body and time",
    retries=RETRIES,
    verifier=hmac_of(_signed, lambda delivery: unbase64(delivery.headers.get(_SIGNATURE))),
    read=_read,
    tells=_tells,
    records={kind: RECORD_ID for _, kind in STAGES.values()},
    setup={
        "fr": (
            "Dans votre application HubSpot > Webhooks ; Target URL : {url}",
            (
                "Abonnements : contact.propertyChange sur lifecyclestage et deal.propertyChange "
                "sur dealstage."
            ),
            "Copiez le Client secret de l'application dans la variable que `secrets` nomme.",
            (
                "STREAMER_PUBLIC_URL doit être exactement l'adresse que HubSpot appelle : il la "
                "signe."
            ),
            (
                "Nommez vos étapes par leur valeur interne, par exemple "
                'stages.salesqualifiedlead = "lead.qualified" et '
                'stages.closedwon = "customer.won".'
            ),
            (
                "Ajoutez à la liste de prospects les colonnes `crm` (numéro du contact) et "
                "`deal` (numéro de la transaction)."
            ),
        ),
        "en": (
            "In your HubSpot app > Webhooks; Target URL: {url}",
            (
                "Subscriptions: contact.propertyChange on lifecyclestage and deal.propertyChange "
                "on dealstage."
            ),
            "Copy the app's Client secret into the variable that `secrets` names.",
            "STREAMER_PUBLIC_URL must be exactly the address that HubSpot calls: it signs it.",
            (
                "Name your stages by their internal values, for instance "
                'stages.salesqualifiedlead = "lead.qualified" and '
                'stages.closedwon = "customer.won".'
            ),
            (
                "Add the columns `crm` (the contact's number) and `deal` (the deal's number) to "
                "the prospect list."
            ),
        ),
    },
    notes={
        "fr": (
            "Sans `stages`, HubSpot n'apporte rien.",
            "HubSpot ne donne que des numéros de fiches : la liste de prospects dit de qui.",
            "Une transaction ne nomme pas son contact : il faut la colonne `deal`.",
            "Un client gagné puis perdu reste gagné.",
        ),
        "en": (
            "Without `stages` HubSpot tells nothing.",
            "HubSpot gives numbers of records only: the prospect list says whose.",
            "A deal does not name its contact: the column `deal` is needed.",
            "A customer who was won and then lost stays won.",
        ),
    },
)
