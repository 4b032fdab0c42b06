"""Deals told as Pipedrive's webhooks (v2) tell them, with basic authentication.

The person is a number of the CRM, which the prospect list names. Pipedrive names no campaign: until
events without one find it by the person, each campaign has a source of its own.
Facts from its guide for webhooks v2.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from streamer.simulator.delivery import Habits
from streamer.simulator.happening import Happening, known
from streamer.simulator.vendors import Attempt, Simulated, Written

_QUALIFIED: Final = 5
_OPEN: Final[Mapping[str, object]] = {"status": "open"}
# Our types → what a deal has come to, and what it was before.
CHANGES: Final[Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]]] = {
    "lead.qualified": ({"status": "open", "stage_id": _QUALIFIED}, {"stage_id": 2}),
    "customer.won": ({"status": "won", "stage_id": 7}, _OPEN),
}


def _write(happenings: Sequence[Happening], _secret: str) -> Written:
    (happening,) = happenings
    event, person = happening.event, int(known(happening).record)
    now, before = CHANGES[event["type"]]
    number = hashlib.sha256(event["id"].encode()).hexdigest()
    body: dict[str, Any] = {
        "meta": {
            "action": "change",
            "entity": "deal",
            "entity_id": str(person),
            "id": number[:32],
            "correlation_id": number[32:],
            "timestamp": event["time"].replace("Z", ".000Z"),
            "type": "general",
            "version": "2.0",
            "webhook_id": "456",
            "change_source": "app",
            "is_bulk_edit": False,
            "attempt": 1,
            "company_id": "123",
            "user_id": "7",
        },
        "data": {
            "id": person,
            "title": "Jeanne Martin",
            "pipeline_id": 2,
            "person_id": person,
            "owner_id": 7,
            "value": 1200,
            "currency": "EUR",
            "custom_fields": {},
            **now,
        },
        "previous": dict(before),
    }
    return Written(json.dumps(body).encode())


def _headers(attempt: Attempt) -> Mapping[str, str]:
    credentials = base64.b64encode(attempt.secret.encode()).decode()
    return {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}


SIMULATED: Final = Simulated(
    name="pipedrive",
    teller="deals",
    write=_write,
    headers=_headers,
    source={"stages": {str(_QUALIFIED): "lead.qualified"}},
    names_campaign=False,
    habits=Habits(late=0.05, again=0.0),
    secret=lambda: f"pipedrive:{secrets.token_urlsafe()}",
    untold=("Its campaign.",),
)
