"""Unipile's webhooks (version 1), of LinkedIn accounts: what an account's owner and others write.

No word names an invitation, so the touch is the account and the profile it is in touch with, by
LinkedIn's internal id: the one thing that all words have. The prospect is his profile as prospect
lists write it, by URL, and his internal id where no word tells more; the word that has both says
that they are one. Facts from Unipile's developer documentation and the types of its Node library.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from streamer.identity.identities import is_internal
from streamer.ingest.fields import form, inside, iso, json_object, needed, text
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Verify,
    Wishes,
    always,
)
from streamer.ingest.verification import header_secret

# Exactly 200; five more attempts, with a delay that grows and is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=24 * 3600.0, delays=(), within=30.0
)

_HEADER: Final = "Unipile-Auth"
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

_LINKEDIN: Final = "LINKEDIN"
_RECEIVED: Final = "message_received"
_READ: Final = "message_read"
_RELATION: Final = "new_relation"
WORDS: Final = frozenset({_RECEIVED, _READ, _RELATION})

# Understood, and no milestone. Mails have documented words, and no documented touch.
IGNORED: Final = frozenset(
    {
        "message_reaction",
        "message_edited",
        "message_deleted",
        "message_delivered",
        "mail_sent",
        "mail_received",
        "mail_opened",
        "mail_link_clicked",
    }
)


def _header(value: object) -> str:
    if value is None:
        return _HEADER
    if isinstance(value, str) and _HEADER_NAME.fullmatch(value):
        return value
    raise ValueError("must be the name of the header that you gave the webhook")


def _verifier(secrets: Sequence[str], options: Mapping[str, Any]) -> Verify:
    return header_secret(options["header"].lower().encode())(secrets, options)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    """One event: JSON, which comes without a content type, or a form where it was asked for."""
    is_json = delivery.body.lstrip()[:1] == b"{"
    event: Mapping[str, Any] = json_object(delivery.body) if is_json else form(delivery.body)
    word = text(event, "event")
    if word is None and "AccountStatus" in event:
        word = "AccountStatus"
    elif word is None:
        raise NotUnderstood("its `event` is not a text")
    elif word not in WORDS | IGNORED and word not in wishes.ignore:
        raise NotUnderstood("its `event` is none that is documented")
    is_ours = word in WORDS and word not in wishes.ignore
    if not is_ours or needed(event, "account_type") != _LINKEDIN:
        yield Item(delivery.body)
        return
    found = _relation if word == _RELATION else _message
    yield Item(delivery.body, tuple(found(event, delivery, wishes)))


VENDOR: Final = Vendor(
    name="unipile",
    title="Unipile",
    proof="a secret in a header",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    tells=always(
        "linkedin.accepted",
        "linkedin.messaged",
        "linkedin.read",
        "linkedin.replied",
        "prospect.linked",
    ),
    keys={"header": _header},
    setup={
        "fr": (
            "Créez deux webhooks (tableau de bord, ou POST /api/v1/webhooks) vers {url}",
            "L'un de source messaging (message_received et message_read), l'autre de users.",
            (
                "Ajoutez-leur dans `headers` l'en-tête Unipile-Auth (ou un autre, que la clé "
                "`header` nomme) avec un secret de votre choix, à mettre dans la variable que "
                "`secrets` nomme."
            ),
            "Gardez le format json et ne renommez aucun champ (`data`).",
            (
                "Importez la liste des prospects de chaque campagne avec leurs profils LinkedIn et "
                "laissez `campaign` vide : tous les messages du compte arrivent, privés compris."
            ),
        ),
        "en": (
            "Create two webhooks (dashboard, or POST /api/v1/webhooks) to {url}",
            "One of source messaging (message_received and message_read), the other of users.",
            (
                "Give them, in `headers`, the header Unipile-Auth (or another, which the key "
                "`header` names) with a secret of your own, and put it into the variable that "
                "`secrets` names."
            ),
            "Keep the format json and rename no field (`data`).",
            (
                "Import each campaign's list of prospects with their LinkedIn profiles and leave "
                "`campaign` empty: every message of the account comes, private ones as well."
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Unipile ne dit pas qu'une invitation est envoyée : elle n'est connue qu'une fois "
                "acceptée. Le taux d'acceptation, toujours de 100 %, ne dit donc rien."
            ),
            "Une relation est datée de sa réception, que LinkedIn peut retarder de huit heures.",
            (
                "Une relation née de l'invitation du prospect, ou plus ancienne que la campagne, "
                "compte comme une invitation acceptée."
            ),
            "Le sentiment d'une réponse n'est pas connu ; les e-mails ne sont pas lus.",
            (
                "Un message qui ne porte que l'identifiant interne de LinkedIn trouve sa campagne "
                "si la relation a été annoncée depuis que le webhook existe ; sinon il attend."
            ),
        ),
        "en": (
            (
                "Unipile does not tell that an invitation was sent: it is known only once it is "
                "accepted. So the acceptance rate, always 100 %, says nothing."
            ),
            "A relation is dated by its reception, which LinkedIn may delay by eight hours.",
            (
                "A relation that the prospect's own invitation made, or that is older than the "
                "campaign, counts as an accepted invitation."
            ),
            "The sentiment of a reply is not known; mails are not read.",
            (
                "A message that has only LinkedIn's internal id finds its campaign if the relation "
                "was told since the webhook exists; else it waits."
            ),
        ),
    },
)


def _relation(event: Mapping[str, Any], delivery: Delivery, wishes: Wishes) -> Iterator[Touchpoint]:
    """It has no time of its own: that of its reception."""
    profile = needed(event, "user_provider_id")
    name = text(event, "user_public_identifier") or text(event, "user_profile_url")
    internal, person = _person(profile, None, wishes), _person(profile, name, wishes)
    number = wishes.event_id(_RELATION, needed(event, "account_id"), profile)
    yield Touchpoint(
        type="linkedin.accepted",
        id=number,
        at=delivery.received,
        person=person,
        campaign=wishes.campaign(event),
        message=_touch(event, profile, wishes),
    )
    if person != internal:
        yield Touchpoint(
            type="prospect.linked",
            id=f"{number}:linked",
            at=delivery.received,
            person=person,
            campaign=wishes.campaign(event),
            data={"identities": [internal]},
            # Its messages may name him so, and lists do not.
            alias=internal if is_internal(profile) and not is_internal(name or "") else None,
        )


def _message(event: Mapping[str, Any], _: Delivery, wishes: Wishes) -> Iterator[Touchpoint]:
    """A message is « received » whoever wrote it, and may have been read by either side.

    The owner's own is one to each of the others; of his reading theirs nothing follows.
    """
    word, number = needed(event, "event"), needed(event, "message_id")
    sender = needed(event, "sender", "attendee_provider_id")
    owner = needed(event, "account_info", "user_id")
    at, campaign = iso(event, "timestamp"), wishes.campaign(event)
    if sender != owner and inside(event, "is_sender") is not True:
        if word == _RECEIVED:
            yield Touchpoint(
                type="linkedin.replied",
                id=f"{word}:{number}",
                at=at,
                person=_person(sender, text(event, "sender", "attendee_profile_url"), wishes),
                campaign=campaign,
                message=_touch(event, sender, wishes),
            )
        return
    others = event.get("attendees")
    if not isinstance(others, list):
        raise NotUnderstood("its `attendees` is not a list")
    for other in others:
        profile = needed({"attendees": other}, "attendees", "attendee_provider_id")
        if profile in {owner, sender}:
            continue
        yield Touchpoint(
            type="linkedin.messaged" if word == _RECEIVED else "linkedin.read",
            id=wishes.event_id(word, number, profile),
            at=at,
            person=_person(profile, text(other, "attendee_profile_url"), wishes),
            campaign=campaign,
            message=_touch(event, profile, wishes),
        )


def _touch(event: Mapping[str, Any], profile: str, wishes: Wishes) -> str:
    return wishes.identities.touch(needed(event, "account_id"), profile)


def _person(profile: str, name: str | None, wishes: Wishes) -> str | None:
    return wishes.identities.linkedin(name or "") or wishes.identities.linkedin(profile)
