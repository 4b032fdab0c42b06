"""Postmark's webhooks: one record a request, not signed; the inbound stream's mails as well.

Facts from its webhook and inbound references, its article on retries, the bounce types of its
official library, and tested public code.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.auto_reply import is_automatic
from streamer.ingest.fields import iso, needed, read_each, text
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
from streamer.ingest.verification import basic

# 403 alone stops its retries. A wrong password is answered 401: while a password is changed, what
# comes with the new one too early is sent again once we know it. The schedule is documented for
# inbound mails; other records may be given up sooner.
RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=503,
    refused=401,
    horizon=37_260,
    delays=(60, 300, 600, 600, 600, 900, 1_800, 3_600, 7_200, 21_600),
    retried=frozenset(range(201, 600)) - {403},
)

# Its record types → ours, and the field with the moment.
TYPES: Final[Mapping[str, str]] = {
    "Delivery": "email.delivered",
    "Open": "email.opened",
    "Click": "email.clicked",
}
TIMES: Final[Mapping[str, str]] = {
    "Delivery": "DeliveredAt",
    "Open": "ReceivedAt",
    "Click": "ReceivedAt",
    "Bounce": "BouncedAt",
    "SpamComplaint": "BouncedAt",
    "SubscriptionChange": "ChangedAt",
}

# `Type` of a bounce or a complaint → ours, and which kind of bounce. Hard is only what says that
# the address is wrong: a block, a spam or virus filter and a policy refuse « this message, now ».
BOUNCES: Final[Mapping[str, tuple[str, str | None]]] = {
    "HardBounce": ("email.bounced", "hard"),
    "BadEmailAddress": ("email.bounced", "hard"),
    "SoftBounce": ("email.bounced", "soft"),
    "Blocked": ("email.bounced", "soft"),
    "SpamNotification": ("email.bounced", "soft"),
    "VirusNotification": ("email.bounced", "soft"),
    "DMARCPolicy": ("email.bounced", "soft"),
    # « Undeliverable », and Postmark could not tell why.
    "Unknown": ("email.bounced", "soft"),
    # Both are temporary, and Postmark goes on trying.
    "Transient": ("email.deferred", None),
    "DnsError": ("email.deferred", None),
    "SpamComplaint": ("email.complained", None),
    "Unsubscribe": ("email.unsubscribed", None),
}
# Understood, and no milestone: a machine's answer; what was never sent; what is about no prospect.
IGNORED: Final = frozenset(
    {
        "AutoResponder",
        "AddressChange",
        "ChallengeVerification",
        "ManuallyDeactivated",
        "Unconfirmed",
        "SMTPApiError",
        "TemplateRenderingFailed",
        "InboundError",
        "OpenRelayTest",
        "Subscribe",
    }
)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    # Always one object by the reference; an array would say the same of several.
    def read(raw: bytes, record: dict[str, Any]) -> Item:
        # Mails that were received have no record type.
        of = _record if "RecordType" in record else _reply
        return Item(raw, tuple(of(record, delivery, wishes)))

    return read_each(delivery.body, read)


VENDOR: Final = Vendor(
    name="postmark",
    title="Postmark",
    proof="a password",
    retries=RETRIES,
    verifier=basic(),
    read=_read,
    largest=LARGEST_MAIL,
    tells=always(
        *TYPES.values(),
        "email.deferred",
        "email.bounced:hard",
        "email.bounced:soft",
        "email.complained",
        "email.unsubscribed",
        "email.replied",
    ),
    setup={
        "fr": (
            "Servers > votre serveur > flux d'envoi > Webhooks > Add webhook.",
            (
                "URL : {url} ; sous Basic auth credentials, l'utilisateur et le mot de passe : ce "
                "que contient la variable que `secrets` nomme, avec un deux-points entre eux."
            ),
            "Cochez tous les événements ; le contenu des messages est inutile.",
            (
                "Réponses : flux Inbound > Settings > Webhook : la même URL, avec "
                "utilisateur:motdepasse@ devant l'hôte ; écrivez avec une adresse de réponse de "
                "ce flux."
            ),
        ),
        "en": (
            "Servers > your server > the sending stream > Webhooks > Add webhook.",
            (
                "URL: {url}; under Basic auth credentials, the user and password: what the "
                "variable holds that `secrets` names, with a colon between them."
            ),
            "Tick every event; the content of messages is not needed.",
            (
                "Replies: the Inbound stream > Settings > Webhook: the same URL, with "
                "user:password@ in front of the host; write with a reply address of that stream."
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Postmark n'annonce pas l'envoi : un mail compte comme envoyé dès qu'il est "
                "remis, différé ou rejeté."
            ),
            (
                "Une réponse ne dit ni son heure, ni si elle est positive, ni sa campagne, sauf "
                "si l'adresse de réponse la porte après un + (`MailboxHash`) ; les réponses "
                "automatiques ne comptent pas."
            ),
            (
                "Une réponse vient avec ses pièces jointes, jusqu'à 64 Mo : un proxy doit les "
                "laisser passer ; elles ne sont ni lues, ni gardées."
            ),
        ),
        "en": (
            (
                "Postmark does not tell the sending: a mail counts as sent once it is "
                "delivered, deferred or bounced."
            ),
            (
                "A reply tells neither its time, nor whether it is positive, nor its campaign, "
                "unless the reply address carries it after a + (`MailboxHash`); automatic "
                "replies do not count."
            ),
            (
                "A reply comes with its attachments, up to 64 MB: a proxy must let them through; "
                "they are neither read nor kept."
            ),
        ),
    },
)


def _record(record: Mapping[str, Any], _: Delivery, wishes: Wishes) -> Iterator[Touchpoint]:
    word = record["RecordType"]
    if isinstance(word, str) and word in wishes.ignore:
        return
    if not isinstance(word, str) or word not in TIMES:
        raise NotUnderstood("its `RecordType` is none that is documented")
    kind, bounce = _kind(word, record)
    if kind is None:
        return
    address = text(record, "Recipient") or needed(record, "Email")
    time = TIMES[word]
    fields = {**record, **passed(record.get("Metadata"))}
    yield Touchpoint(
        type=kind,
        # Only bounces and complaints have an id of their own.
        id=text(record, "ID")
        or wishes.event_id(word, text(record, "MessageID"), address, text(record, time)),
        at=iso(record, time),
        prospect=wishes.prospect(fields),
        person=wishes.identities.email(address),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or text(record, "MessageID"),
        data={"bounce": bounce} if bounce else None,
    )


def _kind(word: str, record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The type of event and the kind of bounce; None when nothing is proved."""
    if word in TYPES:
        return TYPES[word], None
    if word == "SubscriptionChange":
        # A suppression after a bounce or a complaint repeats what their own records tell; one
        # whose origin is not the recipient is the sender's doing.
        left = record.get("SuppressSending") is True and record.get("Origin") == "Recipient"
        told = record.get("SuppressionReason") == "ManualSuppression"
        return ("email.unsubscribed" if left and told else None), None
    kind = record.get("Type")
    if isinstance(kind, str) and kind in IGNORED:
        return None, None
    if not isinstance(kind, str) or kind not in BOUNCES:
        raise NotUnderstood("its `Type` is no kind of bounce that is documented")
    return BOUNCES[kind]


def _reply(mail: Mapping[str, Any], delivery: Delivery, wishes: Wishes) -> Iterator[Touchpoint]:
    """A mail that was received. What it answers is left to attribution.

    Its `Date` is the sender's, in whatever form; `MessageID` is Postmark's own.
    """
    address, number = needed(mail, "FromFull", "Email"), needed(mail, "MessageID")
    headers = mail.get("Headers")
    if is_automatic(_headers(headers if isinstance(headers, list) else [])):
        return
    after_plus = text(mail, "MailboxHash")
    fields = {"MailboxHash": after_plus, **passed(after_plus)}
    yield Touchpoint(
        type="email.replied",
        id=number,
        at=delivery.received,
        prospect=wishes.prospect(fields),
        person=wishes.identities.email(address),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields),
    )


def _headers(headers: list[Any]) -> Iterator[tuple[object, object]]:
    for header in headers:
        if isinstance(header, dict):
            yield header.get("Name"), header.get("Value")
