"""Brevo's webhooks: transactional mails, marketing mails and parsed replies, none of them signed.

Facts from its pages on transactional, marketing, inbound, batched and secured webhooks and on
retries, and from tested public code with payloads that it sent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from streamer.ingest.auto_reply import is_automatic
from streamer.ingest.fields import an_object, json_items, needed, seconds, text
from streamer.ingest.passthrough import passed
from streamer.ingest.vendors import (
    LARGEST_MAIL,
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
from streamer.ingest.verification import basic, bearer, either

# Any 4xx but 429 and any 5xx is final: it drops the event. So a wrong password is answered as an
# outage is: whoever set it has hours to mend it before anything is lost.
RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=429,
    refused=429,
    horizon=40_200,
    delays=(600, 3_600, 7_200, 28_800),
    retried=frozenset({429}),
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    # It comes when Brevo takes a mail, « sent » in its back office, even if it blocks it then.
    "request": "email.sent",
    "delivered": "email.delivered",
    # A few final rejections (550) are told as this one too. It is taken at its word.
    "deferred": "email.deferred",
    "hard_bounce": "email.bounced",
    "soft_bounce": "email.bounced",
    "invalid_email": "email.bounced",
    "unique_opened": "email.opened",
    "opened": "email.opened",
    # A privacy proxy, such as Apple's, loads the images of whatever arrives, read or not: this
    # proves that the mail is in the mailbox, and no opening.
    "unique_proxy_open": "email.delivered",
    "proxy_open": "email.delivered",
    "click": "email.clicked",
    "spam": "email.complained",
    "complaint": "email.complained",
    "unsubscribe": "email.unsubscribed",
    "unsubscribed": "email.unsubscribed",
}

# Understood, and no milestone. `blocked`: Brevo did not send, since the address is on one of its
# lists; what put it there was told of an earlier mail. `error`: it failed on Brevo's side, which
# says nothing of the address. `list_addition`: a contact of a list, no mail.
IGNORED: Final = frozenset({"blocked", "error", "list_addition"})

# `invalid_email`: the provider or Brevo found that the address is wrong, as a hard bounce says.
BOUNCES: Final[Mapping[str, str]] = {
    "hard_bounce": "hard",
    "soft_bounce": "soft",
    "invalid_email": "hard",
}

_CUSTOM: Final = "X-Mailin-custom"


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    # One event, a batch of them, or `items`: mails that were received. How a batch is wrapped is
    # not documented; an array is what else it can be.
    for raw, value in json_items(delivery.body):
        if isinstance(value, dict) and isinstance(value.get("items"), list):
            for mail in value["items"]:
                yield _told(msgspec.json.encode(mail), mail, delivery, wishes)
        else:
            yield _told(raw, value, delivery, wishes)


def _told(raw: bytes, value: object, delivery: Delivery, wishes: Wishes) -> Item:
    try:
        event = an_object(value, "it")
        if "Uuid" in event:
            return _reply(raw, event, delivery, wishes)
        return _item(raw, event, delivery, wishes)
    except NotUnderstood as problem:
        return Item(raw, not_understood=str(problem))


VENDOR: Final = Vendor(
    name="brevo",
    title="Brevo",
    proof="a password or a token",
    retries=RETRIES,
    # All that it can prove itself with: basic in the URL, or a token of the webhook's.
    verifier=either(basic(), bearer()),
    read=_read,
    largest=LARGEST_MAIL,
    tells=always(
        *(set(TYPES.values()) - {"email.bounced"}),
        "email.bounced:hard",
        "email.bounced:soft",
        "email.replied",
    ),
    setup={
        "fr": (
            "Paramètres > Webhooks > Ajouter un webhook : un transactionnel, un marketing.",
            (
                "URL : {url}, avec utilisateur:motdepasse@ devant l'hôte : ce que contient la "
                "variable que `secrets` nomme, en lettres et en chiffres. Ou l'URL telle quelle "
                "et l'authentification par jeton, la variable contenant le jeton."
            ),
            "Cochez tous les événements d'e-mail, y compris « Envoyé » et « Plainte ».",
            (
                "Réponses : créez par l'API un webhook de type `inbound` avec la même URL, et "
                "écrivez depuis une adresse de réponse du domaine qu'il lit."
            ),
        ),
        "en": (
            "Settings > Webhooks > Add a new webhook: a transactional one, a marketing one.",
            (
                "URL: {url}, with user:password@ in front of the host: what the variable holds "
                "that `secrets` names, in letters and digits. Or the URL as it is and token "
                "authentication, the variable holding the token."
            ),
            "Tick every e-mail event, including Sent and Complaint.",
            (
                "Replies: create, by the API, a webhook of type `inbound` with the same URL, and "
                "write from a reply address of the domain that it reads."
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Brevo annonce « envoyé » pour tout mail accepté, même s'il le bloque ensuite. "
                'Avec ignore = ["request"], un mail compte comme envoyé dès qu\'il est remis, '
                "différé ou rejeté."
            ),
            (
                "Une ouverture par un proxy de confidentialité (Apple Mail) prouve que le mail "
                "est arrivé, pas qu'il a été lu : elle compte comme une remise."
            ),
            (
                "Les mails marketing n'ont pas d'identifiant : un mail est une campagne Brevo et "
                "une adresse. Leur envoi n'est pas annoncé ; la remise ou le rejet le prouve."
            ),
            (
                "Une réponse ne dit ni sa campagne, ni son heure, ni si elle est positive ; les "
                "réponses automatiques ne comptent pas."
            ),
        ),
        "en": (
            (
                "Brevo says sent of every mail that it takes, even if it blocks it then. With "
                'ignore = ["request"] a mail counts as sent once it is delivered, deferred or '
                "bounced."
            ),
            (
                "An opening by a privacy proxy (Apple Mail) proves that the mail arrived, not "
                "that it was read: it counts as a delivery."
            ),
            (
                "Marketing mails have no id: a mail is one campaign of Brevo's and one address. "
                "Their sending is not told; the delivery or the bounce proves it."
            ),
            (
                "A reply tells neither its campaign, nor its time, nor whether it is positive; "
                "automatic replies do not count."
            ),
        ),
    },
)


def _item(raw: bytes, event: Mapping[str, Any], delivery: Delivery, wishes: Wishes) -> Item:
    word = event.get("event")
    if isinstance(word, str) and (word in wishes.ignore or word in IGNORED):
        return Item(raw)
    if not isinstance(word, str) or word not in TYPES:
        raise NotUnderstood("its `event` is none that is documented")
    address = needed(event, "email")
    fields = _fields(event)
    touchpoint = Touchpoint(
        type=TYPES[word],
        id=wishes.event_id(
            word,
            text(event, "message-id") or text(event, "camp_id"),
            address,
            text(event, "ts_epoch") or text(event, "ts_event"),
            text(event, "link") or text(event, "URL"),
        ),
        at=_at(event, delivery),
        prospect=wishes.prospect(fields),
        person=wishes.identities.email(address),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or _message(event, address, wishes),
        data={"bounce": BOUNCES[word]} if word in BOUNCES else None,
    )
    return Item(raw, (touchpoint,))


def _fields(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may name the campaign: the event's own fields and those of the custom header.

    With several tags, `tag` is the text of a list: it is read as `tags` is.
    """
    tag = event.get("tags") or event.get("tag")
    return {**event, "tag": tag, **passed(event.get(_CUSTOM))}


def _at(event: Mapping[str, Any], delivery: Delivery) -> float:
    """`ts_epoch` alone is UTC on transactional mails; marketing mails have `ts_event`, UTC there.

    `ts`, `date` and the others are in the account's own time zone.
    """
    if "ts_epoch" in event:
        return seconds(event, "ts_epoch", unit=0.001)
    return seconds(event, "ts_event") if "camp_id" in event else delivery.received


def _message(event: Mapping[str, Any], address: str, wishes: Wishes) -> str | None:
    """The Message-ID, in angle brackets, as sending returned it; of a marketing mail a hash."""
    header = text(event, "message-id")
    if header is None and "camp_id" in event:
        return wishes.identities.digest("brevo", text(event, "camp_id"), address.strip().lower())
    return f"<{header.strip('<> ')}>" if header else None


def _reply(raw: bytes, mail: Mapping[str, Any], delivery: Delivery, wishes: Wishes) -> Item:
    """A mail that was received. What it answers is left to attribution.

    Its `InReplyTo` may be any mail of the thread, such as one from a rep's own mailbox.
    """
    numbers, headers = mail["Uuid"], mail.get("Headers")
    if not isinstance(numbers, list) or not numbers or not isinstance(numbers[0], str):
        raise NotUnderstood("its `Uuid` is not a list of texts")
    if is_automatic(_headers(headers if isinstance(headers, dict) else {})):
        return Item(raw)
    person = wishes.identities.email(needed(mail, "From", "Address"))
    return Item(raw, (Touchpoint("email.replied", numbers[0], delivery.received, person),))


def _headers(headers: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Each header; one that stands several times is a list."""
    for name, value in headers.items():
        for each in value if isinstance(value, list) else [value]:
            yield name, each
