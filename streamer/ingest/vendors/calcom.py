"""Cal.com's webhooks: one booking a notification, signed without a time.

Facts from its documentation and public source (calcom/cal.com).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest import options
from streamer.ingest.fields import an_object, iso, json_object, needed, text
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
from streamer.ingest.verification import hmac_of, unhex

# Whether and when it tries again is not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=0, delays=(), known=False
)

# Its words → ours.
TYPES: Final[Mapping[str, str]] = {
    "BOOKING_CREATED": "meeting.booked",
    "BOOKING_CANCELLED": "meeting.canceled",
}
# Understood, and no milestone. A booking that is moved is the meeting that its first booking told;
# one that is requested is not booked yet, and when it is, that is told as BOOKING_CREATED.
IGNORED: Final = frozenset(
    {
        "BOOKING_RESCHEDULED",
        "BOOKING_REQUESTED",
        "BOOKING_REJECTED",
        "BOOKING_PAID",
        "BOOKING_PAYMENT_INITIATED",
        "BOOKING_NO_SHOW_UPDATED",
        "MEETING_STARTED",
        "MEETING_ENDED",
        "RECORDING_READY",
        "RECORDING_TRANSCRIPTION_GENERATED",
        "FORM_SUBMITTED",
        "FORM_SUBMITTED_NO_EVENT",
        "INSTANT_MEETING",
        "OOO_CREATED",
        "AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
        "AFTER_GUESTS_CAL_VIDEO_NO_SHOW",
        # The test of its settings page.
        "PING",
    }
)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    body = json_object(delivery.body)
    word = needed(body, "triggerEvent")
    if word in wishes.ignore or word in IGNORED:
        yield Item(delivery.body)
        return
    if word not in TYPES:
        raise NotUnderstood("its `triggerEvent` is none that is documented")
    booking = an_object(body.get("payload"), "its `payload`")
    if word == "BOOKING_CREATED" and text(booking, "rescheduleUid"):
        # Moved, and then confirmed by the host.
        yield Item(delivery.body)
        return
    fields = passed(booking.get("metadata"))
    channel = wishes.options["channel"] if word == "BOOKING_CREATED" else None
    touchpoint = Touchpoint(
        type=TYPES[word],
        id=wishes.event_id(word, needed(booking, "uid")),
        at=iso(body, "createdAt"),
        prospect=wishes.prospect(fields),
        person=wishes.identities.email(_booker(booking)),
        campaign=wishes.campaign(fields),
        message=wishes.message(fields) if channel else None,
        data={"channel": channel} if channel else None,
    )
    yield Item(delivery.body, (touchpoint,))


def _booker(booking: Mapping[str, Any]) -> str:
    """The address of who booked: the first attendee, the guests that he brings come after."""
    attendees = booking.get("attendees")
    if not isinstance(attendees, list) or not attendees:
        raise NotUnderstood("its `payload.attendees` names nobody")
    return needed(an_object(attendees[0], "its `payload.attendees`"), "email")


VENDOR: Final = Vendor(
    name="calcom",
    title="Cal.com",
    proof="HMAC of the body",
    retries=RETRIES,
    verifier=hmac_of(
        lambda delivery: delivery.body,
        lambda delivery: unhex(delivery.headers.get(b"x-cal-signature-256")),
    ),
    read=_read,
    tells=always(*TYPES.values()),
    setup={
        "fr": (
            "Settings > Developer > Webhooks > New ; Subscriber URL : {url}",
            "Event triggers : Booking created, Booking canceled et Booking rescheduled.",
            "Secret : choisissez-en un et mettez-le dans la variable que `secrets` nomme.",
            "Laissez « Custom payload template » désactivé : un modèle changerait tout.",
            (
                "Dans les liens que vous envoyez, ajoutez ?metadata[cmp]=CAMPAGNE&metadata[id]="
                'PROSPECT, puis écrivez campaign_from = "cmp" et prospect_from = "id".'
            ),
            (
                "Si ces liens ne partent que sur un canal, écrivez par exemple "
                'channel = "email" : ses RDV lui seront attribués.'
            ),
        ),
        "en": (
            "Settings > Developer > Webhooks > New; Subscriber URL: {url}",
            "Event triggers: Booking created, Booking canceled and Booking rescheduled.",
            "Secret: choose one and put it into the variable that `secrets` names.",
            'Leave "Custom payload template" off: a template would change everything.',
            (
                "In the links that you send, add ?metadata[cmp]=CAMPAIGN&metadata[id]=PROSPECT, "
                'then write campaign_from = "cmp" and prospect_from = "id".'
            ),
            (
                "If these links are sent on one channel only, write for instance "
                'channel = "email": their meetings are attributed to it.'
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Un RDV déplacé n'est ni une annulation ni un second RDV : seule la première "
                "réservation compte, à sa date."
            ),
            "Un RDV pris avant le branchement et déplacé après n'est pas compté : à importer.",
            "Seul celui qui réserve compte, pas les invités qu'il ajoute.",
            "Ses nouvelles tentatives ne sont pas documentées : vérifiez après une panne.",
            "Les absences (no-show) ne sont pas comptées.",
        ),
        "en": (
            (
                "A meeting that is moved is neither a cancellation nor a second meeting: only the "
                "first booking counts, at its time."
            ),
            "One that was booked before this was connected and moved after is missing: import it.",
            "Only whoever books counts, not the guests that he adds.",
            "Whether it tries again is not documented: check after an outage.",
            "No-shows are not counted.",
        ),
    },
    keys={"channel": options.channel},
)
