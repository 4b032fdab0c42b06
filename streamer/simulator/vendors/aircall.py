"""Calls told as Aircall's webhook tells them: a token in the body, one word a request.

What a call came to is told by tags after it has ended. Aircall names no campaign: until events
without one find it by the number called, each campaign has a source of its own.
Facts from its developer reference as quoted by a public connector and public examples.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.simulator.campaigns import REPS
from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Call, Happening, known, seconds_of
from streamer.simulator.vendors import Attempt, Simulated, Written

# Outcomes → the team's tags; a tag's number is its place.
TAGS: Final[Mapping[str, str]] = {
    "meeting": "RDV pris",
    "callback": "À rappeler",
    "negative": "Pas intéressé",
    "off_target": "Hors cible",
    "none": "Sans suite",
}
# Its numbers of the reps.
USERS: Final[Mapping[str, int]] = {rep: 701 + place for place, rep in enumerate(REPS)}


def _word(event: Mapping[str, Any]) -> str:
    match event["type"]:
        case "phone.made":
            return "call.created"
        case "phone.connected":
            return "call.answered"
    return "call.tagged" if "outcome" in event["data"] else "call.ended"


def _tag(outcome: str) -> dict[str, Any]:
    return {"id": 30 + list(TAGS).index(outcome), "name": TAGS[outcome]}


def _write(happenings: Sequence[Happening], secret: str) -> Written:
    (happening,) = happenings
    event, call = happening.event, happening.call
    if call is None:
        raise ValueError(f"{event['type']} is of no call")
    word, data = _word(event), event["data"]
    told = {
        "id": int(event["message"]),
        "direction": "outbound",
        "status": {"call.created": "initial", "call.answered": "answered"}.get(word, "done"),
        "raw_digits": known(happening).phone,
        "user": {"id": USERS[data["rep"]], "email": f"{data['rep']}@example.com"},
        "number": {"id": 3, "digits": "+33186000000"},
        "comments": [],
        "tags": [_tag(data["outcome"])] if "outcome" in data else [],
        **_times(word, call),
    }
    body = {
        "resource": "call",
        "event": word,
        "timestamp": seconds_of(event),
        "token": secret,
        "data": told,
    }
    return Written(json.dumps(body).encode())


def _times(word: str, call: Call) -> dict[str, int | None]:
    """What is known of the call when the word is told."""
    answered = int(call.answers) if call.talk and word != "call.created" else None
    ended = int(call.ends) if word in {"call.ended", "call.tagged"} else None
    return {
        "started_at": int(call.starts),
        "answered_at": answered,
        "ended_at": ended,
        # From the start to the end, as Aircall has it: the ringing counts.
        "duration": call.ringing + call.talk if ended else None,
    }


def _headers(_: Attempt) -> Mapping[str, str]:
    return {"Content-Type": "application/json"}


SIMULATED: Final = Simulated(
    name="aircall",
    teller="telephony",
    write=_write,
    headers=_headers,
    source={
        "tags": {tag: outcome for outcome, tag in TAGS.items()},
        "reps": {str(number): rep for rep, number in USERS.items()},
    },
    names_campaign=False,
    # The words of one call come at once when it has ended, and overtake each other.
    habits=Habits(late=0.15, again=0.03),
    touch=lambda number, _: str(int(number[:12], 16)),
    # Up to 50 more attempts, within 12 hours as seen; the seconds between are not documented.
    assumed=(864.0,) * 50,
    untold=(
        "Its campaign.",
        "Whether a person answered or a machine.",
        "How many key questions were answered: the rep's own form tells it.",
    ),
)
