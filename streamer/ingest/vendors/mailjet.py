"""Mailjet's event API: not signed, one object or, « grouped », an array of mixed words.

Facts from its guide to the event API with its table of errors, and from tested public code.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import needed, read_each, seconds, text
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

# Anything but 200 is tried again every 30 s for a day; then it suspends the URL.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=86_400, delays=(30,) * 2_880
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    # « The destination server has accepted the message »: what everybody else calls delivered.
    "sent": "email.delivered",
    "bounce": "email.bounced",
    "open": "email.opened",
    "click": "email.clicked",
    "spam": "email.complained",
    "unsub": "email.unsubscribed",
}

# Understood, and no milestone. `blocked`: Mailjet did not try to send, because of what an earlier
# mail to the address had come to, and that was told then.
IGNORED: Final = frozenset({"blocked"})

# `error` of a bounce: its own decision, by which nothing left; and a delay, since « delivery will
# be re-attempted ».
NOT_SENT: Final = frozenset({"preblocked", "duplicate in campaign"})
_DELAY: Final = "greylisted"


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    return read_each(delivery.body, lambda raw, event: _item(raw, event, wishes))


VENDOR: Final = Vendor(
    name="mailjet",
    title="Mailjet",
    proof="a password",
    retries=RETRIES,
    verifier=basic(),
    read=_read,
    tells=always(
        *(set(TYPES.values()) - {"email.bounced"}),
        "email.deferred",
        "email.bounced:hard",
        "email.bounced:soft",
    ),
    setup={
        "fr": (
            "https://app.mailjet.com/account/triggers (notifications d'événements).",
            (
                "URL : {url}, avec utilisateur:motdepasse@ devant l'hôte : ce que contient la "
                "variable que `secrets` nomme, en lettres et en chiffres."
            ),
            "La même URL pour les sept événements ; cochez « Grouper les événements ».",
        ),
        "en": (
            "https://app.mailjet.com/account/triggers (event notifications).",
            (
                "URL: {url}, with user:password@ in front of the host: what the variable holds "
                "that `secrets` names, in letters and digits."
            ),
            "The same URL for all seven events; tick Group events.",
        ),
    },
    notes={
        "fr": (
            (
                "Mailjet n'annonce pas l'envoi : son « sent » veut dire remis. Un mail compte "
                "comme envoyé dès qu'il est remis, différé ou rejeté."
            ),
            "Les réponses arrivent dans une boîte, pas chez Mailjet : elles sont à importer.",
        ),
        "en": (
            (
                "Mailjet does not tell the sending: its `sent` means delivered. A mail counts as "
                "sent once it is delivered, deferred or bounced."
            ),
            "Replies come to a mailbox, not to Mailjet: import them.",
        ),
    },
)


def _item(raw: bytes, event: Mapping[str, Any], wishes: Wishes) -> Item:
    word = event.get("event")
    if isinstance(word, str) and (word in wishes.ignore or word in IGNORED):
        return Item(raw)
    if not isinstance(word, str) or word not in TYPES:
        raise NotUnderstood("its `event` is none that is documented")
    kind, data = TYPES[word], None
    if word == "bounce":
        if text(event, "error") in NOT_SENT:
            return Item(raw)
        kind, data = _bounce(event)
    address = needed(event, "email")
    fields = {**event, **passed(event.get("Payload"))}
    touchpoint = Touchpoint(
        type=kind,
        id=wishes.event_id(
            word, text(event, "MessageID"), address, text(event, "time"), text(event, "url")
        ),
        at=seconds(event, "time"),
        prospect=wishes.prospect(fields),
        person=wishes.identities.email(address),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) or text(event, "MessageID"),
        data=data,
    )
    return Item(raw, (touchpoint,))


def _bounce(event: Mapping[str, Any]) -> tuple[str, Mapping[str, str] | None]:
    """The type of a bounce and its data: a delay is none."""
    hard = event.get("hard_bounce")
    if not isinstance(hard, bool):
        raise NotUnderstood("its `hard_bounce` is neither true nor false")
    if event.get("error") == _DELAY and not hard:
        return "email.deferred", None
    return "email.bounced", {"bounce": "hard" if hard else "soft"}
