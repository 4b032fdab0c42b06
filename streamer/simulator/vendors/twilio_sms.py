"""SMS told as Twilio's signed status callbacks and inbound messages tell them.

Facts from Twilio's messaging guides and the validator of its official Python library: the signature
is an HMAC-SHA1, under the auth token, over the URL and every field of the form in order of name.
"""

import base64
import hashlib
import hmac
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known
from streamer.simulator.vendors import Attempt, Simulated, Written

# Twilio gives nothing back but the query of the URL that it calls.
_CAMPAIGN: Final = "campaign"
_NUMBER: Final = "+33757000000"
_ACCOUNT: Final = "AC00000000000000000000000000000001"
# Our types → its words.
WORDS: Final[Mapping[str, str]] = {
    "sms.sent": "sent",
    "sms.delivered": "delivered",
    "sms.failed": "undelivered",
}
# « Répondez 1 si oui, 2 si non, 3 pour une question »: what of it the source's tags name.
ANSWERS: Final[Mapping[str, str]] = {"positive": "1", "negative": "2", "neutral": "3"}


def _status(event: Mapping[str, Any], number: str) -> dict[str, str]:
    word = WORDS[event["type"]]
    fields = {
        "MessageSid": event["message"],
        "MessageStatus": word,
        "SmsSid": event["message"],
        "SmsStatus": word,
        "To": number,
        "From": _NUMBER,
    }
    return fields | ({"ErrorCode": "30005"} if word == "undelivered" else {})


def _received(event: Mapping[str, Any], number: str) -> dict[str, str]:
    sid = "SM" + hashlib.md5(event["id"].encode(), usedforsecurity=False).hexdigest()
    said = ANSWERS.get(event.get("data", {}).get("sentiment"), "STOP")
    fields = {
        "MessageSid": sid,
        "SmsMessageSid": sid,
        "SmsStatus": "received",
        "From": number,
        "To": _NUMBER,
        "Body": said,
        "NumMedia": "0",
        "NumSegments": "1",
        "FromCountry": "FR",
    }
    return fields | ({"OptOutType": "STOP"} if said == "STOP" else {})


def _write(happenings: Sequence[Happening], _secret: str) -> Written:
    (happening,) = happenings
    event, number = happening.event, known(happening).phone
    fields = (_status if event["type"] in WORDS else _received)(event, number)
    form = urllib.parse.urlencode(fields | {"AccountSid": _ACCOUNT, "ApiVersion": "2010-04-01"})
    # A sender asks for the campaign in each message's callback; replies come to the one URL of the
    # campaign's own number.
    query = urllib.parse.urlencode({_CAMPAIGN: event["campaign"]})
    return Written(form.encode(), query)


def _headers(attempt: Attempt) -> Mapping[str, str]:
    fields = urllib.parse.parse_qsl(attempt.body.decode(), keep_blank_values=True)
    signed = attempt.url + "".join(name + value for name, value in sorted(fields))
    digest = hmac.digest(attempt.secret.encode(), signed.encode(), hashlib.sha1)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": base64.b64encode(digest).decode(),
    }


SIMULATED: Final = Simulated(
    name="twilio_sms",
    teller="sms",
    write=_write,
    headers=_headers,
    source={
        "campaign_from": _CAMPAIGN,
        "tags": {said: meaning for meaning, said in ANSWERS.items()},
    },
    habits=Habits(late=0.1, again=0.02, longest=2.0),
    touch=lambda number, _: f"SM{number}",
    # With `#rc=5&rp=all` five more attempts, all within 15 seconds.
    assumed=(1.0, 2.0, 3.0, 3.5, 4.0),
    dates=False,
    untold=(
        "When something happened: its time is that of the reception.",
        "Which SMS a reply or a STOP answers.",
        "A sentiment but by the digit that the SMS asked for.",
    ),
)
