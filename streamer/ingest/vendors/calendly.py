"""Calendly's webhooks: one invitee a notification, signed with a time.

Facts from its developer documentation (webhook signatures, errors and timeouts; what changes when
an invitee reschedules) and from captured deliveries in public code.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest import options
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
    Wishes,
    always,
)
from streamer.ingest.verification import hmac_of, is_fresh, unhex

_HOUR: Final = 3_600.0
_SIGNATURE: Final = b"calendly-webhook-signature"

# It tries for 24 hours, less and less often; the hour more is for an attempt that starts just
# before they end. It advises to refuse what was signed more than three minutes ago, but does not
# say that a retry is signed anew: the first retries would be lost if it is not. A replay does no
# harm, since an event counts once, so the signed time is judged by the whole horizon.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=25 * _HOUR, delays=(), within=15.0
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    "invitee.created": "meeting.booked",
    "invitee.canceled": "meeting.canceled",
}
# Understood, and no milestone. A no-show had his meeting booked, which is what is counted.
IGNORED: Final = frozenset(
    {
        "invitee_no_show.created",
        "invitee_no_show.deleted",
        "routing_form_submission.created",
        "event_type.created",
        "event_type.updated",
        "event_type.deleted",
        "meeting_recap.created",
        "meeting_recap.updated",
        "meeting_recap.deleted",
        "contact.created",
        "contact.updated",
        "contact.deleted",
    }
)


def _field(delivery: Delivery, name: bytes) -> bytes | None:
    """A field of the signature's header, `t=…,v1=…`."""
    parts = (part.partition(b"=") for part in delivery.headers.get(_SIGNATURE, b"").split(b","))
    return next((value.strip() for key, _, value in parts if key.strip() == name), None)


def _signed(delivery: Delivery) -> bytes | None:
    timestamp = _field(delivery, b"t")
    if timestamp is None or not is_fresh(timestamp, delivery.received, RETRIES.horizon):
        return None
    return timestamp + b"." + delivery.body


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    body = json_object(delivery.body)
    word = needed(body, "event")
    if word in wishes.ignore or word in IGNORED:
        yield Item(delivery.body)
        return
    if word not in TYPES:
        raise NotUnderstood("its `event` is none that is documented")
    invitee = an_object(body.get("payload"), "its `payload`")
    if _is_half_of_a_move(word, invitee):
        yield Item(delivery.body)
        return
    tracking = passed(inside(invitee, "tracking"))
    channel = wishes.options["channel"] if word == "invitee.created" else None
    touchpoint = Touchpoint(
        type=TYPES[word],
        id=wishes.event_id(word, needed(invitee, "uri")),
        at=iso(body, "created_at"),
        prospect=wishes.prospect(tracking),
        person=wishes.identities.email(needed(invitee, "email")),
        campaign=wishes.campaign(tracking),
        message=wishes.message(tracking) if channel else None,
        data={"channel": channel} if channel else None,
    )
    yield Item(delivery.body, (touchpoint,))


def _is_half_of_a_move(word: str, invitee: Mapping[str, Any]) -> bool:
    """Whether this is a cancellation or a booking by which an invitee reschedules.

    The meeting is the one that its first booking told, so both halves prove nothing: telling the
    new booking as well would add a meeting, perhaps of a later touch. It cannot be told under the
    first one's id instead, as it names only its predecessor, which may have been moved itself.
    """
    if word == "invitee.created":
        return text(invitee, "old_invitee") is not None
    # One that was moved before and is now canceled for good has an `old_invitee` too.
    return invitee.get("rescheduled") is True


VENDOR: Final = Vendor(
    name="calendly",
    title="Calendly",
    proof="HMAC of the body and its time",
    retries=RETRIES,
    verifier=hmac_of(_signed, lambda delivery: unhex(_field(delivery, b"v1"))),
    read=_read,
    tells=always(*TYPES.values()),
    setup={
        "fr": (
            "Choisissez une clé de signature et mettez-la dans la variable que `secrets` nomme.",
            (
                "Créez l'abonnement par l'API : POST https://api.calendly.com/"
                'webhook_subscriptions avec url = "{url}", signing_key = la clé et events = '
                '["invitee.created", "invitee.canceled"].'
            ),
            (
                "Dans les liens de réservation que vous envoyez, ajoutez ?utm_campaign=CAMPAGNE"
                '&utm_content=PROSPECT, puis écrivez campaign_from = "utm_campaign" et '
                'prospect_from = "utm_content".'
            ),
            (
                "Si ces liens ne partent que sur un canal, écrivez par exemple "
                'channel = "email" : ses RDV lui seront attribués.'
            ),
        ),
        "en": (
            "Choose a signing key and put it into the variable that `secrets` names.",
            (
                "Create the subscription by the API: POST https://api.calendly.com/"
                'webhook_subscriptions with url = "{url}", signing_key = the key and events = '
                '["invitee.created", "invitee.canceled"].'
            ),
            (
                "In the booking links that you send, add ?utm_campaign=CAMPAIGN"
                '&utm_content=PROSPECT, then write campaign_from = "utm_campaign" and '
                'prospect_from = "utm_content".'
            ),
            (
                "If these links are sent on one channel only, write for instance "
                'channel = "email": their meetings are attributed to it.'
            ),
        ),
    },
    notes={
        "fr": (
            "Il faut un forfait payant.",
            (
                "Un RDV déplacé n'est ni une annulation ni un second RDV : seule la première "
                "réservation compte, à sa date."
            ),
            "Un RDV pris avant le branchement et déplacé après n'est pas compté : à importer.",
            (
                "Après 24 h d'échecs, Calendly désactive l'abonnement : il faut le recréer, et "
                "importer ce qui manque."
            ),
            "Les absences (no-show) ne sont pas comptées.",
        ),
        "en": (
            "It takes a paid plan.",
            (
                "A meeting that is moved is neither a cancellation nor a second meeting: only the "
                "first booking counts, at its time."
            ),
            "One that was booked before this was connected and moved after is missing: import it.",
            (
                "After 24 hours of failures Calendly disables the subscription: it must be created "
                "again, and what is missing imported."
            ),
            "No-shows are not counted.",
        ),
    },
    keys={"channel": options.channel},
)
