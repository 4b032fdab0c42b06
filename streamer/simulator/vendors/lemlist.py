"""Invitations and messages on LinkedIn told as lemlist's webhook tells them: a secret in the body.

Its leads have no mail address here, as leads found on LinkedIn: the prospect list names them.
Facts from lemlist's developer reference and public connectors.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known
from streamer.simulator.vendors import BY_CODE, CODES, Attempt, Simulated, Written

# Our types → its words.
WORDS: Final[Mapping[str, str]] = {
    "linkedin.invited": "linkedinInviteDone",
    "linkedin.accepted": "linkedinInviteAccepted",
    "linkedin.messaged": "linkedinSent",
    "linkedin.read": "linkedinOpened",
    "linkedin.replied": "linkedinReplied",
}
# Of a reply that the team has judged.
_JUDGED: Final[Mapping[str, str]] = {
    "positive": "linkedinInterested",
    "negative": "linkedinNotInterested",
}


def _word(event: Mapping[str, Any]) -> str:
    return _JUDGED.get(event.get("data", {}).get("sentiment"), WORDS[event["type"]])


def _write(happenings: Sequence[Happening], secret: str) -> Written:
    (happening,) = happenings
    event, code = happening.event, CODES[happening.event["campaign"]]
    digest = hashlib.sha256(event["id"].encode()).hexdigest()
    activity = {
        "_id": f"act_{digest[:20]}",
        "type": _word(event),
        "createdAt": event["time"].replace("Z", ".000Z"),
        "teamId": "tea_1",
        "leadId": known(happening).lead,
        "campaignId": f"cam_{code}",
        "campaignName": event["campaign"],
        "sequenceId": f"seq_{code}",
        "sequenceStep": 2,
        "stepId": "stp_2",
        "sendUserId": "usr_7",
        "isFirst": True,
        "secret": secret,
    }
    return Written(json.dumps(activity).encode())


def _headers(_: Attempt) -> Mapping[str, str]:
    return {"Content-Type": "application/json"}


SIMULATED: Final = Simulated(
    name="lemlist",
    teller="linkedin",
    write=_write,
    headers=_headers,
    source={
        "campaign_from": "campaignId",
        "campaigns": {f"cam_{code}": name for code, name in BY_CODE.items()},
    },
    habits=Habits(late=0.1, again=0.03),
    touch=lambda _, contact: contact.lead,
    # Whether it tries again is not documented: three times within a day is an assumption.
    assumed=(600.0, 3_600.0, 21_600.0),
    untold=("That a reply is neutral: it only says interested and not interested.",),
)
