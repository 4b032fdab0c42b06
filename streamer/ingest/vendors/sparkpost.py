"""SparkPost's (now Bird's) webhooks: not signed, an array of events, each wrapped in its class.

Facts from its webhook reference, its table of bounce classifications, and tested public code.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import an_object, needed, read_each, seconds, text
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

# Anything but 200 is tried again for 8 hours, at times that are not documented.
RETRIES: Final = RetryContract(taken=Answer(200), away=503, refused=401, horizon=28_800, delays=())

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    "injection": "email.sent",
    "delivery": "email.delivered",
    "delay": "email.deferred",
    "bounce": "email.bounced",
    # A bounce that comes as a mail, after the delivery.
    "out_of_band": "email.bounced",
    # The pixel at the top of the mail, and the one at its end: one opening.
    "initial_open": "email.opened",
    "open": "email.opened",
    "amp_initial_open": "email.opened",
    "amp_open": "email.opened",
    "click": "email.clicked",
    "amp_click": "email.clicked",
    "spam_complaint": "email.complained",
    "list_unsubscribe": "email.unsubscribed",
    "link_unsubscribe": "email.unsubscribed",
}

# Understood, and no milestone: SparkPost refused to send, or could not make the mail. What put an
# address on its list was told of an earlier mail.
IGNORED: Final = frozenset({"policy_rejection", "generation_failure", "generation_rejection"})

# `bounce_class` → ours, and which kind of bounce; None proves nothing. Hard is only what says that
# the address is wrong. SparkPost's own categories in brackets.
BOUNCES: Final[Mapping[str, tuple[str, str | None] | None]] = {
    "1": ("email.bounced", "soft"),  # undetermined
    "10": ("email.bounced", "hard"),  # invalid recipient (hard)
    "20": ("email.bounced", "soft"),  # soft bounce (soft)
    "21": ("email.bounced", "soft"),  # DNS failure (soft)
    "22": ("email.bounced", "soft"),  # mailbox full (soft)
    "23": ("email.bounced", "soft"),  # too large (soft)
    "24": ("email.bounced", "soft"),  # timeout (soft)
    "25": None,  # failed by SparkPost's own policies (admin): it did not leave
    "26": None,  # suppressed by SparkPost's own policy (admin): likewise
    "30": ("email.bounced", "hard"),  # no recipient (hard)
    "40": ("email.bounced", "soft"),  # unspecified reasons (soft)
    "50": ("email.bounced", "soft"),  # mail block (block)
    "51": ("email.bounced", "soft"),  # spam block (block)
    "52": ("email.bounced", "soft"),  # spam content (block)
    "53": ("email.bounced", "soft"),  # prohibited attachment (block)
    "54": ("email.bounced", "soft"),  # relaying denied (block)
    "60": None,  # auto-reply: a machine's answer to a mail that arrived
    "70": ("email.bounced", "soft"),  # transient failure (soft)
    "80": None,  # a request to subscribe
    "90": ("email.unsubscribed", None),  # a request to unsubscribe
    "100": None,  # challenge-response: likewise a machine's
}


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    return read_each(
        delivery.body, lambda raw, event: Item(raw, tuple(_touchpoints(event, wishes)))
    )


VENDOR: Final = Vendor(
    name="sparkpost",
    title="SparkPost (Bird)",
    proof="a password",
    retries=RETRIES,
    verifier=basic(),
    read=_read,
    tells=always(
        *(set(TYPES.values()) - {"email.bounced"}), "email.bounced:hard", "email.bounced:soft"
    ),
    setup={
        "fr": (
            "Configuration > Webhooks > Create Webhook.",
            "Target : {url}",
            (
                "Events : Select individually : tous les événements de message, d'engagement et "
                "de désinscription."
            ),
            (
                "Authentication : Basic Auth, avec l'utilisateur et le mot de passe : ce que "
                "contient la variable que `secrets` nomme, avec un deux-points entre eux."
            ),
        ),
        "en": (
            "Configuration > Webhooks > Create Webhook.",
            "Target: {url}",
            "Events: Select individually: every message, engagement and unsubscribe event.",
            (
                "Authentication: Basic Auth, with the user and password: what the variable holds "
                "that `secrets` names, with a colon between them."
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Un mail est une transmission et une adresse : l'identifiant que l'envoi rend est "
                "celui de toute la transmission. Pour nommer un mail vous-même, mettez votre "
                "identifiant dans les métadonnées et nommez-le dans `message_from`."
            ),
            "Une copie (cc, cci) est un mail de plus, à une autre adresse : n'en envoyez pas.",
            (
                "Un mail que SparkPost a bloqué lui-même n'a ni rebond ni remise ; il compte comme "
                "envoyé si SparkPost l'avait d'abord accepté (`injection`)."
            ),
            "Les réponses (relay webhooks) ne sont pas lues : elles sont à importer.",
        ),
        "en": (
            (
                "A mail is one transmission and one address: the id that sending returns is that "
                "of the whole transmission. To name a mail yourself, put your id into the metadata "
                "and name it in `message_from`."
            ),
            "A copy (cc, bcc) is one more mail, to another address: send none.",
            (
                "A mail that SparkPost blocked itself has neither bounced nor been delivered; it "
                "counts as sent if SparkPost had taken it first (`injection`)."
            ),
            "Replies (relay webhooks) are not read: import them.",
        ),
    },
)


def _touchpoints(item: Mapping[str, Any], wishes: Wishes) -> Iterator[Touchpoint]:
    classes = an_object(item.get("msys"), "its `msys`")
    if not classes:
        return  # The ping by which it tries the URL.
    if len(classes) > 1:
        raise NotUnderstood("its `msys` holds more than one event")
    ((name, value),) = classes.items()
    event = an_object(value, f"its `msys.{name}`")
    word = event.get("type")
    if isinstance(word, str) and (word in wishes.ignore or word in IGNORED):
        return
    if not isinstance(word, str) or word not in TYPES:
        raise NotUnderstood("its `type` is none that is documented")
    kind = TYPES[word]
    told = _bounce(event) if kind == "email.bounced" else (kind, None)
    if told is None:
        return
    address = text(event, "raw_rcpt_to") or needed(event, "rcpt_to")
    person = wishes.identities.email(address)
    if person is None:
        raise NotUnderstood("its `rcpt_to` is no address")
    fields = {**event, **passed(event.get("rcpt_meta"))}
    yield Touchpoint(
        type=told[0],
        id=needed(event, "event_id"),
        at=seconds(event, "timestamp"),
        prospect=wishes.prospect(fields),
        person=person,
        campaign=wishes.campaign(fields),
        # One transmission may go to thousands, each of whom gets a mail.
        message=wishes.message(fields) or f"{needed(event, 'transmission_id')}:{person}",
        data={"bounce": told[1]} if told[1] else None,
    )


def _bounce(event: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """The type of a bounce and its kind; None when it proves nothing."""
    number = text(event, "bounce_class")
    if number is None or number not in BOUNCES:
        raise NotUnderstood("its `bounce_class` is none that is documented")
    return BOUNCES[number]
