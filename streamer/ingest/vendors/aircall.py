"""Aircall's webhook: a token in the body, one word for each thing that happens to a call.

One call is one touch, told by several words; its id is the same in all of them. Only calls that the
team makes are touches of a campaign: whatever is told of a call says that it was made, and a
prospect who calls back is no call made. Facts from its developer reference as quoted by a public
connector and a public collection of webhook examples.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from streamer.ingest.fields import inside, json_object, needed, number, seconds, text, without
from streamer.ingest.vendors import (
    Answer,
    Delivery,
    Item,
    NotUnderstood,
    RetryContract,
    Touchpoint,
    Vendor,
    Wishes,
)
from streamer.ingest.verification import body_secret

# It sends up to 50 times again, then disables the webhook; after 12 hours, as seen in public code.
# The seconds between are not documented.
RETRIES: Final = RetryContract(
    taken=Answer(200), away=503, refused=401, horizon=12 * 3600.0, delays=(), within=5.0
)

_strip: Final = without("token")


class _Proof(NamedTuple):
    """One milestone that a word proves, when, and what it tells of the call."""

    type: str
    at: float
    data: Mapping[str, Any] = {}


_Call = Mapping[str, Any]


def _created(call: _Call, sent: float, _: Wishes) -> Iterator[_Proof]:
    yield _Proof("phone.made", _at(call, "started_at", sent))


def _answered(call: _Call, sent: float, _: Wishes) -> Iterator[_Proof]:
    yield _Proof("phone.connected", _at(call, "answered_at", sent))


def _ended(call: _Call, sent: float, wishes: Wishes) -> Iterator[_Proof]:
    """Talk time is from the answer to the end: the vendor's `duration` holds the ringing too."""
    end, answer = _at(call, "ended_at", sent), number(call, "answered_at")
    if answer is None:
        yield _Proof("phone.unreached", end)
        return
    yield _Proof("phone.connected", answer)
    outcome = wishes.outcome(_tags(call, "name"))
    talk = {"duration": max(0, int(end - answer))}
    yield _Proof("phone.completed", end, talk | ({"outcome": outcome} if outcome else {}))


def _tagged(call: _Call, sent: float, wishes: Wishes) -> Iterator[_Proof]:
    """An outcome says that somebody talked: on a call that nobody answered it is none.

    Reps tag those too (« à rappeler »), and mean something else.
    """
    outcome = wishes.outcome(_tags(call, "name"))
    if outcome and number(call, "answered_at") is not None:
        yield _Proof("phone.completed", sent, {"outcome": outcome})


def _untagged(call: _Call, sent: float, wishes: Wishes) -> Iterator[_Proof]:
    """The call is sent as it now is: with none of our tags left, it came to nothing."""
    outcome = wishes.outcome(_tags(call, "name")) or "none"
    if wishes.outcomes() and number(call, "answered_at") is not None:
        yield _Proof("phone.completed", sent, {"outcome": outcome})


# Its words → what they prove of a call.
WORDS: Final[Mapping[str, Callable[[_Call, float, Wishes], Iterator[_Proof]]]] = {
    "call.created": _created,
    "call.answered": _answered,
    "call.ended": _ended,
    "call.tagged": _tagged,
    "call.untagged": _untagged,
}

# Understood, and no milestone. `call.ended` follows `call.hungup` and has all of it; a voicemail is
# left by a caller; a comment is free text.
IGNORED: Final = frozenset(
    {
        "call.ringing_on_agent",
        "call.agent_declined",
        "call.transferred",
        "call.unsuccessful_transfer",
        "call.hungup",
        "call.voicemail_left",
        "call.assigned",
        "call.commented",
        "call.archived",
        "call.comm_assets_generated",
    }
)
# Families of words that are about no call's course: `contact.created`, `transcription.created` …
FAMILIES: Final = frozenset({"contact", "user", "number", "transcription", "summary", "sentiment"})


def _tells(wishes: Wishes) -> frozenset[str]:
    facts = ("phone.made", "phone.connected", "phone.unreached", "phone.completed:duration")
    return frozenset(facts) | wishes.outcomes()


def _read(delivery: Delivery, wishes: Wishes) -> Iterator[Item]:
    event = json_object(delivery.body)
    raw = _strip(delivery.body)
    word = event.get("event")
    if not isinstance(word, str):
        raise NotUnderstood("its `event` is not a text")
    if word in wishes.ignore or word in IGNORED or word.partition(".")[0] in FAMILIES:
        yield Item(raw)
        return
    if word not in WORDS:
        raise NotUnderstood("its `event` is none that is documented")
    match inside(event, "data", "direction"):
        case "outbound":
            yield Item(raw, tuple(_touchpoints(word, event, wishes)))
        case "inbound":
            yield Item(raw)
        case _:
            raise NotUnderstood("its `data.direction` is none that is documented")


VENDOR: Final = Vendor(
    name="aircall",
    title="Aircall",
    proof="a token in the body",
    retries=RETRIES,
    verifier=body_secret("token"),
    read=_read,
    tells=_tells,
    strip=_strip,
    setup={
        "fr": (
            "Integrations & API > Webhooks > Create webhook (ou POST /v1/webhooks).",
            "URL : {url}",
            (
                "Cochez call.created, call.answered, call.ended, call.tagged et call.untagged ; "
                "les autres mots sont reçus et ignorés."
            ),
            "Copiez le token du webhook dans la variable que `secrets` nomme.",
            (
                "Dites dans `tags` ce que vos tags signifient, par exemple "
                '"RDV pris" = "meeting" ; s\'il y en a plusieurs, le premier de `tags` l\'emporte.'
            ),
        ),
        "en": (
            "Integrations & API > Webhooks > Create webhook (or POST /v1/webhooks).",
            "URL: {url}",
            (
                "Tick call.created, call.answered, call.ended, call.tagged and call.untagged; "
                "other words are taken and ignored."
            ),
            "Copy the webhook's token into the variable that `secrets` names.",
            (
                "Say in `tags` what your tags mean, such as "
                '"RDV pris" = "meeting"; where there are several, the first in `tags` stands.'
            ),
        ),
    },
    notes={
        "fr": (
            (
                "Aircall ne distingue pas un répondeur d'une personne : un appel auquel la "
                "messagerie du prospect a répondu compte comme abouti."
            ),
            (
                "L'issue d'un appel ne vient que de ses tags, et seulement si l'on y a répondu ; "
                "les commentaires ne sont pas lus, les réponses clés ne sont pas transmises."
            ),
            (
                "Seuls les appels sortants comptent. Aucun appel ne nomme sa campagne : elle vient "
                "de la source, sinon du numéro appelé."
            ),
        ),
        "en": (
            (
                "Aircall does not tell an answering machine from a person: a call that the "
                "prospect's voicemail answered counts as connected."
            ),
            (
                "A call's outcome comes from its tags only, and only when it was answered; "
                "comments are not read, key answers are not told."
            ),
            (
                "Only outbound calls count. No call names its campaign: it comes from the source, "
                "else from the number called."
            ),
        ),
    },
)


def _touchpoints(word: str, event: Mapping[str, Any], wishes: Wishes) -> Iterator[Touchpoint]:
    call: _Call = event["data"]
    message = needed(event, "data", "id")
    # None for « anonymous ».
    person = wishes.identities.phone(text(call, "raw_digits") or "")
    rep = wishes.rep(inside(call, "user", "id"), inside(call, "user", "email"))
    tags = ",".join(sorted(map(str, _tags(call, "id")))) if word in _OF_TAGS else ""
    for proof in WORDS[word](call, seconds(event, "timestamp"), wishes):
        yield Touchpoint(
            type=proof.type,
            # Not its timestamp: whether a retry has the same is not documented.
            id=":".join(filter(None, (word, message, proof.type.removeprefix("phone."), tags))),
            at=proof.at,
            person=person,
            message=message,
            data={**proof.data, **({"rep": rep} if rep else {})} or None,
        )


_OF_TAGS: Final = frozenset({"call.tagged", "call.untagged"})


def _at(call: _Call, name: str, sent: float) -> float:
    """A moment of the call; where it has none, that at which the word was sent."""
    found = number(call, name)
    return sent if found is None else found


def _tags(call: _Call, field: str) -> Iterator[Any]:
    """What a field says of each of the call's tags; the key may be missing or empty."""
    tags = call.get("tags") or []
    if not isinstance(tags, list) or not all(isinstance(tag, dict) for tag in tags):
        raise NotUnderstood("its `data.tags` is no list of objects")
    for tag in tags:
        yield tag.get(field)
