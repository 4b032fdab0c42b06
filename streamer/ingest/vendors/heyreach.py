"""HeyReach's webhooks: one URL for each event, whose word is in the URL, not in the body.

Nothing proves a request but the secret in its URL. No word names an invitation, so the touch is the
profile: a campaign invites it once, and which campaign is told apart from it. Facts from public
code that reads real deliveries; the official payloads are not published.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.events import parse_time
from streamer.ingest.fields import inside, json_object, needed, text
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
from streamer.ingest.verification import path_secret

# A day of retries is what is seen of it.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=24 * 3600.0, delays=()
)

# The word in the URL, HeyReach's own in lower case → ours.
WORDS: Final[Mapping[str, str]] = {
    "connection_request_sent": "linkedin.invited",
    "connection_request_accepted": "linkedin.accepted",
    "message_sent": "linkedin.messaged",
    "message_reply_received": "linkedin.replied",
}
# Only the words about messages are of the time of the newest one.
_OF_MESSAGES: Final = frozenset({"linkedin.messaged", "linkedin.replied"})

# Understood, and no milestone. An InMail is no invitation, and a message or a reply would say that
# one was accepted; which tag a lead was given is not documented. `every_message_reply_received`
# repeats the replies to campaigns, and adds what strangers write.
IGNORED: Final = frozenset(
    {
        "every_message_reply_received",
        "inmail_sent",
        "inmail_reply_received",
        "follow_sent",
        "liked_post",
        "viewed_profile",
        "campaign_completed",
        "lead_tag_updated",
    }
)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    word = delivery.kind
    if word is not None and (word in IGNORED or word in wishes.ignore):
        yield Item(delivery.body)
        return
    if word is None or word not in WORDS:
        raise NotUnderstood("its URL does not end with a word that is documented")
    yield Item(delivery.body, (_touchpoint(word, json_object(delivery.body), delivery, wishes),))


VENDOR: Final = Vendor(
    name="heyreach",
    title="HeyReach",
    proof="a secret in the URL",
    retries=RETRIES,
    verifier=path_secret(),
    read=_read,
    tells=always(*WORDS.values()),
    secret_in_path=True,
    kinds=tuple(WORDS),
    setup={
        "fr": (
            "Settings > Webhooks > Add Webhook, une fois pour chaque événement.",
            "L'URL de chacun : {url}",
            (
                "Le dernier mot de l'URL est celui de l'événement, en minuscules, par exemple "
                "connection_request_sent pour CONNECTION_REQUEST_SENT."
            ),
            (
                "Pour les réponses, choisissez MESSAGE_REPLY_RECEIVED : "
                "EVERY_MESSAGE_REPLY_RECEIVED contient aussi des conversations hors campagne."
            ),
            (
                'campaign_from = "campaignId" donne la campagne de HeyReach, que `campaigns` peut '
                "renommer."
            ),
        ),
        "en": (
            "Settings > Webhooks > Add Webhook, once for each event.",
            "The URL of each: {url}",
            (
                "The URL's last word is the event's, in lower case, such as "
                "connection_request_sent for CONNECTION_REQUEST_SENT."
            ),
            (
                "For replies choose MESSAGE_REPLY_RECEIVED: EVERY_MESSAGE_REPLY_RECEIVED holds "
                "conversations outside campaigns as well."
            ),
            (
                'campaign_from = "campaignId" gives HeyReach\'s campaign, which `campaigns` may '
                "rename."
            ),
        ),
    },
    notes={
        "fr": (
            "HeyReach ne dit ni qu'un message est lu, ni le sentiment d'une réponse.",
            (
                "Ses envois ne portent pas toujours d'heure : celle de la réception est prise, et "
                "pour un message celle du plus récent de la conversation."
            ),
            "Les InMails ne comptent pas : ce ne sont pas des invitations.",
            (
                "Un message à quelqu'un qui était déjà une relation compte comme une invitation "
                "acceptée : rien ne dit quand la relation est née."
            ),
        ),
        "en": (
            "HeyReach tells neither that a message was read nor the sentiment of a reply.",
            (
                "What it sends does not always have a time: that of the reception is taken, and "
                "for a message that of the newest in the conversation."
            ),
            "InMails do not count: they are no invitations.",
            (
                "A message to somebody who was a connection already counts as an accepted "
                "invitation: nothing says when the connection was made."
            ),
        ),
    },
)


def _touchpoint(
    word: str, event: Mapping[str, Any], delivery: Delivery, wishes: Wishes
) -> Touchpoint:
    person = wishes.identities.linkedin(needed(event, "lead", "profile_url"))
    if person is None:
        raise NotUnderstood("its `lead.profile_url` is no profile")
    newest = max(_written(event), default=None)
    told = _moment(event.get("timestamp"))
    if told is None and WORDS[word] in _OF_MESSAGES:
        told = newest
    named = _campaign(event)
    # An invitation has neither a conversation nor a time: the next campaign's would look the same.
    campaign = named["campaignId"] or named["campaignName"]
    return Touchpoint(
        type=WORDS[word],
        id=wishes.event_id(word, person, campaign, text(event, "conversation_id"), newest),
        at=delivery.received if told is None else told,
        person=person,
        campaign=wishes.campaign(named),
        message=wishes.identities.touch(person),
    )


def _campaign(event: Mapping[str, Any]) -> Mapping[str, str | None]:
    """Its number stands beside the lead or in an object of its own."""
    number = text(event, "campaignId") or text(event, "campaign", "id")
    return {"campaignId": number, "campaignName": text(event, "campaign", "name")}


def _written(event: Mapping[str, Any]) -> Iterator[float]:
    """When each message of the conversation was written."""
    messages = event.get("recent_messages")
    for message in messages if isinstance(messages, list) else ():
        moment = _moment(inside(message, "creation_time"))
        if moment is not None:
            yield moment


def _moment(value: object) -> float | None:
    """A time with an offset; what is none is as good as absent, since the format is not sure."""
    micros = parse_time(value) if isinstance(value, str) else None
    return None if micros is None else micros / 1_000_000
