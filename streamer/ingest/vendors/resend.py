"""Resend's webhooks: one event a request, signed as Standard Webhooks by Svix.

Facts from its webhook reference, its page on retries and replays, its Python library, and tested
public code.
"""

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from typing import Any, Final

from streamer.ingest.fields import an_object, iso, read_each, text
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
from streamer.ingest.verification import standard_webhooks

# The first retry comes at once. A retry seems to be signed anew; should one not be, its time is
# judged by all the hours for which they go on.
_DELAYS: Final = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=503,
    refused=401,
    horizon=sum(_DELAYS),
    delays=_DELAYS,
    within=15.0,
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    "email.sent": "email.sent",
    "email.delivered": "email.delivered",
    "email.delivery_delayed": "email.deferred",
    "email.bounced": "email.bounced",
    "email.opened": "email.opened",
    "email.clicked": "email.clicked",
    "email.complained": "email.complained",
}

# Understood, and no milestone: what was not sent (yet), and what is about no mail. A mail that was
# received comes without its text and its headers: out of office could not be told from a reply.
IGNORED: Final = frozenset(
    {
        "email.scheduled",
        "email.failed",
        "email.suppressed",
        "email.received",
        "contact.created",
        "contact.updated",
        "contact.deleted",
        "domain.created",
        "domain.updated",
        "domain.deleted",
        "suppression.added",
        "suppression.removed",
    }
)

# `type` of a bounce → ours. Its page and its library name the temporary ones differently.
BOUNCES: Final[Mapping[str, str]] = {
    "Permanent": "hard",
    "Transient": "soft",
    "Temporary": "soft",
    "Undetermined": "soft",
}
# `subType` of what did not leave, since the address bounced or complained before, as was told then.
NOT_SENT: Final = frozenset({"Suppressed", "OnAccountSuppressionList"})

_ID: Final = b"svix-id"


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    return read_each(
        delivery.body, lambda raw, event: Item(raw, tuple(_touchpoints(event, delivery, wishes)))
    )


VENDOR: Final = Vendor(
    name="resend",
    title="Resend",
    proof="HMAC of the body (Svix)",
    retries=RETRIES,
    verifier=standard_webhooks("svix", RETRIES.horizon),
    read=_read,
    reads_headers=frozenset({_ID}),
    tells=always(
        *(set(TYPES.values()) - {"email.bounced"}), "email.bounced:hard", "email.bounced:soft"
    ),
    setup={
        "fr": (
            "Webhooks > Add Webhook.",
            "Endpoint URL : {url}",
            "Cochez tous les événements `email.*`.",
            "Copiez le Signing Secret (whsec_…) dans la variable que `secrets` nomme.",
        ),
        "en": (
            "Webhooks > Add Webhook.",
            "Endpoint URL: {url}",
            "Tick every `email.*` event.",
            "Copy the Signing Secret (whsec_…) into the variable that `secrets` names.",
        ),
    },
    notes={
        "fr": (
            (
                "Resend ne dit pas lequel de plusieurs destinataires d'un mail est concerné : "
                "envoyez un mail par prospect."
            ),
            (
                "Un mail que Resend n'a pas envoyé (adresse bloquée, échec) n'a ni rebond ni "
                "remise ; il compte comme envoyé si Resend avait annoncé « sent »."
            ),
            (
                "Les réponses que Resend reçoit arrivent sans texte ni en-têtes, et les réponses "
                "automatiques ne s'y reconnaissent pas : elles sont à importer."
            ),
        ),
        "en": (
            (
                "Resend does not say which of several recipients of a mail it is about: send one "
                "mail to each prospect."
            ),
            (
                "A mail that Resend did not send (address suppressed, failure) has neither "
                "bounced nor been delivered; it counts as sent if Resend had said `sent`."
            ),
            (
                "Replies that Resend receives come without text and headers, so that automatic "
                "ones cannot be told apart: import them."
            ),
        ),
    },
)


def _touchpoints(
    event: Mapping[str, Any], delivery: Delivery, wishes: Wishes
) -> Iterator[Touchpoint]:
    word = event.get("type")
    if isinstance(word, str) and (word in wishes.ignore or word in IGNORED):
        return
    if not isinstance(word, str) or word not in TYPES:
        raise NotUnderstood("its `type` is none that is documented")
    data = None
    if word == "email.bounced":
        if text(event, "data", "bounce", "subType") in NOT_SENT:
            return
        data = {"bounce": _bounce(event)}
    mail = an_object(event.get("data"), "its `data`")
    fields = {**mail, **passed(mail.get("tags"))}
    # What a redelivery and a replay keep.
    number = delivery.headers[_ID].decode("latin-1")
    named, persons = wishes.prospect(fields), _recipients(mail, wishes) or [None]
    if named:
        # Of several nobody says which one he is.
        persons = persons if len(persons) == 1 else [None]
    for person in persons:
        yield Touchpoint(
            type=TYPES[word],
            id=f"{number}:{person}" if len(persons) > 1 else number,
            # `data.created_at` is the mail's.
            at=iso(event, "created_at"),
            prospect=named,
            person=person,
            campaign=wishes.campaign(fields),
            message=wishes.message(fields) or text(mail, "email_id"),
            data=data,
        )


def _recipients(mail: Mapping[str, Any], wishes: Wishes) -> list[str | None]:
    """Whoever the mail went to, each once; an address may have a name before it."""
    to = mail.get("to")
    texts = [each for each in to if isinstance(each, str)] if isinstance(to, list) else []
    persons = (wishes.identities.email(parseaddr(each)[1]) for each in texts)
    return list(dict.fromkeys(person for person in persons if person))


def _bounce(event: Mapping[str, Any]) -> str:
    kind = text(event, "data", "bounce", "type")
    if kind is None or kind not in BOUNCES:
        raise NotUnderstood("its `data.bounce.type` is no kind of bounce that is documented")
    return BOUNCES[kind]
