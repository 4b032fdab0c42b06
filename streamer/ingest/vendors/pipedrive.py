"""Pipedrive's webhooks (v2): something changed in the CRM, now and before.

Facts from its guide for webhooks v2 and the migration guide. Only deals say something that is
counted: that one is won, and the stage that one comes into, as the source's `stages` read it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import an_object, inside, iso, json_object, needed, text
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
from streamer.ingest.verification import basic

_WON: Final = "customer.won"

RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=183, delays=(3, 30, 150)
)

ACTIONS: Final = frozenset({"create", "change", "delete"})
# Understood, and nothing that is counted. A lead in Pipedrive's inbox is a name to work on, not a
# qualified lead: only a deal's stage says so.
IGNORED: Final = frozenset(
    {
        "activity",
        "board",
        "deal_installment",
        "deal_product",
        "lead",
        "note",
        "organization",
        "person",
        "phase",
        "pipeline",
        "product",
        "project",
        "stage",
        "task",
        "user",
    }
)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    body = json_object(delivery.body)
    meta = an_object(body.get("meta"), "its `meta`")
    action, entity = needed(meta, "action"), needed(meta, "entity")
    if {action, entity, f"{action}.{entity}"} & set(wishes.ignore):
        yield Item(delivery.body)
        return
    if action not in ACTIONS:
        raise NotUnderstood("its `meta.action` is none that is documented")
    if entity not in IGNORED | {"deal"}:
        raise NotUnderstood("its `meta.entity` is none that is documented")
    if entity != "deal" or action == "delete":
        yield Item(delivery.body)
        return
    deal = an_object(body.get("data"), "its `data`")
    kinds = _reached(deal, _changed(body, action), wishes)
    yield Item(delivery.body, tuple(_touchpoint(kind, meta, deal, wishes) for kind in kinds))


def _changed(body: Mapping[str, Any], action: str) -> Mapping[str, Any]:
    """The fields that this notification is about: of a new deal all, else those in `previous`."""
    name = "data" if action == "create" else "previous"
    return an_object(body.get(name), f"its `{name}`")


def _reached(deal: Mapping[str, Any], changed: Mapping[str, Any], wishes: Wishes) -> list[str]:
    """What the deal has come to by this change; anything else of it was told before."""
    kinds: set[str] = set()
    if "status" in changed and deal.get("status") == "won":
        kinds.add(_WON)
    if "stage_id" in changed and (kind := wishes.stages.get(text(deal, "stage_id") or "")):
        kinds.add(kind)
    return sorted(kinds)


def _touchpoint(
    kind: str, meta: Mapping[str, Any], deal: Mapping[str, Any], wishes: Wishes
) -> Touchpoint:
    fields = {**deal, **_custom(deal)}
    record = text(deal, "person_id") or ""
    prospect, person = wishes.prospect(fields), wishes.identities.record("crm", record)
    if prospect is None and person is None:
        raise NotUnderstood("its deal has no person: link one to it in Pipedrive")
    return Touchpoint(
        type=kind,
        # One change can tell both that a deal is won and that it is qualified.
        id=f"{needed(meta, 'id')}:{kind}",
        at=iso(meta, "timestamp"),
        prospect=prospect,
        person=person,
        campaign=wishes.campaign(fields),
    )


def _custom(deal: Mapping[str, Any]) -> Mapping[str, Any]:
    """The deal's custom fields by their keys: each is a value, or an object that holds it."""
    fields = inside(deal, "custom_fields")
    if not isinstance(fields, Mapping):
        return {}
    return {
        key: field.get("value") if isinstance(field, Mapping) else field
        for key, field in fields.items()
    }


def _tells(wishes: Wishes) -> frozenset[str]:
    return frozenset({_WON, *wishes.stages.values()})


VENDOR: Final = Vendor(
    name="pipedrive",
    title="Pipedrive",
    proof="a password",
    retries=RETRIES,
    verifier=basic(),
    read=_read,
    tells=_tells,
    records={"crm": RECORD_ID},
    setup={
        "fr": (
            "Outils et intégrations > Webhooks > Créer un webhook, version 2.0.",
            "Action : * ; objet : deal ; URL : {url}",
            (
                "HTTP Auth : choisissez un identifiant et un mot de passe, et mettez "
                "`identifiant:motdepasse` dans la variable que `secrets` nomme."
            ),
            (
                "Pour compter les leads qualifiés, nommez vos étapes par leur numéro : "
                'stages.5 = "lead.qualified".'
            ),
            (
                "Ajoutez à la liste de prospects une colonne `crm` : le numéro de la personne "
                "dans Pipedrive."
            ),
        ),
        "en": (
            "Tools and apps > Webhooks > Create new webhook, version 2.0.",
            "Action: *; object: deal; URL: {url}",
            (
                "HTTP Auth: choose a user name and a password, and put `user:password` into the "
                "variable that `secrets` names."
            ),
            (
                "To count qualified leads, name your stages by their numbers: "
                'stages.5 = "lead.qualified".'
            ),
            "Add a column `crm` to the prospect list: the person's number in Pipedrive.",
        ),
    },
    notes={
        "fr": (
            "Une affaire gagnée puis rouverte reste gagnée : le client reste compté.",
            "Une affaire sans personne ne dit pas qui est gagné : elle est mise de côté.",
            (
                "Après dix premiers échecs, Pipedrive se tait 30 minutes et ce qui arrive alors "
                "est perdu : à importer."
            ),
        ),
        "en": (
            "A deal that is won and opened again stays won: the customer stays counted.",
            "A deal without a person does not say who was won: it is set aside.",
            (
                "After ten first failures Pipedrive is silent for 30 minutes, and what happens "
                "then is lost: import it."
            ),
        ),
    },
)
