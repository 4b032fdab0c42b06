"""Amazon SES through Amazon SNS: identity notifications, event publishing, and mail it receives.

One message of SNS is one event of SES, of one or several recipients. Facts from Amazon's developer
guides and tested public code.
"""

from collections.abc import Iterator, Mapping, Sequence
from email.utils import parseaddr
from typing import Any, Final, NamedTuple

from streamer.ingest import sns
from streamer.ingest.auto_reply import is_automatic
from streamer.ingest.fields import an_object, inside, iso, json_object, needed, text
from streamer.ingest.passthrough import passed
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

_HOUR: Final = 3600.0

RETRIES: Final = RetryContract(
    taken=Answer(200),
    away=503,
    refused=401,
    # A policy retries for an hour at most, but the signed time is that of publication: a throttled
    # subscription or a backlog of Amazon's delivers later than that. A replay does no harm.
    horizon=24 * _HOUR,
    delays=(20, 20, 20),
    retried=frozenset(range(500, 600)) | {429},
    within=15.0,
)

# Its words → ours, and the list of the event's object that names the recipients of whom it speaks.
# Where there is none, the mail's destinations do not say who it was unless there is but one.
_NONE: Final = ""
TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "Send": ("email.sent", _NONE),
    "Delivery": ("email.delivered", "recipients"),
    "DeliveryDelay": ("email.deferred", "delayedRecipients"),
    "Bounce": ("email.bounced", "bouncedRecipients"),
    "Complaint": ("email.complained", "complainedRecipients"),
    "Open": ("email.opened", _NONE),
    "Click": ("email.clicked", _NONE),
    "Subscription": ("email.unsubscribed", _NONE),
}
_RECEIVED: Final = "Received"

# Understood, and no milestone: nothing left, or only a greeting of a new subscription.
IGNORED: Final = frozenset({"Reject", "Rendering Failure", "AmazonSnsSubscriptionSucceeded"})
_GREETING: Final = "Successfully validated SNS topic"

# `Undetermined`: the mail came back, and nothing is known against the address.
BOUNCES: Final[Mapping[str | None, str]] = {
    "Permanent": "hard",
    "Transient": "soft",
    "Undetermined": "soft",
}
# Not sent, since the account's own list says what happened to an earlier mail; Amazon does not
# count it either.
_SUPPRESSED: Final = "OnAccountSuppressionList"
# A report that takes back the complaint of a filter.
_NOT_SPAM: Final = "not-spam"


def _verifier(_: Sequence[str], options: Mapping[str, Any]) -> Verify:
    return lambda delivery: sns.is_signed(delivery, options["topics"], RETRIES.horizon)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    raw = delivery.body
    envelope = json_object(raw)
    match envelope["Type"]:
        case sns.SUBSCRIPTION:
            yield Item(raw, visit=sns.subscribe_url(envelope), notice="subscribed to its topic")
        case sns.UNSUBSCRIPTION:
            yield Item(raw, notice="its subscription was ended at Amazon: no event will come")
        case _:
            yield _item(raw, envelope, wishes)


VENDOR: Final = Vendor(
    name="ses",
    title="Amazon SES",
    proof="Amazon's signature of the body (SNS)",
    retries=RETRIES,
    verifier=_verifier,
    read=_read,
    fetches=sns.fetches,
    needs_secret=False,
    keys={"topics": sns.topics},
    tells=always(
        *({kind for kind, _ in TYPES.values()} - {"email.bounced"}),
        "email.replied",
        "email.bounced:hard",
        "email.bounced:soft",
    ),
    setup={
        "fr": (
            (
                "SNS > Topics : créez une rubrique Standard, signature version 2, et écrivez son "
                'ARN dans topics = ["arn:aws:sns:…"] de la source.'
            ),
            (
                "SES > Configuration sets > Event destinations : publiez tous les événements vers "
                "cette rubrique, et envoyez avec ce configuration set."
            ),
            (
                "SNS > Create subscription : HTTPS, {url}, sans « raw message delivery » ; la "
                "passerelle confirme elle-même, une fois la source en service."
            ),
            "Ajoutez à l'abonnement une file d'attente de lettres mortes (SQS).",
            "Envoyez un message par destinataire.",
        ),
        "en": (
            (
                "SNS > Topics: create a Standard topic, signature version 2, and write its ARN "
                'into topics = ["arn:aws:sns:…"] of the source.'
            ),
            (
                "SES > Configuration sets > Event destinations: publish every event to that "
                "topic, and send with that configuration set."
            ),
            (
                "SNS > Create subscription: HTTPS, {url}, without raw message delivery; the "
                "gateway confirms it by itself, once the source is in service."
            ),
            "Give the subscription a dead-letter queue (SQS).",
            "Send one message per recipient.",
        ),
    },
    notes={
        "fr": (
            (
                "Ouvertures et clics ne disent pas qui : la personne n'est connue que d'un mail à "
                "un seul destinataire."
            ),
            (
                "Les tags n'existent qu'avec un configuration set, pas dans les notifications "
                "d'identité."
            ),
            (
                "SNS renonce après une heure au plus ; ensuite seule la file de lettres mortes "
                "garde l'événement."
            ),
            (
                "Un mail retenu par la liste de suppression du compte est envoyé pour Amazon, "
                "mais n'est ni remis ni rejeté."
            ),
            (
                "Une réponse (receipt rule) n'est rattachée que par l'adresse de son auteur, sans "
                "sentiment ; les réponses automatiques sont ignorées."
            ),
        ),
        "en": (
            (
                "Opens and clicks do not say who: the person is known only of a mail to a single "
                "recipient."
            ),
            "Tags exist only with a configuration set, not in identity notifications.",
            (
                "SNS gives up after an hour at most; from then on only the dead-letter queue "
                "keeps the event."
            ),
            (
                "A mail held back by the account's suppression list is sent, as Amazon tells it, "
                "but neither delivered nor bounced."
            ),
            (
                "A reply (receipt rule) is attributed by its author's address only, without a "
                "sentiment; automatic replies are ignored."
            ),
        ),
    },
)


class _Told(NamedTuple):
    """One event: the message of SNS, the mail, and the object that tells what happened to it."""

    word: str
    envelope: Mapping[str, Any]
    mail: Mapping[str, Any]
    detail: Mapping[str, Any]


def _item(raw: bytes, envelope: Mapping[str, Any], wishes: Wishes) -> Item:
    message = needed(envelope, "Message")
    if message.startswith(_GREETING):
        return Item(raw)
    told = json_object(message.encode())
    word = text(told, "eventType") or text(told, "notificationType") or ""
    if word in wishes.ignore or word in IGNORED:
        return Item(raw)
    mail = an_object(told.get("mail"), "its `mail`")
    if word == _RECEIVED:
        return Item(raw, tuple(_reply(mail, wishes)))
    if word not in TYPES:
        raise NotUnderstood("its `eventType` is none that is documented")
    # The first letter alone is small: `deliveryDelay`.
    detail = an_object(told.get(word[0].lower() + word[1:], {}), "what its `eventType` names")
    if _proves_nothing(word, detail):
        return Item(raw)
    return Item(raw, tuple(_touchpoints(_Told(word, envelope, mail, detail), wishes)))


def _proves_nothing(word: str, detail: Mapping[str, Any]) -> bool:
    """Whether an event is of a word that counts, but does not itself."""
    match word:
        case "Bounce":
            return detail.get("bounceSubType") == _SUPPRESSED
        case "Complaint":
            suppressed = detail.get("complaintSubType") == _SUPPRESSED
            return suppressed or detail.get("complaintFeedbackType") == _NOT_SPAM
        case "Subscription":
            return not _has_left(detail)
        case _:
            return False


def _has_left(detail: Mapping[str, Any]) -> bool:
    """Whether the prospect left the list or a topic of it, rather than came back."""
    if inside(detail, "newTopicPreferences", "unsubscribeAll") is True:
        return True
    return bool(_left(detail, "newTopicPreferences") - _left(detail, "oldTopicPreferences"))


def _left(detail: Mapping[str, Any], name: str) -> set[str | None]:
    statuses = _list(inside(detail, name, "topicSubscriptionStatus"))
    return {
        text(each, "topicName")
        for each in statuses
        if (text(each, "subscriptionStatus") or "").replace("_", "").lower() == "optout"
    }


def _touchpoints(told: _Told, wishes: Wishes) -> Iterator[Touchpoint]:
    """One for each recipient that the event names; or one, of whom it does not say for sure."""
    kind, place = TYPES[told.word]
    fields = {**dict(_headers(told.mail)), **passed(told.mail.get("tags"))}
    people = _people(told.detail.get(place) if place else told.mail.get("destination"), wishes)
    if place and not people:
        raise NotUnderstood(f"its `{place}` name nobody")
    number = needed(told.envelope, "MessageId")
    only = people[0] if len(people) == 1 else None
    prospect = wishes.prospect(fields) if len(people) < 2 else None  # noqa: PLR2004
    for person in people if place else (only,):
        yield Touchpoint(
            type=kind,
            id=f"{number}:{person}" if place else number,
            at=_at(told),
            prospect=prospect,
            person=person,
            campaign=wishes.campaign(fields),
            message=wishes.message(fields) or needed(told.mail, "messageId"),
            data={"bounce": _bounce(told.detail)} if told.word == "Bounce" else None,
        )


def _at(told: _Told) -> float:
    """The event's own time (of a `Send` the mail's), else that of its publication."""
    of_event = told.mail if told.word == "Send" else told.detail
    if "timestamp" in of_event:
        return iso(of_event, "timestamp")
    return iso(told.envelope, "Timestamp")


def _bounce(detail: Mapping[str, Any]) -> str:
    kind = text(detail, "bounceType")
    if kind not in BOUNCES:
        raise NotUnderstood("its `bounceType` is none that is documented")
    return BOUNCES[kind]


def _people(recipients: object, wishes: Wishes) -> Sequence[str]:
    """The identities of recipients, each once: addresses, or objects with an `emailAddress`."""
    written = (text(each, "emailAddress") or each for each in _list(recipients))
    # Some are written `Name <address>`.
    addresses = (parseaddr(each)[1] for each in written if isinstance(each, str))
    return tuple(dict.fromkeys(filter(None, map(wishes.identities.email, addresses))))


def _headers(mail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The mail's headers, where SES is told to include them."""
    pairs = ((text(each, "name"), text(each, "value")) for each in _list(mail.get("headers")))
    return [(name, value) for name, value in pairs if name and value]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _reply(mail: Mapping[str, Any], wishes: Wishes) -> Iterator[Touchpoint]:
    """A mail that came in, told by a receipt rule."""
    sender, headers = text(mail, "source") or "", _headers(mail)
    if is_automatic([("return-path", f"<{sender.strip('<> ')}>"), *headers]):
        return
    # The header's address, as forwarding rewrites the envelope's.
    written = next((value for name, value in headers if name.lower() == "from"), sender)
    yield Touchpoint(
        type="email.replied",
        id=needed(mail, "messageId"),
        at=iso(mail, "timestamp"),
        person=wishes.identities.email(parseaddr(written)[1] or sender),
    )
