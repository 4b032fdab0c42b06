"""Allo's webhook, version 2: Standard Webhooks, one topic for each thing that happens.

One call is one touch, and `call.completed` alone names it (`cll_…`) and says who answered: the
topics that come before tell nothing of it that would not be told then. It does not say which way
the call went: the source says which numbers are its own, and a call from one of them is one that
the team made. A prospect who calls back is no call made. Facts from Allo's help center and tests in
public code.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamer.ingest.fields import inside, iso, json_object, needed, text
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
from streamer.ingest.verification import standard_webhooks

# Its schedule is not documented; the standard suggests three days, and whether a retry is signed
# anew is not documented either.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=72 * 3600.0, delays=(), known=False
)

_COMPLETED: Final = "call.completed"
# Its `result` → what it proves. A voicemail is nobody reached.
RESULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "ANSWERED": ("phone.connected", "phone.completed"),
    "VOICEMAIL": ("phone.unreached",),
}

# Understood, and no touch: `call.completed` tells of the call, what tags and SMS hold is not
# documented, and a contact is not an event of a campaign.
IGNORED: Final = frozenset(
    {
        "call.received",
        "call.triggered",
        "call.answered",
        "tag.added",
        "tag.removed",
        "sms.received",
        "sms.sent",
        "contact.created",
        "contact.updated",
    }
)

_E164: Final = re.compile(r"\+[1-9]\d{6,14}")


def _numbers(value: object) -> frozenset[str]:
    """Allo's own numbers, as its messages write them: E.164."""
    listed = value if isinstance(value, list) else []
    found = [re.sub(r"[\s.-]", "", each) for each in listed if isinstance(each, str)]
    if not found or len(found) != len(listed) or not all(map(_E164.fullmatch, found)):
        raise ValueError(
            'must list your Allo numbers, such as ["+33186000000"]: '
            "a call from one of them is one that you made"
        )
    return frozenset(found)


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    event = json_object(delivery.body)
    topic = event.get("topic")
    if not isinstance(topic, str):
        raise NotUnderstood("its `topic` is not a text")
    if topic in wishes.ignore or topic in IGNORED:
        yield Item(delivery.body)
        return
    if topic != _COMPLETED:
        raise NotUnderstood("its `topic` is none that is documented")
    ours = [text(event, "data", name) in wishes.options["numbers"] for name in _ENDS]
    match ours:
        case [True, False]:
            result = text(event, "data", "result")
            yield Item(delivery.body, tuple(_touchpoints(event, delivery, wishes)))
            if result not in RESULTS:
                # That the call was made is known, and counted; what came of it is kept for later.
                yield Item(
                    delivery.body, not_understood="its `data.result` is none that is documented"
                )
        case [False, True] | [True, True]:
            yield Item(delivery.body)
        case _:
            raise NotUnderstood("neither of its numbers is among `numbers`: add yours")


_ENDS: Final = ("from_number", "to_number")
_ID: Final = b"webhook-id"

VENDOR: Final = Vendor(
    name="allo",
    title="Allo",
    proof="HMAC of the body (Standard Webhooks)",
    retries=RETRIES,
    verifier=standard_webhooks("webhook", RETRIES.horizon),
    read=_read,
    reads_headers=frozenset({_ID}),
    tells=always("phone.made", "phone.connected", "phone.unreached", "phone.completed"),
    keys={"numbers": _numbers},
    setup={
        "fr": (
            "Créez le webhook (version 2) par l'API : POST /v2/api/webhooks, URL : {url}",
            "Demandez call.completed ; les autres sujets sont reçus et ignorés.",
            (
                "Copiez le signing_secret (whsec_…), affiché une seule fois, dans la variable que "
                "`secrets` nomme."
            ),
            'Listez vos numéros Allo, par exemple numbers = ["+33186000000"].',
        ),
        "en": (
            "Create the webhook (version 2) by API: POST /v2/api/webhooks, URL: {url}",
            "Ask for call.completed; other topics are taken and ignored.",
            (
                "Copy the signing_secret (whsec_…), which is shown once, into the variable that "
                "`secrets` names."
            ),
            'List your Allo numbers, such as numbers = ["+33186000000"].',
        ),
    },
    notes={
        "fr": (
            "Un appel est compté une fois terminé ; sa durée n'est pas lue.",
            "L'issue d'un appel n'est pas lue : le contenu des tags n'est pas publié.",
            (
                "Seuls les appels sortants comptent. Aucun appel ne nomme sa campagne : elle vient "
                "de la source, sinon du numéro appelé. Les SMS d'Allo ne sont pas lus."
            ),
        ),
        "en": (
            "A call is counted once it has ended; its duration is not read.",
            "A call's outcome is not read: what tags hold is not published.",
            (
                "Only outbound calls count. No call names its campaign: it comes from the source, "
                "else from the number called. Allo's SMS are not read."
            ),
        ),
    },
)


def _touchpoints(
    event: Mapping[str, Any], delivery: Delivery, wishes: Wishes
) -> Iterator[Touchpoint]:
    message = needed(event, "data", "id")
    number = delivery.headers.get(_ID, b"").decode("latin-1")
    started = inside(event, "data", "started_at")
    at = iso(event, "timestamp") if started is None else iso(event, "data", "started_at")
    rep = wishes.rep(None, inside(event, "data", "user_email"))
    for proof in RESULTS.get(text(event, "data", "result") or "", ("phone.made",)):
        yield Touchpoint(
            type=proof,
            id=f"{number}:{proof.removeprefix('phone.')}",
            at=at,
            person=wishes.identities.phone(needed(event, "data", "to_number")),
            message=message,
            data={"rep": rep} if rep else None,
        )
