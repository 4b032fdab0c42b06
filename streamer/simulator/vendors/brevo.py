"""Mails told as Brevo's transactional webhook tells them, batched, with basic authentication.

Facts from its pages on transactional, batched and secured webhooks and from tested public code.
"""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.simulator.campaigns import CAMPAIGNS
from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known, seconds_of
from streamer.simulator.vendors import Attempt, Simulated, Written

# Under this key of the custom header each mail carries its campaign.
_CAMPAIGN: Final = "campaign"
# Our types → its words.
WORDS: Final[Mapping[str, str]] = {
    "email.sent": "request",
    "email.delivered": "delivered",
    "email.deferred": "deferred",
    "email.opened": "opened",
    "email.clicked": "click",
    "email.complained": "spam",
    "email.unsubscribed": "unsubscribed",
}
_BOUNCES: Final[Mapping[str, str]] = {"hard": "hard_bounce", "soft": "soft_bounce"}
_DETAILS: Final[Mapping[str, Mapping[str, str]]] = {
    "hard_bounce": {"reason": "550 5.1.1 unknown user"},
    "soft_bounce": {"reason": "452 4.2.2 mailbox full"},
    "deferred": {"reason": "451 4.7.1 try again later"},
    "click": {"link": "https://www.example.fr/offre"},
}


def _item(happening: Happening) -> dict[str, Any]:
    event = happening.event
    kind, at = event["type"], seconds_of(event)
    word = _BOUNCES[event["data"]["bounce"]] if kind == "email.bounced" else WORDS[kind]
    return {
        "event": word,
        "email": known(happening).email,
        "id": 7001,
        "message-id": event["message"],
        "ts_epoch": at * 1000,
        # In the account's own time zone: nobody should read these two.
        "ts": at + 3600,
        "ts_event": at + 3600,
        "subject": "Votre offre",
        "tags": [event["campaign"]],
        "X-Mailin-custom": json.dumps({_CAMPAIGN: event["campaign"]}),
        **_DETAILS.get(word, {}),
    }


def _write(happenings: Sequence[Happening], _secret: str) -> Written:
    items = [_item(each) for each in happenings]
    return Written(json.dumps(items[0] if len(items) == 1 else items).encode())


def _headers(attempt: Attempt) -> Mapping[str, str]:
    credentials = base64.b64encode(attempt.secret.encode()).decode()
    return {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}


SIMULATED: Final = Simulated(
    name="brevo",
    teller="mail",
    campaigns=frozenset(each.id for each in CAMPAIGNS if each.mailer == "brevo"),
    write=_write,
    headers=_headers,
    source={"campaign_from": _CAMPAIGN},
    # `batched` collects up to 500; so that a small campaign makes several requests, fewer here.
    batch=20,
    # Its events are often out of order.
    habits=Habits(late=0.25, again=0.03),
    touch=lambda number, _: f"<{number[:20]}@smtp-relay.mailin.fr>",
    secret=lambda: f"brevo:{secrets.token_urlsafe()}",
    untold=(
        "Replies: parsed ones have no sentiment, so the mailbox tells them instead.",
        "Two events of a mail of one word and one millisecond: it numbers none of them.",
    ),
)
